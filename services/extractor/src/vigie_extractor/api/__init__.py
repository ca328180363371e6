"""The HTTP interface of the extractor, by subject."""
