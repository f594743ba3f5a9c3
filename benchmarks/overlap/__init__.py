"""Estimates from overlapping lists: coverage where the toll is known, and speed."""
