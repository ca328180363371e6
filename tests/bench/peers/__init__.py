"""What Vigie is measured against: each a program of its own that does the bare work and nothing else."""
