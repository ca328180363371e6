"""What it takes to publish, and in which order publications stand. No input or output."""
