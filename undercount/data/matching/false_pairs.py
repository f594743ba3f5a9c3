"""Pairs that are known to be false, and otherwise like the false ones among the candidates: some sources moved in time.

A record cannot be the same incident as another that it only meets because its source was moved by some weeks. How often
such pairs are alike is how often two incidents of that war are. Days that would leave the time of the records come in
again at its other end. In turn the sources are moved whose number has a certain bit, forward and backward; so any two
sources are once moved against each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.candidates import candidates_of
from undercount.data.matching.facts import facts_of, source_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.settings import MatchSettings
    from undercount.data.matching.units import Units

_WEEK: Final = 7


def false_facts(units: Units, settings: MatchSettings, named: Sequence[str]) -> pa.Table | None:
    """State the facts of false pairs.

    Parameters
    ----------
    units : Units
    settings : MatchSettings
    named : sequence of str
        The pairs of sources as the candidates number them.

    Returns
    -------
    pyarrow.Table or None
        See `facts_of`. None where the records lie so close in time that none of them can be moved.
    """
    import pyarrow as pa

    step = _WEEK * -(-(2 * settings.days + int(units.span.max())) // _WEEK)
    if np.ptp(units.first) + settings.days < 2 * step:
        return None
    tables = []
    for bit in range(max(len(units.sources) - 1, 1).bit_length()):
        for sign in (-1, 1):
            moved = _moved(units, sign * step * (units.source >> bit & 1), settings.days)
            pairs = candidates_of(moved, settings)
            pairs = pairs[_lowest_bit(units.source[pairs[:, 0]] ^ units.source[pairs[:, 1]]) == bit]
            tables.append(_numbered(facts_of(moved, pairs), units, pairs, named))
    return pa.concat_tables(tables)


def _moved(units: Units, days: NDArray[np.int64], gap: int) -> Units:
    """Units on other days, round a circle that is as long as all of them and a gap."""
    start = int(units.first.min())
    around = int(units.last.max()) - start + 1 + gap
    first = start + (units.first - start + days) % around
    return replace(units, first=first, last=first + units.span - 1)


def _lowest_bit(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.log2(numbers & -numbers).astype(np.int64)


def _numbered(facts: pa.Table, units: Units, pairs: NDArray[np.int64], named: Sequence[str]) -> pa.Table:
    """Facts with the pairs of sources numbered as among the candidates; those that are none are left out."""
    import pyarrow as pa

    found, places = source_pairs(units.source, units.sources, pairs)
    known = np.array([named.index(name) if name in named else -1 for name in found], dtype=np.int64)[places]
    facts = facts.set_column(facts.column_names.index("sources"), "sources", pa.array(known))
    return facts.filter(pa.array(known >= 0))
