"""Wrong computations made by hand, each of which the comparison has to notice: the proof that it would."""
