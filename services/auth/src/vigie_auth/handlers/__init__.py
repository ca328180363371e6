"""The use cases of auth, by subject: read, decide in the domain, write; each announces what it changed."""
