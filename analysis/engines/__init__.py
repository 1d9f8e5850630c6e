"""What reads the rows: each engine carries out the same description of the pass."""
