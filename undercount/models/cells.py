"""What a report covers, as days and strata: claims, and the cells and pieces that they are cut into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One used report as geometry: days and strata (or one incident), and the interval of its count."""

    report: int
    start: int
    end: int
    """First and last day, inclusive, counted from the first day of the timeline."""
    low: float
    high: float
    readings: tuple[tuple[float, frozenset[int]], ...]
    """Probability and strata of each reading of a contested attribution; one reading if stated."""
    incident: int | None = None
    published: int | None = None
    """Day of publication, counted likewise, where the source documents with a lag; no day of the window is later."""

    @property
    def is_point(self) -> bool:
        """Whether the report fixes one count."""
        return self.low == self.high


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """Deaths in a stratum from day `start` up to but not including `end`, or those of an incident.

    Of a source with a lag, those that it documents after day `after` (-1: from the death on) and by day `by`.
    """

    stratum: int
    start: int
    end: int
    incident: int = -1
    after: int = -1
    by: int = -1
    """-1 without a lag."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Cells whose deaths the same reports cover, and the report with the shortest window among these."""

    cells: tuple[Cell, ...]
    report: int
