"""Stand-ins for a neighbouring service, written by hand and served over real HTTP."""
