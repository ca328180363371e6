"""Snapshots and their history, published atomically per company and per family."""
