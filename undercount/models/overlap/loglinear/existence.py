"""Whether a model has a maximum-likelihood estimate of the number of victims, decided exactly.

Expected counts that maximise the likelihood always exist if zero is allowed for them. Those that may be positive are
the facial set: the cells of some positive table with the same margins as the counts. Elsewhere parameters are at minus
infinity (Haberman 1974; Fienberg and Rinaldo 2012, Ann. Statist. 40, 996). A term whose margin is zero takes its cells
out at once (Chan, Silverman and Vincent 2021, J. Am. Stat. Assoc. 116, 1297). Of the others a cell is outside if some
change of the parameters leaves the expected counts of all patterns that occur as they are, lowers that of this cell,
and raises none. Where the patterns that occur determine all parameters there is no such change; only where they do not
is it sought, by `linear.falling_rows`.

The number on no list is the exponential of the intercept. It is an estimate if the cells of the facial set determine
the intercept, whatever becomes of the other parameters.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from undercount.compiled import compiled
from undercount.models.overlap.loglinear.linear import (
    ZERO,
    Flags,
    Matrix,
    count,
    falling_rows,
    null_space,
    reduce_rows,
    times,
)
from undercount.models.overlap.loglinear.tables import Whole, list_members


class Existence(IntEnum):
    """What there is of a maximum-likelihood estimate; up to `PARTIAL` the number of victims has one."""

    FINITE = 0
    """All parameters are finite."""
    EXTENDED = 1
    """Parameters of terms whose margin is zero are at minus infinity, all others finite."""
    PARTIAL = 2
    """The number of victims has one, some other parameters are not determined."""
    NONE = 3
    """The likelihood does not settle on a finite number of victims."""
    FAILED = 4
    """The iterations did not converge."""


class Part(NamedTuple):
    """What of a model can be fitted to a table."""

    existence: int
    terms: int
    """As many terms as the facial set can tell apart, the intercept first."""
    cells: int
    """The facial set."""


_FINITE, _EXTENDED, _PARTIAL, _NONE = (
    int(Existence.FINITE),
    int(Existence.EXTENDED),
    int(Existence.PARTIAL),
    int(Existence.NONE),
)


@compiled
def design(cells: Whole, terms: Whole) -> Matrix:
    """Which cell holds which term: zeros and ones, shape (cells, terms)."""
    found = np.zeros((cells.size, terms.size))
    for i in range(cells.size):
        for j in range(terms.size):
            if cells[i] & terms[j] == terms[j]:
                found[i, j] = 1.0
    return found


@compiled
def members_of(members: int, size: int) -> Whole:
    """The members of a set of sets, in rising order."""
    held = np.empty(size, dtype=np.int64)
    found = np.empty(list_members(members, held), dtype=np.int64)
    for i in range(found.size):
        found[i] = held[i]
    return found


@compiled
def find_part(support: int, model: int, above: Whole) -> Part:
    """Find what of a model can be fitted to tables of certain patterns.

    Parameters
    ----------
    support : int
        The patterns that occur.
    model : int
        The set of its terms.
    above : numpy.ndarray of int64, shape (2ᴷ,)
        `tables.cells_above`.

    Returns
    -------
    Part
    """
    cells, kept = above[0], model
    for term in range(above.size):
        if model >> term & 1 and above[term] & support == 0:
            cells &= ~above[term]
            kept &= ~(1 << term)
    if cells == support and kept == model:
        return Part(_FINITE, model, cells)
    finite = _FINITE if kept == model else _EXTENDED
    terms = members_of(kept, above.size)
    rows = design(members_of(cells & support, above.size), terms)
    pivots = reduce_rows(rows)
    if count(pivots) == terms.size:
        return Part(finite, kept, cells)
    free = null_space(rows, pivots)
    others = members_of(cells & ~support, above.size)
    slopes = times(design(others, terms), free)
    falls = falling_rows(slopes)
    for i in range(others.size):
        if falls[i]:
            cells &= ~(1 << others[i])
    inside = times(design(members_of(cells & ~support, above.size), terms), free)
    inner_pivots = reduce_rows(inside)
    if count(falls) > 0 or count(inner_pivots) < inner_pivots.size:
        finite = _NONE if moves_intercept(free, null_space(inside, inner_pivots)) else _PARTIAL
    return Part(finite, determined(terms, pivots, inner_pivots), cells)


@compiled
def moves_intercept(free: Matrix, undetermined: Matrix) -> bool:
    """Say whether a change that the facial set does not see changes the intercept, which is the first term."""
    for k in range(undetermined.shape[1]):
        change = 0.0
        for j in range(undetermined.shape[0]):
            change += free[0, j] * undetermined[j, k]
        if abs(change) > ZERO:
            return True
    return False


@compiled
def determined(terms: Whole, pivots: Flags, inner_pivots: Flags) -> int:
    """The terms of independent columns: the pivots, and those free ones that the other cells determine."""
    kept, k = 0, 0
    for j in range(terms.size):
        if pivots[j]:
            kept |= 1 << terms[j]
        else:
            if inner_pivots[k]:
                kept |= 1 << terms[j]
            k += 1
    return kept
