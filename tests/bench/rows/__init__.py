"""One module a row: what is measured, against which peer, and what is demanded of it."""
