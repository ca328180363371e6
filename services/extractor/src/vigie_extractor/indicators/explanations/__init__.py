"""What every published amount is made of (R14): rows, the rest as one sum, and the rounding, which add up to it."""
