"""Drawn linkages as lists of incidents with their dead, by place and size, for the fit with the counts of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists import Lists, MatchedIncidents, Table
from undercount.data.lists.incidents import KIND
from undercount.data.matching.overlap import CAVEATS
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from undercount.data.matching.linkages import Linkages
    from undercount.data.matching.matches import Matches
    from undercount.data.matching.units import Units

    type Array = NDArray[np.float64]
    type Whole = NDArray[np.int64]

FEWEST: Final = 25
"""Incidents that two sources saw, on average over the linkages, below which a stratum is joined with another."""
MOST_LISTS: Final = 5
"""Sources; of more, those are taken that saw the most incidents."""
ELSEWHERE: Final = "other areas"


def incident_lists(
    matches: Matches, linkages: Linkages, name: str = "matched", published: date | None = None
) -> MatchedIncidents:
    """Count the incidents of each pattern, and the dead in them.

    The dead of an incident are the mean of what its sources say: their best number, or the middle of their lowest and
    highest. Strata are areas in which at least `FEWEST` incidents were seen by two sources, all others together; and in
    each of them sizes, from a power of two on, each again with so many.

    Parameters
    ----------
    matches : Matches
        Of records of incidents.
    linkages : Linkages
        Drawn from these.
    name : str
        Of the lists, in messages and reports.
    published : date, optional
        When the records became known.

    Returns
    -------
    MatchedIncidents

    Raises
    ------
    EvidenceError
        If fewer than `FEWEST` incidents were seen by two sources.
    """
    kept = _most(linkages)
    sizes, areas = _sizes(matches.units), _codes(matches.units)
    drawn = [_clusters(labels, linkages.source, kept, sizes, areas) for labels in linkages.labels]
    stratum = _strata(drawn, name)
    names = [linkages.sources[place] for place in kept]
    tables, dead, squares = [], [], []
    labels = [_label(*one, matches.units) for one in stratum]
    for place, here in enumerate(stratum):
        for replicate, (pattern, size, area) in enumerate(drawn):
            inside = _inside(here, size, area)
            cells = [np.bincount(pattern[inside], weights=size[inside] ** power, minlength=2 ** len(names))
                     for power in range(3)]  # fmt: skip
            tables.append(Table(labels[place], replicate, tuple(names), cells[0].astype(np.int64)))
            dead.append(cells[1])
            squares.append(cells[2])
    order = sorted(range(len(tables)), key=lambda place: (tables[place].stratum, tables[place].replicate))
    lists = Lists(name, tuple(tables[place] for place in order), caveats=CAVEATS, unit=KIND)
    return MatchedIncidents(
        lists, tuple(dead[place] for place in order), tuple(squares[place] for place in order), published=published
    )


def _most(linkages: Linkages) -> list[int]:
    """Places of the sources with the most records, sorted."""
    records = np.bincount(linkages.source, minlength=len(linkages.sources))
    return sorted(np.argsort(-records, kind="stable")[:MOST_LISTS].tolist())


def _sizes(units: Units) -> Array:
    high = np.where(np.isfinite(units.high), units.high, units.low)
    best = (
        units.records["best"].cast("float64").to_numpy(zero_copy_only=False)
        if "best" in units.records.column_names
        else np.full(len(units), np.nan)
    )
    return np.where(np.isnan(best), 0.5 * (units.low + high), best)


def _codes(units: Units) -> Whole:
    """Place of the area of each unit among `_areas`; 0 where it has none."""
    return np.searchsorted(np.array(_areas(units)), [cell or "" for cell in units.records["area"].to_pylist()])


def _areas(units: Units) -> list[str]:
    return sorted({"", *(cell or "" for cell in units.records["area"].to_pylist())})


def _clusters(
    labels: Whole, source: Whole, kept: Sequence[int], sizes: Array, areas: Whole
) -> tuple[Whole, Array, Whole]:
    """Pattern, dead and area of each cluster that a source among `kept` saw."""
    count = int(labels.max(initial=-1)) + 1
    pattern = np.zeros(count, dtype=np.int64)
    for bit, place in enumerate(kept):
        pattern[labels[source == place]] |= 1 << bit
    size = np.bincount(labels, weights=sizes, minlength=count) / np.bincount(labels, minlength=count)
    area = np.zeros(count, dtype=np.int64)
    np.maximum.at(area, labels, areas)
    seen = pattern > 0
    return pattern[seen], size[seen], area[seen]


type Stratum = tuple[tuple[int, ...], float, float]
"""Areas, least dead and where the next begins."""


def _inside(stratum: Stratum, size: Array, area: Whole) -> NDArray[np.bool_]:
    areas, least, most = stratum
    return np.isin(area, areas) & (size >= least) & (size < most)


def _strata(drawn: Sequence[tuple[Whole, Array, Whole]], name: str) -> list[Stratum]:
    pattern, size, area = (np.concatenate(each) for each in zip(*drawn, strict=True))
    shared = np.array([int(cell).bit_count() > 1 for cell in range(int(pattern.max(initial=0)) + 1)])[pattern]
    enough = FEWEST * len(drawn)
    if shared.sum() < enough:
        raise EvidenceError(
            f"{shared.sum() / len(drawn):.1f} incidents were seen by two sources, on average over the linkages",
            code="import-few-matched",
            where=plain(name),
            hint=f"import records of more sources or of a longer time: {FEWEST} are needed",
        )
    counts = np.bincount(area[shared], minlength=int(area.max()) + 1)
    large = [(place,) for place in np.flatnonzero(counts >= enough).tolist()]
    rest = tuple(np.flatnonzero(counts < enough).tolist())
    if counts[list(rest)].sum() >= enough or not large:
        groups = [*large, rest]
    else:
        smallest = min(large, key=lambda one: (counts[one[0]], one))
        groups = [one for one in large if one != smallest] + [tuple(sorted((*smallest, *rest)))]
    found: list[Stratum] = []
    for areas in groups:
        here = np.isin(area, areas)
        edges = _edges(size[here & shared], enough)
        found += [(areas, least, most) for least, most in zip(edges, [*edges[1:], np.inf], strict=True)]
    return found


def _edges(shared: Array, enough: int) -> list[float]:
    """Sizes at which strata begin: powers of two, taken from the largest down whenever enough were seen by two."""
    edges: list[float] = []
    top = np.inf
    for least in 2.0 ** np.arange(int(np.log2(max(shared.max(initial=1.0), 1.0))), 0, -1):
        if np.sum((shared >= least) & (shared < top)) >= enough and np.sum(shared < least) >= enough:
            edges, top = [float(least), *edges], least
    return [0.0, *edges]


def _label(areas: tuple[int, ...], least: float, most: float, units: Units) -> str:
    names = _areas(units)
    where = names[areas[0]] if len(areas) == 1 and names[areas[0]] else ELSEWHERE
    size = f"{least:g} or more dead" if np.isinf(most) else f"{least:g} to below {most:g} dead"
    return f"{where}, {size}"


__all__ = ["incident_lists"]
