"""Data sets: real samples by index."""
