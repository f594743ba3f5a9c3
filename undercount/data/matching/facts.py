"""What can be said of a pair of records: how far apart in time and place, how alike in size, actors and citations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.imports.drafting import identifier
from undercount.data.matching.candidates import kilometres

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.candidates import Pairs
    from undercount.data.matching.units import Units

    type Column = NDArray[np.float64]


def facts_of(units: Units, pairs: Pairs) -> pa.Table:
    """State the facts of each pair.

    Parameters
    ----------
    units : Units
    pairs : ndarray of int64, shape (pairs, 2)

    Returns
    -------
    pyarrow.Table
        (pairs,) rows: `days` between the windows, `span` of the longer window in days, `km` between the places and
        `error` of both, `same_place` whether their names agree where there are no coordinates, `ratio` of the numbers
        (1 where their ranges overlap), `size` of the larger, `same_size`, `actors` (0 others, 1 some the same, 2 the
        same), `citations` (0 none in common, 1 a third, 2 one cites the other), `crowd`, and `sources`, the number of
        the pair of sources. Empty where it is not known.
    """
    import pyarrow as pa

    one, other = pairs.T
    days = np.maximum(0, np.maximum(units.first[one] - units.last[other], units.first[other] - units.last[one]))
    km = kilometres(units, pairs)
    low = np.maximum(units.low[one], units.low[other])
    high = np.minimum(units.high[one], units.high[other])
    return pa.table({
        "days": pa.array(days),
        "span": pa.array(np.maximum(units.span[one], units.span[other])),
        "km": _known(km),
        "error": _known(np.maximum(1.0, np.hypot(units.error[one], units.error[other]))),
        "same_place": _same_place(units, pairs, km),
        "ratio": pa.array(np.where(low <= high, 1.0, (low + 1) / (high + 1))),
        "size": pa.array(low),
        "same_size": pa.array(_same_size(units, one, other)),
        "actors": _known(_by_kind(units.actors, pairs, _actors)),
        "citations": _known(_citations(units, pairs)),
        "crowd": pa.array(_crowd(units, pairs)),
        "sources": pa.array(source_pairs(units.source, units.sources, pairs)[1]),
    })  # fmt: skip


def source_pairs(
    source: NDArray[np.int64], names: Sequence[str], pairs: Pairs
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Name the pairs of sources that occur, and say of each pair of records which it is."""
    key = source[pairs[:, 0]] * len(names) + source[pairs[:, 1]]
    found, places = np.unique(key, return_inverse=True)
    told = tuple(" and ".join(names[part] for part in divmod(one, len(names))) for one in found.tolist())
    return told, places.astype(np.int64)


def _known(values: Column) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))


def _same_size(units: Units, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray((units.low[one] == units.low[other]) & (units.high[one] == units.high[other]))


def _same_place(units: Units, pairs: Pairs, km: Column) -> pa.Array:
    import pyarrow as pa

    printed = [identifier(name or "") for name in units.records["place"].to_pylist()]
    names = np.unique(np.asarray(printed), return_inverse=True)
    empty = names[0][names[1][pairs]] == ""
    same = names[1][pairs[:, 0]] == names[1][pairs[:, 1]]
    return pa.array(same, mask=~np.isnan(km) | empty.any(axis=1))


def _by_kind(
    sets: tuple[frozenset[str], ...], pairs: Pairs, compare: Callable[[frozenset[str], frozenset[str]], float]
) -> Column:
    """Compare sets pair by pair, each two that differ once."""
    kinds = {one: place for place, one in enumerate(dict.fromkeys(sets))}
    known = list(kinds)
    kind = np.array([kinds[one] for one in sets], dtype=np.int64)[pairs]
    keys, places = np.unique(kind[:, 0] * len(known) + kind[:, 1], return_inverse=True)
    found = [compare(*(known[part] for part in divmod(key, len(known)))) for key in keys.tolist()]
    return np.array(found, dtype=np.float64)[places]


def _actors(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return np.nan
    return 2.0 if one == other else 1.0 if one & other else 0.0


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    if not one and not other:
        return np.nan
    return 1.0 if one & other else 0.0


def _citations(units: Units, pairs: Pairs) -> Column:
    found = _by_kind(units.cites, pairs, _shared)
    cites = np.array([[name in cited for name in units.sources] for cited in units.cites])
    one, other = pairs.T
    direct = cites[one, units.source[other]] | cites[other, units.source[one]]
    return np.where(direct, 2.0, found)


def _crowd(units: Units, pairs: Pairs) -> NDArray[np.int64]:
    """How many records of the other source each of the two may be, the larger number."""
    found = np.zeros(len(pairs), dtype=np.int64)
    for mine, theirs in (pairs.T, pairs.T[::-1]):
        key = mine * len(units.sources) + units.source[theirs]
        _, places, counts = np.unique(key, return_inverse=True, return_counts=True)
        found = np.maximum(found, counts[places])
    return found
