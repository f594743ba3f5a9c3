"""Matched lists as arrays of a design: the deaths that each table is about, and the curve of its likelihood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.models.joint.curve import KNOTS, Curve, flat_curve, tabulate
from undercount.models.joint.likelihood import OverlapLikelihood, overlap_likelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.lists import MatchedIncidents, Table
    from undercount.models.strata import Index

CURVE = ("knot", "value", "slope")
"""Fields of `Overlap` that are data of a compiled model."""


@dataclass(frozen=True)
class Overlap:
    """S tables of matched lists, no two about the same death; none where a case has no lists."""

    tables: tuple[Table | MatchedIncidents, ...]
    start: Index
    end: Index
    """(S,) days [start, end) of each table."""
    strata: tuple[Index, ...]
    events: tuple[Index, ...]
    """Cells of named incidents that each table is about too."""
    knot: Any
    """(S, knots) log Λ."""
    value: Any
    slope: Any
    variance: NDArray[np.float64]
    """As in `models.joint.curve`."""

    @classmethod
    def of(
        cls,
        tables: Sequence[Table | MatchedIncidents],
        days: Sequence[slice],
        strata: Sequence[Index],
        events: Sequence[Index],
    ) -> Overlap:
        """Tabulate the likelihood of each table.

        Parameters
        ----------
        tables : sequence of Table or MatchedIncidents
        days : sequence of slice
        strata, events : sequence of ndarray
            What each table is about, as numbers of strata and of cells of incidents.
        """
        start, end = (np.array([getattr(d, name) for d in days], dtype=np.int64) for name in ("start", "stop"))
        return cls(tuple(tables), start, end, tuple(strata), tuple(events), *_curves(tables))

    @property
    def count(self) -> int:
        """Number of tables."""
        return len(self.tables)

    @property
    def labels(self) -> tuple[str, ...]:
        """The stratum of each table; "all" where there are none."""
        return tuple(table.stratum or "all" for table in self.tables)

    @property
    def observed(self) -> Index:
        """(S,) how many victims are on any list."""
        return np.array([table.observed for table in self.tables], dtype=np.int64)

    @property
    def likelihoods(self) -> tuple[OverlapLikelihood | None, ...]:
        """What each table says of the number of dead, if anything."""
        return tuple(overlap_likelihood(table) for table in self.tables)

    def without(self, sources: Collection[str]) -> Overlap:
        """Leave out the lists of some sources; who was on these only drops out."""
        gone = [tuple(name for name in table.names if name in sources) for table in self.tables]
        if not any(gone):
            return self
        tables = tuple(table.without(*names) for table, names in zip(self.tables, gone, strict=True))
        knot, value, slope, variance = _curves(tables)
        return replace(self, tables=tables, knot=knot, value=value, slope=slope, variance=variance)

    def tolls(self, xp: Any, deaths: Any, events: Any) -> Any:
        """Expected toll of each table's scope.

        Parameters
        ----------
        xp : module
            numpy for batches of draws, pytensor.tensor for the graph.
        deaths : array, shape (..., T, C)
        events : array, shape (..., cells), or None
            As in `models.intensity.State`.

        Returns
        -------
        array, shape (..., S)
        """
        found = []
        for start, end, strata, cells in zip(self.start, self.end, self.strata, self.events, strict=True):
            toll = deaths[..., int(start) : int(end), :][..., strata].sum(axis=(-2, -1))
            found.append(toll + events[..., cells].sum(axis=-1) if cells.size else toll)
        return xp.stack(found, axis=-1)

    def log_density(self, xp: Any, tolls: Any) -> Any:
        """Log likelihood of each table at expected tolls of its scope, both of shape (..., S)."""
        x, table = xp.log(tolls), np.arange(self.count)
        first, last = self.knot[:, 0], self.knot[:, -1]
        inside = xp.clip(x, first, last)
        left = xp.clip((inside[..., None] >= self.knot).sum(axis=-1) - 1, 0, KNOTS - 2)
        width = self.knot[table, left + 1] - self.knot[table, left]
        t = (inside - self.knot[table, left]) / width
        rise = self.value[table, left + 1] - self.value[table, left]
        begun, ended = self.slope[table, left] * width - rise, self.slope[table, left + 1] * width - rise
        cubic = self.value[table, left] + t * (rise + (1.0 - t) * ((1.0 - t) * begun - t * ended))
        return cubic + self.slope[:, 0] * xp.minimum(x - first, 0.0) + self.slope[:, -1] * xp.maximum(x - last, 0.0)


def _curves(tables: Sequence[Table | MatchedIncidents]) -> list[NDArray[np.float64]]:
    found = [_curve(table) for table in tables]
    return [np.array([getattr(one, name) for one in found]).reshape(-1, KNOTS) for name in Curve._fields]


@lru_cache(maxsize=256)
def _curve(table: Table | MatchedIncidents) -> Curve:
    likelihood = overlap_likelihood(table)
    return flat_curve() if likelihood is None else tabulate(likelihood)
