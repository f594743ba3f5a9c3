"""What errors of linkage make of a table of patterns, and what the table was before them.

Records of different lists are linked; who is found together is one victim. A victim on s lists is held together by
s - 1 links, which join the records in a random order:

- **a missed link** parts the records on its two sides: there seem to be two victims, on fewer lists each. If every link
  is missed with probability m, a victim on s lists gives, of each set of r < s of these lists, in expectation

      r!(s - r)!/s! · (1 - m)^(r - 1) · (2m + (s - r - 1) m²)

  victims, since the r records stand side by side in s - r + 1 places of the order, with a missed link at either end
  that is not an end of the order; the victim is left whole with probability (1 - m)^(s - 1);
- **a false link** makes one victim of two. They are any two who share no list, since each list was cleared of its
  duplicates: with T(p) victims of pattern p, patterns q and r without a list in common meet in proportion to T(q) T(r).

Neither changes how many are on a list. What is computed is the expectation. For two lists this is the mismatching of
Ding and Fienberg 1994 (Survey Methodology 20, 149) and of Seber, Huakau and Simmons 2000 (Biometrics 56, 1227).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.errors import ModelError
from undercount.models.overlap.pattern_counts import Counts, checked_counts

Array = NDArray[np.float64]
Index = NDArray[np.int64]

MOST_LISTS: Final = 8
"""There are 3ᴷ ways to part a pattern on K lists."""
_TURNS: Final = 1000
_NOTHING: Final = 1e-200
_STILL: Final = 1e-10
"""Share of the victims by which the last turn may still move a pattern."""


class Disjoint(NamedTuple):
    """Patterns without a list in common, each pair once."""

    first: Index
    second: Index


def mislinked(counts: Counts, missed: float, false: float, names: Sequence[str] = ()) -> Counts:
    """Expect of a table without errors what a linkage with errors makes of it.

    Parameters
    ----------
    counts : array of int, shape (2ᴷ,)
        Victims of each pattern on 2 ≤ K ≤ 8 lists; bit j of an index says whether they are on list j. Entry 0 is 0.
    missed : float
        Share of the true links that are missed, from 0 to below 1.
    false : float
        Share of the links made that are false, from 0 to below 1.
    names : sequence of str
        Of the lists, for what errors say; none numbers them from 1.

    Returns
    -------
    array of int, shape (2ᴷ,)
        In whole victims; every list is as long as before.

    Raises
    ------
    ModelError
        If the counts or shares make no sense, or there are fewer victims to link than that.

    Examples
    --------
    >>> mislinked(np.array([0, 100, 100, 50]), missed=0.1, false=0.0)
    array([  0, 105, 105,  45])
    >>> mislinked(np.array([0, 100, 100, 50]), missed=0.0, false=0.2)
    array([ 0, 88, 88, 62])
    """
    counts = _checked(counts, missed, false)
    parted = _parting(counts.size, missed) @ counts
    extra = false / (1.0 - false) * float(links(parted))
    return _whole(parted + extra * _joining(parted), counts, f"{false:.1%} false links", names)


def relinked(counts: Counts, missed: float, false: float, names: Sequence[str] = ()) -> Counts:
    """Give the table of which `mislinked` expects the one at hand: undo errors of linkage.

    Parameters
    ----------
    counts : array of int, shape (2ᴷ,)
        As for `mislinked`; a table that was linked with errors.
    missed, false, names
        As for `mislinked`.

    Returns
    -------
    array of int, shape (2ᴷ,)
        In whole victims; every list is as long as before. Where fewer victims have a pattern than false links are
        expected to have made, all of them are false, and the other patterns take the rest.

    Raises
    ------
    ModelError
        If the counts or shares make no sense, or a list has too few victims of its own for so many missed links.

    Examples
    --------
    >>> relinked(np.array([0, 105, 105, 45]), missed=0.1, false=0.0)
    array([  0, 100, 100,  50])
    >>> relinked(np.array([0, 88, 88, 62]), missed=0.0, false=0.2)
    array([  0, 100, 100,  50])
    """
    counts = _checked(counts, missed, false)
    found = np.linalg.solve(_parting(counts.size, missed), _without_false(counts, false * links(counts)))
    return _whole(found, counts, f"{missed:.1%} missed links", names)


def links(counts: Counts | Array) -> float:
    """How many links hold the victims of a table together: one less than their lists, for each.

    Examples
    --------
    >>> links(np.array([0, 5, 5, 2, 5, 2, 2, 1]))
    8.0
    """
    return float((_sizes(counts.size)[1:] - 1.0) @ counts[1:])


@cache
def disjoint(cells: int) -> Disjoint:
    """Give all pairs of patterns on K lists that can be those of one victim, for 2ᴷ cells."""
    patterns = np.arange(1, cells)
    first, second = np.triu_indices(cells - 1, 1)
    kept = (patterns[first] & patterns[second]) == 0
    return Disjoint(patterns[first[kept]], patterns[second[kept]])


def _sizes(cells: int) -> Index:
    return np.bitwise_count(np.arange(cells)).astype(np.int64)


def _parting(cells: int, missed: float) -> Array:
    """Expected victims of a pattern (rows) that missed links make of one of another (columns)."""
    sizes, patterns = _sizes(cells), np.arange(cells)
    found = np.zeros((cells, cells))
    found[0, 0] = 1.0
    for whole in range(1, cells):
        parts = patterns[(patterns & ~whole) == 0][1:]
        found[parts, whole] = [_part(int(sizes[whole]), int(size), missed) for size in sizes[parts]]
    return found


def _part(lists: int, kept: int, missed: float) -> float:
    held = (1.0 - missed) ** (kept - 1)
    if kept == lists:
        return held
    return held * (2.0 * missed + (lists - kept - 1) * missed**2) / comb(lists, kept)


def _joining(table: Array) -> Array:
    """Change of a table by one false link."""
    pairs = disjoint(table.size)
    return _moved(pairs, _chances(table, pairs), table.size)


def _chances(table: Array, pairs: Disjoint) -> Array:
    """Probability that a false link joins two victims of each pair of patterns."""
    found: Array = table[pairs.first] * table[pairs.second]
    return found / max(float(found.sum()), np.finfo(float).tiny)


def _moved(pairs: Disjoint, joined: Array, cells: int) -> Array:
    found: Array = np.bincount(pairs.first | pairs.second, joined, cells)
    found -= np.bincount(pairs.first, joined, cells) + np.bincount(pairs.second, joined, cells)
    return found


def _without_false(counts: Counts, false: float) -> Array:
    """The table of which so many false links are expected to have made this one."""
    pairs, found = disjoint(counts.size), counts.astype(float)
    for _ in range(_TURNS):
        chances = _chances(found, pairs)
        wanted = np.bincount(pairs.first | pairs.second, chances, counts.size)
        given = _allotted(wanted, counts.astype(float), false)
        share = given / np.where(wanted > 0.0, wanted, 1.0)
        before, found = found, counts - _moved(pairs, chances * share[pairs.first | pairs.second], counts.size)
        if np.abs(found - before).max() <= _STILL * counts.sum():
            break
    return found


def _allotted(wanted: Array, room: Array, total: float) -> Array:
    """Share out a total in the proportions wanted, to each no more than there is room for."""
    full = np.zeros(wanted.size, dtype=bool)
    for _ in range(wanted.size):
        left = float(wanted[~full].sum())
        rate = (total - float(room[full].sum())) / left if left > _NOTHING else 0.0
        over = ~full & (rate * wanted > room)
        if not over.any():
            break
        full |= over
    return np.where(full, room, rate * wanted)


def _whole(table: Array, counts: Counts, errors: str, names: Sequence[str]) -> Counts:
    """Round patterns on several lists, none below 0; the rest of each list is on it alone."""
    sizes, patterns = _sizes(counts.size), np.arange(counts.size)
    several = np.where(sizes > 1, table, 0.0).clip(min=0.0)
    # The sums are rounded, so that many small patterns do not all vanish.
    found = np.diff(np.rint(np.cumsum(several)), prepend=0.0).astype(np.int64)
    for place in range(int(sizes[-1])):
        on_it = patterns >> place & 1 == 1
        found[1 << place] = counts[on_it].sum() - found[on_it].sum()
        if found[1 << place] < 0:
            raise ModelError(
                f"{errors} would leave {found[1 << place]:,} victims who are on this list alone",
                code="model-linkage",
                where=f"list {names[place] if names else place + 1}",
                hint="take fewer: the table cannot have come about so",
            )
    return found


def _checked(counts: Counts, missed: float, false: float) -> Counts:
    for name, share in (("missed", missed), ("false", false)):
        if not 0.0 <= share < 1.0:
            raise ModelError(
                f"{name} is {share!r}",
                code="model-bad-setting",
                where=name,
                hint="give a share of the links, from 0 to below 1",
            )
    found = checked_counts(counts, batch=False)
    if found.size > 1 << MOST_LISTS:
        raise ModelError(
            f"{found.size.bit_length() - 1} lists are more than {MOST_LISTS}",
            code="overlap-lists",
            where="counts",
            hint="leave out or merge some lists",
        )
    return found
