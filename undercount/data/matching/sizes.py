"""Drawn linkages as lists of incidents with their dead, by place and size, for the fit with the counts of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists import Lists, MatchedIncidents, Table
from undercount.data.lists.incidents import KIND
from undercount.data.matching.overlap import CAVEATS
from undercount.data.matching.strata import Drawn, strata_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from undercount.data.matching.linkages import Linkages
    from undercount.data.matching.matches import Matches
    from undercount.data.matching.strata import Stratum
    from undercount.data.matching.units import Units

    type Array = NDArray[np.float64]
    type Whole = NDArray[np.int64]

MOST_LISTS: Final = 5
"""Sources; of more, those are taken that have the most records."""


def incident_lists(
    matches: Matches, linkages: Linkages, name: str = "matched", published: date | None = None
) -> MatchedIncidents:
    """Count the incidents of each pattern, and the dead in them.

    The dead of an incident are the mean of what its sources say: their best number, or the middle of their lowest and
    highest. Strata are those of `strata_of`.

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
        If too few incidents were seen by two sources.
    """
    kept = _most(linkages)
    sources = tuple(linkages.sources[place] for place in kept)
    printed = [cell or "" for cell in matches.units.records["area"].to_pylist()]
    areas = sorted({"", *printed})
    area, size = np.searchsorted(areas, printed), _sizes(matches.units)
    drawn = [_clusters(labels, linkages.source, kept, size, area) for labels in linkages.labels]
    found = sorted((one.label(areas), one) for one in strata_of(drawn, name))
    places = [(label, replicate) for label, _ in found for replicate in range(len(drawn))]
    sums = [_sums(stratum, one, 2 ** len(sources)) for _, stratum in found for one in drawn]
    tables = tuple(Table(*place, sources, counts) for place, (counts, _, _) in zip(places, sums, strict=True))
    lists = Lists(name, tables, caveats=CAVEATS, unit=KIND)
    dead, squares = tuple(each for _, each, _ in sums), tuple(each for _, _, each in sums)
    return MatchedIncidents(lists, dead, squares, published=published)


def _most(linkages: Linkages) -> list[int]:
    """Places of the sources with the most records, sorted."""
    records = np.bincount(linkages.source, minlength=len(linkages.sources))
    return sorted(np.argsort(-records, kind="stable")[:MOST_LISTS].tolist())


def _sizes(units: Units) -> Array:
    high = np.where(np.isfinite(units.high), units.high, units.low)
    best = np.asarray(units.records["best"].cast("float64").to_numpy(zero_copy_only=False))
    return np.where(np.isnan(best), 0.5 * (units.low + high), best)


def _clusters(labels: Whole, source: Whole, kept: Sequence[int], sizes: Array, areas: Whole) -> Drawn:
    """The clusters that a source among `kept` saw."""
    count = int(labels.max(initial=-1)) + 1
    pattern = np.zeros(count, dtype=np.int64)
    for bit, place in enumerate(kept):
        pattern[labels[source == place]] |= 1 << bit
    size = np.bincount(labels, weights=sizes, minlength=count) / np.bincount(labels, minlength=count)
    area = np.zeros(count, dtype=np.int64)
    np.maximum.at(area, labels, areas)
    seen = pattern > 0
    return Drawn(pattern[seen], size[seen], area[seen])


def _sums(stratum: Stratum, drawn: Drawn, cells: int) -> tuple[Whole, Array, Array]:
    """Incidents of each pattern, their dead, and the squares of these."""
    inside = stratum.holds(drawn)
    pattern, size = drawn.pattern[inside], drawn.size[inside]
    counts = np.bincount(pattern, minlength=cells)
    dead, squares = (np.bincount(pattern, weights=size**power, minlength=cells) for power in (1, 2))
    return counts, dead, squares
