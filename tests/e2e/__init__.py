"""A figure's whole way, through real processes, as its users go it."""
