"""Measurements. They print tables and judge nothing; docs/benchmarks.md keeps the last ones."""
