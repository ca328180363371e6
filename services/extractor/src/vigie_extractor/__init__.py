"""Sources, extraction runs and the computation of the indicators."""
