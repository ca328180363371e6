"""The 17 indicators. periods -> sales and accounting (one scan a table) -> ranking -> families -> result."""
