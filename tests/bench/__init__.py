"""Benchmarks: what `make bench` measures: figures beside their limits. They fail no build."""
