"""Tables of capture patterns: their checks, and sums over the subsets and supersets of a set of lists.

A set of lists is the number whose bits are its lists, and so is a capture pattern. A set of such sets (the terms of a
model, the cells of a table) is the number whose bits are its members: 64 bits are enough for six lists.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from undercount.compiled import compiled
from undercount.errors import ModelError

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]

FEWEST, MOST = 3, 6
"""Lists: with two no dependence can be seen, and more than six need more than 64 bits."""


class Table(NamedTuple):
    """One table, as the compiled functions read it."""

    counts: Vector
    """Shape (2ᴷ,); entry 0 is the unlisted victims where their number is given, else 0."""
    margins: Vector
    """Victims on all lists of a set, whatever else they are on, shape (2ᴷ,)."""
    victims: float
    entropy: float
    """∑ y ln y."""
    support: int
    """The patterns that occur."""


def check_counts(counts: ArrayLike, *, may_be_empty: bool = False) -> Whole:
    """Check counts of capture patterns.

    Parameters
    ----------
    counts : array_like of int, shape (..., 2ᴷ)
        Bit j of an index says whether the victims are on list j. K is 3 to 6.
    may_be_empty : bool
        Whether a table may hold no victims.

    Returns
    -------
    numpy.ndarray of int64, shape (..., 2ᴷ)

    Raises
    ------
    ModelError
        If the shape fits no number of lists, a count is negative or no whole number, entry 0 is not zero, or a table
        holds no victims.
    """
    found = np.asarray(counts)
    size = found.shape[-1] if found.ndim else 0
    if size not in {2**lists for lists in range(FEWEST, MOST + 1)}:
        raise ModelError(
            f"a table of {size} capture patterns is not one of {FEWEST} to {MOST} lists",
            code="overlap-lists",
            where="counts",
            hint="give 2**K counts for K lists; leave out lists, or join some, where there are more than six",
        )
    whole = np.asarray(found, dtype=np.int64)
    wrong = (whole != found) | (whole < 0)
    if wrong.any():
        raise ModelError(
            f"counts of victims are whole numbers from 0 on, not {found[wrong][0]}",
            code="overlap-counts",
            where="counts",
            hint="count records, each of one victim; imputed tables are given one by one, not as their mean",
        )
    if whole[..., 0].any():
        raise ModelError(
            f"entry 0, the victims on no list, is {int(whole[..., 0].max())}",
            code="overlap-counts",
            where="counts",
            hint="set it to 0: it is what is estimated",
        )
    if not may_be_empty and not whole.any(axis=-1).all():
        raise ModelError(
            "a table holds no victims", code="overlap-counts", where="counts", hint="leave the stratum out"
        )
    return np.ascontiguousarray(whole)


def count_lists(counts: Whole) -> int:
    """K, given 2ᴷ counts on the last axis."""
    return int(counts.shape[-1]).bit_length() - 1


def cells_above(lists: int) -> Whole:
    """The patterns, but for that of no list, which hold each set of lists, shape (2ᴷ,)."""
    sets = np.arange(2**lists)
    holds = (sets[None, 1:] & sets[:, None]) == sets[:, None]
    bits = np.left_shift(np.int64(1), sets[1:], dtype=np.int64)
    found: Whole = np.bitwise_or.reduce(np.where(holds, bits, 0), axis=1)
    return found


@compiled
def sum_supersets(values: Vector) -> None:
    """Put the sum over its supersets in place of the value of each set of lists."""
    step = 1
    while step < values.size:
        for base in range(0, values.size, 2 * step):
            for i in range(base, base + step):
                values[i] += values[i + step]
        step *= 2


@compiled
def sum_subsets(values: Vector) -> None:
    """Put the sum over its subsets in place of the value of each set of lists."""
    step = 1
    while step < values.size:
        for base in range(0, values.size, 2 * step):
            for i in range(base, base + step):
                values[i + step] += values[i]
        step *= 2


@compiled
def list_members(members: int, out: Whole) -> int:
    """Write the members of a set of sets into `out`, in rising order, and give their number."""
    found = 0
    for i in range(out.size):
        if members >> i & 1:
            out[found] = i
            found += 1
    return found


@compiled
def tabulate(counts: Vector) -> Table:
    """Read one table, shape (2ᴷ,)."""
    margins = counts.copy()
    sum_supersets(margins)
    entropy, support = 0.0, 0
    for i in range(counts.size):
        if counts[i] > 0.0:
            entropy += counts[i] * log(counts[i])
            support |= 1 << i
    return Table(counts, margins, margins[0], entropy, support)
