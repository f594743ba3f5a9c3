"""An upper bound on the posterior mass beyond a number of missing victims.

With weights F(m) of likelihood times prior, r(m) = F(m + 1) / F(m) is a ratio of polynomials. If

    r(m) ≤ 1 - p/m   for all m ≥ M,   p > 1,

then F(M + j) ≤ F(M) Π_{i < j} (1 - p/(M + i)), and by Gauss's sum of the hypergeometric series

    Σ_{m > M} F(m) ≤ F(M) (M - p) / (p - 1)

(Raabe's test, with its sum instead of its verdict). The largest p is sought between m (1 - r(m)) at M and at infinity,
where it is the power that F falls with. That it holds for all m ≥ M is proved for each graph by the coefficients of a
polynomial in m - M, none of which is below zero; they come from elementary symmetric functions of the roots over M,
which do not cancel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import borrowed, compiled
from undercount.models.overlap.graphs.likelihood import Array, Table, decay_of

if TYPE_CHECKING:
    from undercount.models.overlap.graphs.graph import Family

SLACK = 1e-9
"""Taken from p, relatively, for rounding."""
TRIES = 40
"""How often p is moved closer to 1 before a bound is given up."""


@compiled
def add_root(symmetric: Array, count: int, root: float) -> None:
    """Bring one more root into the elementary symmetric functions of `count` roots."""
    for k in range(count + 1, 0, -1):
        symmetric[k] += root * symmetric[k - 1]


@compiled
def symmetric_functions(table: Table, family: Family, g: int, missing: float, power: int, room: Array) -> int:
    """Those of the roots of numerator and denominator of r(m), over M, into the rows of `room`; give their number.

    That of the prior is (n + m)^power / (n + m + 1)^power, whose denominator cancels with n + m + 1 above once.
    """
    room[:, :] = 0.0
    room[:, 0] = 1.0
    n, count = table.observed, max(power, 1)
    for k in range(count):
        add_root(room[0], k, (n if power else n + 1.0) / missing)
        add_root(room[1], k, (n + 1.0 if k else 1.0) / missing)
    for k in range(family.sizes[g]):
        add_root(room[0], count, table.zero[family.cliques[g, k]] / missing)
        add_root(room[1], count, table.zero[family.separators[g, k]] / missing)
        count += 1
    return count


@compiled
def holds_beyond(room: Array, count: int, lag: float) -> bool:
    """Whether r(m) ≤ 1 - p/m for all m ≥ M, given p / M.

    With z = m/M, D(z) = (z - p/M) Π (z + low) - z Π (z + top) has the coefficients δ(k) of z to the power of
    count + 1 - k. It is expanded in z - 1.
    """
    for power in range(count + 2):
        coefficient, choose = 0.0, 0.0
        for k in range(1, count + 2):
            degree = count + 1 - k
            if degree < power:
                break
            choose = 1.0
            for i in range(power):
                choose *= (degree - i) / (i + 1.0)
            low = room[1, k] if k <= count else 0.0
            top = room[0, k] if k <= count else 0.0
            coefficient += choose * (low - lag * room[1, k - 1] - top)
        if coefficient < 0.0:
            return False
    return True


@compiled
def fall_at(room: Array, count: int, missing: float) -> float:
    """m (1 - r(m)) at M."""
    gap, low = 0.0, 0.0
    for k in range(count + 1):
        gap += room[1, k] - room[0, k]
        low += room[1, k]
    return missing * gap / low


@compiled
def spread_beyond(table: Table, family: Family, missing: float, power: int) -> Array:
    """Upper bound of Σ_{m > M} F(m) / F(M) for each graph; infinite where none is found.

    Parameters
    ----------
    table, family
        As of `likelihood`.
    missing : float
        M, at least 1.
    power : int
        That of `TollPrior`: 1 if the prior is 1/N, 0 if it does not rise beyond n + M.
    """
    table, family = borrowed(table), borrowed(family)
    graphs = family.sizes.size
    found = np.full(graphs, np.inf)
    room = np.empty((2, family.cliques.shape[1] + power + 2))
    for g in range(graphs):
        count = symmetric_functions(table, family, g, missing, power, room)
        far = decay_of(table, family, g) + power
        p = min(fall_at(room, count, missing), far) * (1.0 - SLACK)
        for _ in range(TRIES):
            if not p > 1.0 + SLACK:
                break
            if holds_beyond(room, count, p / missing):
                found[g] = (missing - p) / (p - 1.0)
                break
            p = 1.0 + 0.9 * (p - 1.0)
    return found
