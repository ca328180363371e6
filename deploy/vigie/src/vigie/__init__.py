"""The command line `vigie` and the one-process target: the one place that imports several services."""
