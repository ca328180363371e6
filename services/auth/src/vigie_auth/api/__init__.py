"""The HTTP calls of auth, by who makes them."""
