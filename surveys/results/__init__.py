"""Locked waves: their files, their figures, and what is read of them."""
