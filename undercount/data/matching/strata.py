"""Incidents that are alike: strata by place and size, in each of which several sources saw enough of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    type Array = NDArray[np.float64]
    type Whole = NDArray[np.int64]

FEWEST: Final = 25
"""Incidents that two sources saw, on average over the linkages, below which a stratum is joined with another."""
ELSEWHERE: Final = "other areas"


class Drawn(NamedTuple):
    """The incidents of a drawn linkage."""

    pattern: Whole
    """Which sources saw each: bit by source."""
    size: Array
    """Its dead."""
    area: Whole
    """Number of its area; 0 where none is named."""


class Stratum(NamedTuple):
    """Incidents of some areas, from one size on and below another."""

    areas: tuple[int, ...]
    least: float
    most: float

    def holds(self, drawn: Drawn) -> NDArray[np.bool_]:
        """Which incidents are in it."""
        return np.isin(drawn.area, self.areas) & (drawn.size >= self.least) & (drawn.size < self.most)

    def label(self, names: Sequence[str]) -> str:
        """Say in words what it is."""
        where = names[self.areas[0]] if len(self.areas) == 1 else ""
        size = f"{self.least:g} or more dead" if np.isinf(self.most) else f"{self.least:g} to below {self.most:g} dead"
        return f"{where or ELSEWHERE}, {size}"


def strata_of(drawn: Sequence[Drawn], name: str) -> list[Stratum]:
    """Part the incidents of all linkages.

    Each area in which at least `FEWEST` incidents were seen by two sources is by itself, all others are together; and
    in each of them sizes from a power of two on, again with so many.

    Parameters
    ----------
    drawn : sequence of Drawn
    name : str
        Of the lists, in messages.

    Raises
    ------
    EvidenceError
        If there are not so many in all areas together.
    """
    incidents = Drawn(*(np.concatenate(each) for each in zip(*drawn, strict=True)))
    # A power of two is a source alone.
    shared = (incidents.pattern & (incidents.pattern - 1)) > 0
    enough = FEWEST * len(drawn)
    if shared.sum() < enough:
        raise EvidenceError(
            f"{shared.sum() / len(drawn):.1f} incidents were seen by two sources, on average over the linkages",
            code="import-few-matched",
            where=plain(name),
            hint=f"import records of more sources or of a longer time: {FEWEST} are needed",
        )
    counts = np.bincount(incidents.area[shared], minlength=int(incidents.area.max()) + 1)
    found = []
    for areas in _areas(counts, enough):
        edges = _edges(incidents.size[shared & np.isin(incidents.area, areas)], enough)
        found += [Stratum(areas, least, most) for least, most in zip(edges, [*edges[1:], np.inf], strict=True)]
    return found


def _areas(counts: Whole, enough: int) -> list[tuple[int, ...]]:
    """Areas with enough, and all others together, with the least of these where they have not."""
    large = [(place,) for place in np.flatnonzero(counts >= enough).tolist()]
    rest = tuple(np.flatnonzero(counts < enough).tolist())
    if large and counts[list(rest)].sum() < enough:
        least = min(large, key=lambda one: (counts[one[0]], one))
        large, rest = [one for one in large if one != least], tuple(sorted((*least, *rest)))
    return [*large, rest]


def _edges(shared: Array, enough: int) -> list[float]:
    """Sizes at which strata begin, taken from the largest down whenever enough were seen by two."""
    edges: list[float] = []
    top = np.inf
    for least in 2.0 ** np.arange(int(np.log2(shared.max(initial=1.0))), 0, -1):
        if np.sum((shared >= least) & (shared < top)) >= enough and np.sum(shared < least) >= enough:
            edges, top = [float(least), *edges], least
    return [0.0, *edges]
