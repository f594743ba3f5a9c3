"""What the fast functions find, written out: designs as matrices, linear programmes, iterated least squares."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from undercount.models.overlap.loglinear.tables import Vector, Whole


class Fitted(NamedTuple):
    """One model, fitted on its facial set."""

    deviance: float
    toll: float
    """NaN if the facial set does not determine it."""
    expected: Vector
    face: int
    rank: int


def lists_of(term: int) -> tuple[int, ...]:
    return tuple(j for j in range(6) if term >> j & 1)


def hierarchical(lists: int) -> Iterator[frozenset[int]]:
    """Every set of terms that has all main effects, all subsets of its terms, and not all lists together."""
    singles = [1 << j for j in range(lists)]
    others = [t for t in range(1, 2**lists - 1) if t.bit_count() > 1]
    for size in range(len(others) + 1):
        for some in combinations(others, size):
            terms = {0, *singles, *some}
            if all(t & ~(1 << j) in terms for t in terms for j in lists_of(t)):
                yield frozenset(terms)


def design(model: int, lists: int) -> NDArray[np.float64]:
    """Rows are the patterns from 1 on, columns the terms."""
    terms = [t for t in range(2**lists) if model >> t & 1]
    return np.array([[float(cell & t == t) for t in terms] for cell in range(1, 2**lists)])


def facial_set(holds: NDArray[np.float64], counts: Whole) -> NDArray[np.bool_]:
    """Cells of some table with the margins of the counts and no negative cell, times any factor from 1 on.

    Each cell is at most 1 in the part that is counted, so that as many as can be are positive at the optimum.
    """
    cells, terms = holds.shape
    equal = np.hstack([holds.T, holds.T, -(holds.T @ counts)[:, None]])
    goal = np.r_[-np.ones(cells), np.zeros(cells + 1)]
    bounds = [(0, 1)] * cells + [(0, None)] * cells + [(1, None)]
    found = linprog(goal, A_eq=equal, b_eq=np.zeros(terms), bounds=bounds, method="highs")
    assert found.x is not None
    return np.asarray(found.x[:cells] > 0.5)


def fit(counts: Whole, model: int) -> Fitted:
    """Extended maximum likelihood by iterated least squares on the facial set."""
    lists = counts.size.bit_length() - 1
    holds, y = design(model, lists), counts[1:].astype(float)
    face = facial_set(holds, y) if (y == 0).any() else np.ones(y.size, dtype=bool)
    x, z = holds[face], y[face]
    eta = np.log(z + 0.5)
    for _ in range(200):
        mu = np.exp(eta)
        root = np.sqrt(mu)
        theta = np.linalg.lstsq(x * root[:, None], (eta + (z - mu) / mu) * root, rcond=1e-12)[0]
        change = x @ theta - eta
        eta = eta + change
        if np.abs(change).max() < 1e-12:
            break
    mu = np.exp(eta)
    ratio = np.log(np.where(z > 0, z, 1.0) / mu)
    rank = np.linalg.matrix_rank(x)
    intercept = np.eye(1, x.shape[1])
    is_estimate = np.linalg.matrix_rank(np.vstack([x, intercept])) == rank
    expected = np.zeros(counts.size)
    expected[1:][face] = mu
    return Fitted(
        2.0 * float(np.sum(np.where(z > 0, z * ratio, 0.0) - z + mu)),
        float(counts.sum() + np.exp(theta[0])) if is_estimate else np.nan,
        expected,
        sum(1 << int(cell) for cell in np.flatnonzero(face) + 1),
        int(rank),
    )


def sparse_table(rng: np.random.Generator, lists: int) -> Whole:
    """A table with few victims and many empty patterns, but not none."""
    while True:
        mean = np.exp(rng.normal(scale=1.0, size=2**lists)) * rng.choice([0.3, 1.0, 3.0, 30.0])
        found = rng.poisson(mean) * (rng.random(2**lists) < rng.choice([0.4, 0.7, 0.9, 1.0]))
        found[0] = 0
        if found.any():
            return np.asarray(found, dtype=np.int64)


def permuted(counts: Whole, order: list[int]) -> Whole:
    """The table in which list k is what list `order[k]` was."""
    found = np.zeros_like(counts)
    for cell in range(counts.size):
        found[cell] = counts[permuted_term(cell, order)]
    return found


def permuted_term(term: int, order: list[int]) -> int:
    """The old lists of a set of new ones."""
    return sum(1 << order[k] for k in lists_of(term))
