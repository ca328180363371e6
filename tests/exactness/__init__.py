"""The independent proof of the figures: a plain reference, random dossiers, and the product compared on them."""
