"""The record: what is asked, of whom, and what came back."""
