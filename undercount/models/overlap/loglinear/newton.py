"""Newton's method for one log-linear model of one table, with bounds that end hopeless fits.

With expected counts μ = exp(Xθ) on the cells, the divergence of the counts y is

    D(μ) = ∑ y ln(y / μ) - y + μ,

half the deviance; its minimum is the maximum of the Poisson likelihood, and of the multinomial one given how many
victims are listed. X is never formed: X'v is a sum over supersets, Xθ one over subsets, and the entry of X'diag(μ)X
for two terms is the sum of μ over the supersets of their union.

Newton's change d of the parameters solves X'diag(μ)X d = X'(y - μ). So λ = μ (1 + Xd) has the margins of the counts,
and where it is not negative

    min D ≥ ∑ y ln y - ∑ λ ln λ,

since for the best μ the right side falls short of D by the divergence of λ from it. One step thus bounds what a model
can reach, from any start; a model whose bound is above what another one has reached is given up.
"""

from __future__ import annotations

from math import exp, inf, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import compiled
from undercount.models.overlap.loglinear.tables import Table, Vector, Whole, sum_subsets, sum_supersets

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.linear import Matrix

DONE, LOST, OPEN, SINGULAR = 0, 1, 2, 3
"""How a fit ended: at the minimum; above the ceiling for certain; not yet; without a direction."""

STEPS = 200
CONVERGED = 1e-12
"""Squared length of a step in standard errors; the next one would be of the order of its square."""
SLACK = 1e-13
"""Rounding of a divergence, relative to the victims that it is summed over."""
FARTHEST = 30.0
"""Change of the logarithm of an expected count in a step that gives a bound."""
SMALLEST_PIVOT = 1e-13
ADDED = 0.5
"""Victims added to each cell where the iteration starts from the counts."""


class Work(NamedTuple):
    """Arrays of a fit; all but `terms`, `cells` and `matrix` have shape (2ᴷ,)."""

    eta: Vector
    """Logarithms of the expected counts; entry 0 is the intercept."""
    expected: Vector
    sums: Vector
    right: Vector
    rise: Vector
    """Change of `eta`."""
    matrix: Matrix
    terms: Whole
    cells: Whole


@compiled
def make_work(size: int) -> Work:
    """Allocate the arrays for tables of 2ᴷ patterns."""
    return Work(
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros((size, size + 1)),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
    )


@compiled
def solve(terms: int, work: Work) -> float:
    """Solve for a change of the parameters, leave that of `eta` in `rise`, and give its squared length.

    The first `terms` entries of `work.terms` are the terms; `sums` and `right` hold sums over supersets of the
    weights and of the right side. Negative if the matrix is singular.
    """
    matrix, which, sums, right, rise = work.matrix, work.terms, work.sums, work.right, work.rise
    for i in range(terms):
        for j in range(i, terms):
            matrix[i, j] = sums[which[i] | which[j]]
        matrix[i, terms] = right[which[i]]
    length = 0.0
    for k in range(terms):
        pivot = matrix[k, k]
        if not pivot > SMALLEST_PIVOT * sums[which[k]]:
            return -1.0
        inverse = 1.0 / pivot
        length += matrix[k, terms] * matrix[k, terms] * inverse
        for i in range(k + 1, terms):
            factor = matrix[k, i] * inverse
            for j in range(i, terms + 1):
                matrix[i, j] -= factor * matrix[k, j]
    rise[:] = 0.0
    for k in range(terms - 1, -1, -1):
        rest = matrix[k, terms]
        for j in range(k + 1, terms):
            rest -= matrix[k, j] * rise[which[j]]
        rise[which[k]] = rest / matrix[k, k]
    sum_subsets(rise)
    return length


@compiled
def start_from_counts(table: Table, terms: int, cells: int, work: Work) -> bool:
    """Set `eta` by weighted least squares to the logarithms of the counts; false if it cannot be."""
    work.sums[:] = 0.0
    work.right[:] = 0.0
    for k in range(cells):
        cell = work.cells[k]
        weight = table.counts[cell] + ADDED
        work.sums[cell] = weight
        work.right[cell] = weight * log(weight) - ADDED
    sum_supersets(work.sums)
    sum_supersets(work.right)
    length = solve(terms, work)
    work.eta[:] = work.rise
    return length >= 0.0


@compiled
def measure(table: Table, cells: int, work: Work) -> float:
    """Leave the expected counts of `eta` in `expected`, and give the divergence of the counts from them."""
    work.expected[:] = 0.0
    found = table.entropy - table.victims
    for k in range(cells):
        cell = work.cells[k]
        work.expected[cell] = exp(work.eta[cell])
        found += work.expected[cell] - table.counts[cell] * work.eta[cell]
    return found


@compiled
def bound(table: Table, cells: int, work: Work) -> float:
    """A divergence below which the model does not come, given the step in `rise`; -inf where there is none.

    Rounding is taken off; after a step from far away there would be too much of it.
    """
    found, size, farthest = table.entropy, table.victims, 0.0
    for k in range(cells):
        cell = work.cells[k]
        matched = work.expected[cell] * (1.0 + work.rise[cell])
        size += work.expected[cell]
        farthest = max(farthest, abs(work.rise[cell]))
        if matched < 0.0 or farthest > FARTHEST:
            return -inf
        if matched > 0.0:
            found -= matched * log(matched)
    return found - SLACK * size * (1.0 + farthest)


@compiled
def advance(table: Table, sizes: tuple[int, int], ceiling: float, last: float, work: Work) -> tuple[int, float]:
    """Make one step, or take back half of the one before if it went up.

    Parameters
    ----------
    table : Table
    sizes : tuple of int
        How many entries of `work.terms` and of `work.cells` count.
    ceiling : float
        Divergence above which the minimum is of no interest.
    last : float
        Divergence before the last step; inf at the start.
    work : Work
        `eta` is where it starts and where it ends.

    Returns
    -------
    tuple of int and float
        How it ended, `OPEN` if it did not; and if `DONE` the minimum of the divergence, if `LOST` a bound of it that is
        above the ceiling, else the divergence before the step.
    """
    terms, cells = sizes
    eta, sums, right, rise = work.eta, work.sums, work.right, work.rise
    value = measure(table, cells, work)
    if not value <= last + SLACK * (1.0 + table.victims):
        for i in range(eta.size):
            rise[i] *= 0.5
            eta[i] -= rise[i]
        return OPEN, value
    for i in range(eta.size):
        sums[i] = work.expected[i]
    sum_supersets(sums)
    for k in range(terms):
        right[work.terms[k]] = table.margins[work.terms[k]] - sums[work.terms[k]]
    length = solve(terms, work)
    if length < 0.0:
        return SINGULAR, value
    if value - 0.5 * length > ceiling:
        lower = bound(table, cells, work)
        if lower > ceiling:
            return LOST, lower
    for i in range(eta.size):
        eta[i] += rise[i]
    if length < CONVERGED:
        return DONE, max(value - 0.5 * length, 0.0)
    return OPEN, value


@compiled
def descend(table: Table, sizes: tuple[int, int], ceiling: float, last: float, work: Work) -> tuple[int, float]:
    """`advance` until it ends, at most `STEPS` times."""
    for _ in range(STEPS):
        state, value = advance(table, sizes, ceiling, last, work)
        if state != OPEN:
            return state, value
        last = min(last, value)
    return OPEN, last
