"""Estimators of the toll from overlapping lists of victims."""
