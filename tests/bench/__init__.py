"""Speed and memory as ratios to peers: `python -m tests.bench`, described in README.md."""
