"""The use cases of the extractor, by subject: each reads, decides in the domain, and writes."""
