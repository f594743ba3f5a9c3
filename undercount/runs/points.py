"""Named moments of a run, at which tests make a fault; nothing happens at them otherwise."""

from __future__ import annotations

from typing import Final

POINTS: Final = (
    "ingest: written",
    "ingest: committed",
    "run: begun",
    "run: sampled",
    "run: files stored",
    "run: written",
    "run: committed",
    "run: published",
)


def reached(point: str) -> None:
    """Pass a moment; `point` is one of `POINTS`."""
