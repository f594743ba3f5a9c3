"""Provisional."""

from __future__ import annotations

from undercount.estimators.overlap.lower_bound import LowerBound


class LatentClass(LowerBound):
    """Provisional."""
