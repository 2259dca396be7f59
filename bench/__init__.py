"""Measurements behind docs/benchmarks.md. They borrow the tests' servers and the tests' phone."""
