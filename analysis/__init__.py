"""The arithmetic: arrays in, results out."""
