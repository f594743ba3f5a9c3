"""An upper bound on the posterior mass beyond a number of missing victims.

With weights F(m) of likelihood times prior, r(m) = F(m + 1) / F(m) is a ratio of polynomials. If

    r(m) ≤ 1 - p/m   for all m ≥ M,   p > 1,

then F(M + j) ≤ F(M) Π_{i < j} (1 - p/(M + i)), and by Gauss's sum of the hypergeometric series

    Σ_{m > M} F(m) ≤ F(M) (M - p) / (p - 1)

(Raabe's test, with its sum instead of its verdict). The largest p is sought between m (1 - r(m)) at M and at infinity,
where it is the power that F falls with. That it holds for all m ≥ M is proved for each graph by the coefficients of a
polynomial in m - M, none of which is below zero; they come from elementary symmetric functions of the roots over M,
which do not cancel. For a prior that falls geometrically, the sum of the prior beyond is a bound as well, where the
likelihood does not rise any more.
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
FARTHEST = 1e15


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
def raabe(table: Table, family: Family, g: int, missing: float, power: int, room: Array) -> float:
    """Upper bound of Σ_{m > M} F(m) / F(M) for a graph by Raabe's test; infinite where that finds none."""
    count = symmetric_functions(table, family, g, missing, power, room)
    p = min(fall_at(room, count, missing), decay_of(table, family, g) + power) * (1.0 - SLACK)
    for _ in range(TRIES):
        if not p > 1.0 + SLACK:
            break
        if holds_beyond(room, count, p / missing):
            return (missing - p) / (p - 1.0)
        p = 1.0 + 0.9 * (p - 1.0)
    return np.inf


@compiled
def spread_beyond(table: Table, family: Family, missing: float, power: int, of_prior: float) -> Array:
    """Upper bound of Σ_{m > M} F(m) / F(M) for each graph; infinite where none is found.

    Where F falls, but not yet fast enough for Raabe's test, it counts as level up to where it does.

    Parameters
    ----------
    table, family
        As of `likelihood`.
    missing : float
        M, at least 1.
    power : int
        That of `TollPrior`: 1 if the prior is 1/N, 0 if it does not rise beyond n + M.
    of_prior : float
        Upper bound of Σ_{m > M} π(n + m) / π(n + M); infinite if there is none.
    """
    table, family = borrowed(table), borrowed(family)
    found = np.empty(family.sizes.size)
    room = np.empty((2, family.cliques.shape[1] + power + 2))
    for g in range(found.size):
        found[g] = raabe(table, family, g, missing, power, room)
        if found[g] == np.inf and holds_beyond(room, symmetric_functions(table, family, g, missing, power, room), 0.0):
            level = 2.0 * missing
            while found[g] == np.inf and level < FARTHEST:
                found[g] = level - missing + raabe(table, family, g, level, power, room)
                level *= 2.0
        if of_prior < found[g] and holds_beyond(room, symmetric_functions(table, family, g, missing, 0, room), 0.0):
            found[g] = of_prior
    return found


@compiled
def bounded_mass(spread: Array, values: Array) -> float:
    """Σ `spread` · `values`, infinite where a spread is, however small its value."""
    found = 0.0
    for g in range(spread.size):
        found += np.inf if spread[g] == np.inf else spread[g] * values[g]
    return found
