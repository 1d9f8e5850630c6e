"""From answers to weights: every factor stored, every rule decided beforehand."""
