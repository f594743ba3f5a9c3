"""Interval probabilities of many NB1 counts: the sum over an interval from a few points of it.

Σ f(z) over N whole numbers is Σ w_i f(x_i), exactly for polynomials of degree 2 n - 1, with the nodes x_i at the zeros
of the n-th discrete Chebyshev polynomial: Gauss's quadrature, of a sum in place of an integral (Gautschi 2004,
*Orthogonal Polynomials*, section 1.5.2; nodes and weights as of Golub and Welsch 1969). The mass of the count relative
to that in the middle of the interval is such an f, unless the interval reaches far into the tails. What of it depends
neither on mean nor on dispersion belongs to the weights and is tabulated once; a node then costs a division and three
polynomials, and several are computed at a time, where `models.negative_binomial` follows a continued fraction.
"""

from __future__ import annotations

from math import log, log1p
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import compiled, compiled_with
from undercount.models.gamma import ASYMPTOTIC, digamma_rise, digamma_tail, log_mass, stirling
from undercount.models.kernel.vector import dot, exp_into, total
from undercount.models.negative_binomial import log_interval

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Exact, Index

FEW, MANY = 16, 32
"""Nodes where the mass is nearly even over the interval, and where it is not."""
BOTH = FEW + MANY
ROOM = 4 * MANY
TILT_FEW, BEND_FEW = 8.0, 4.0
TILT_MANY, BEND_MANY = 20.0, 14.0
"""Most that the slope and the curvature of the log mass in the middle may change it by up to the ends."""
WIDEST = 3.0
"""Upper over lower end up to which the series of the logarithm below converges in all its terms."""
LEAST_TERMS = 1000
"""Such intervals from which on a case has the table: fewer cost little, and keep the bits that they always had."""


def is_tabulated(low: Array, high: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which intervals are summed over nodes: wide ones of counts that are neither small nor far apart."""
    return np.asarray((high - low >= MANY) & (low >= ASYMPTOTIC) & (high <= WIDEST * low))


def tabulated(low: Array, high: Array) -> dict[str, Array | Index]:
    """Nodes and weights of the intervals [low, high], as `layout.Exact` holds them."""
    chosen = np.flatnonzero(is_tabulated(low, high))
    if chosen.size < LEAST_TERMS:
        chosen = chosen[:0]
    place = np.full(low.size, -1)
    place[chosen] = np.arange(chosen.size)
    sizes, node_at = np.unique(high[chosen] - low[chosen] + 1.0, return_inverse=True)
    found = [np.hstack([nodes_of(size, count) for count in (FEW, MANY)]) for size in sizes]
    nodes, weights = np.array(found).reshape(-1, 2, BOTH).transpose(1, 0, 2)
    middle = (low[chosen] + high[chosen])[:, None] / 2.0 + 1.0
    node = nodes[node_at]
    known = (middle + node - 0.5) * np.log1p(node / middle) + _stirling(middle + node) - _stirling(middle)
    return {
        "place": place,
        "node_at": node_at.astype(np.int64),
        "node": nodes.ravel(),
        "log_weight": (np.log(weights[node_at]) - known).ravel(),
    }


def nodes_of(size: float, count: int) -> Array:
    """Nodes, relative to the middle of `size` whole numbers in a row, and weights, whose sum is `size`.

    Returns
    -------
    ndarray, shape (2, count)

    Examples
    --------
    >>> nodes, weights = nodes_of(41, 4)
    >>> bool(np.isclose(weights @ nodes**6, (np.arange(-20.0, 21.0) ** 6).sum()))
    True
    """
    k = np.arange(1.0, count)
    beside = np.sqrt(k**2 * (size**2 - k**2) / (4.0 * (4.0 * k**2 - 1.0)))
    nodes, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return np.array([nodes, size * vectors[0] ** 2])


def _stirling(x: Array) -> Array:
    return np.asarray(np.vectorize(stirling, otypes=[float])(x)) if x.size else x


@compiled_with(fastmath={"contract"})
def _relative(node: Array, log_weight: Array, base: float, tilt: float, rise: Array, log_part: Array) -> None:
    """Write ψ(base + x) - ln base at each node, and the log of its share in the sum."""
    known = stirling(base)
    for i in range(node.size):
        x = node[i]
        a = base + x
        inverse = 1.0 / (a * (a + base))
        ratio, inverse = x * a * inverse, (a + base) * inverse
        z = ratio * ratio
        # ln (a / base) = 2 artanh(ratio)
        p = 2.0 / 31.0 + z * (2.0 / 33.0 + z * (2.0 / 35.0))
        p = 2.0 / 25.0 + z * (2.0 / 27.0 + z * (2.0 / 29.0 + z * p))
        p = 2.0 / 19.0 + z * (2.0 / 21.0 + z * (2.0 / 23.0 + z * p))
        p = 2.0 / 13.0 + z * (2.0 / 15.0 + z * (2.0 / 17.0 + z * p))
        p = 2.0 / 7.0 + z * (2.0 / 9.0 + z * (2.0 / 11.0 + z * p))
        grown = ratio * (2.0 + z * (2.0 / 3.0 + z * (2.0 / 5.0 + z * p)))
        y = inverse * inverse
        rest = inverse * (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0))))
        rise[i] = grown - 0.5 * inverse - y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * (1.0 / 252.0 - y / 240.0)))
        log_part[i] = log_weight[i] + (a - 0.5) * grown + rest - known + x * tilt


@compiled
def log_interval_by_nodes(exact: Exact, j: int, mu: float, theta: float, room: Array) -> tuple[float, float, float]:
    """`log_interval` of term j; `room` holds `ROOM` numbers."""
    low, high, place = exact.low[j], exact.high[j], exact.place[j]
    r, middle, half = mu / theta, 0.5 * (low + high), 0.5 * (high - low)
    base = middle + r
    tilt = log(base * theta / ((middle + 1.0) * (1.0 + theta)))
    slope, bend = abs(tilt) * half, half * half * r / (2.0 * middle * base)
    if slope <= TILT_FEW and bend <= BEND_FEW:
        first, count = 0, FEW
    elif slope <= TILT_MANY and bend <= BEND_MANY:
        first, count = FEW, MANY
    else:
        return log_interval(low, high, mu, theta)
    begin = exact.node_at[place] * BOTH + first
    node = exact.node[begin : begin + count]
    begin = place * BOTH + first
    rise, log_part, part, scale = room[:count], room[MANY : MANY + count], room[2 * MANY :], room[3 * MANY :]
    _relative(node, exact.log_weight[begin : begin + count], base, tilt, rise, log_part)
    exp_into(log_part, scale, part)
    whole = total(part[:count])
    of_rise = dot(part[:count], rise) / whole - digamma_tail(base)
    excess = middle - mu + dot(part[:count], node) / whole
    by_r = digamma_rise(middle, r) + of_rise - log1p(theta)
    value = log_mass(middle, mu, theta) + log(whole)
    return value, by_r / theta, excess / (theta * (1.0 + theta)) - by_r * r / theta
