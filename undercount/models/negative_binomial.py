"""Interval probabilities of the NB1 count, exact in both tails, with their gradients.

A tally Z over a piece with mean μ has the linear ("NB1") negative-binomial law

    P(Z = z) = Γ(z + r) / (Γ(r) z!) · (1 + θ)^(-r) · (θ / (1 + θ))^z,     r = μ / θ,

with E[Z] = μ and Var[Z] = (1 + θ) μ; for fixed θ it is closed under adding independent pieces
(Cameron and Trivedi, *Regression Analysis of Count Data*, 2nd ed. 2013, section 3.3.1).

The probability of a wide interval comes from its tails (`models.tails`), where these do not cancel.
Otherwise it is summed outward from the most probable count inside the interval; beyond 256 terms the
rest is an integral with its first Euler-Maclaurin correction, so that the cost does not grow with the
count.
"""

from __future__ import annotations

from math import exp, expm1, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled
from undercount.models.gamma import ASYMPTOTIC, digamma, digamma_rise, log_mass, stirling
from undercount.models.tails import SHARP, log_wide_interval

Vector = NDArray[np.float64]
_NEGLIGIBLE = 1e-18
_TERMS = 256
_FEW = 32.0
_NARROW = 32.0
"""Counts that are summed at once faster than their tails are found."""
_SMOOTH = 0.1
"""Below this overdispersion the derivatives of the tails cancel."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@compiled
def _log_ratio(z: float, start: float, r: float, log_q: float) -> float:
    """ln P(Z = z) - ln P(Z = start)."""
    if start + r >= ASYMPTOTIC and start >= ASYMPTOTIC and z + r >= ASYMPTOTIC and z >= ASYMPTOTIC:
        shift = z - start
        rise = (z + r - 0.5) * log1p(shift / (start + r)) + stirling(z + r) - stirling(start + r)
        fall = (z + 0.5) * log1p(shift / (start + 1.0)) + stirling(z + 1.0) - stirling(start + 1.0)
        return rise - fall + shift * (log((start + r) / (start + 1.0)) + log_q)
    return lgamma(z + r) - lgamma(start + r) - lgamma(z + 1.0) + lgamma(start + 1.0) + (z - start) * log_q


@compiled
def _far(edge: float, end: float, start: float, r: float, log_q: float, spread: float) -> tuple[float, float, float]:
    """Sums over the counts from `edge` (excluded) to `end`, as an Euler-Maclaurin integral.

    Panels double in width up to `spread`, on which the mass is smooth; the sums are of the mass
    relative to that at `start`, of the mass times ψ(z + r) - ψ(start + r), and times z - start.
    Near zero the mass is like a power of the count: there panels shrink, and the last counts are added.
    """
    way = 1.0 if end > edge else -1.0
    total, by_digamma, by_shift = 0.0, 0.0, 0.0
    base = digamma(start + r)
    while way < 0.0 and end < min(edge, _FEW):
        mass = np.exp(_log_ratio(end, start, r, log_q))
        total += mass
        by_digamma += mass * (digamma(end + r) - base)
        by_shift += mass * (end - start)
        end += 1.0
    if end == edge:
        return total, by_digamma, by_shift
    left, last = edge + 0.5 * way, end + 0.5 * way
    for sign, x in ((1.0, left), (-1.0, last)):
        if x < np.inf:
            mass = np.exp(_log_ratio(x, start, r, log_q))
            rise, slope = digamma(x + r) - base, digamma(x + r) - digamma(x + 1.0) + log_q
            y = 1.0 / max(x + r, 0.5)
            weight = sign * way * mass / 24.0
            total += weight * slope
            by_digamma += weight * (slope * rise + y * (1.0 + y * (0.5 + y / 6.0)))
            by_shift += weight * (slope * (x - start) + 1.0)
    while (last - left) * way > 0.0:
        width = min(abs(left - start), spread, abs(last - left))
        if way < 0.0:
            width = min(width, 0.75 * left)
        middle, half, panel = left + 0.5 * way * width, 0.5 * width, 0.0
        for k in range(_NODES.size):
            node, weight = _NODES[k], _WEIGHTS[k]
            x = middle + half * node
            mass = half * weight * np.exp(_log_ratio(x, start, r, log_q))
            panel += mass
            by_digamma += mass * (digamma(x + r) - base)
            by_shift += mass * (x - start)
        total += panel
        left += way * width
        if panel < _NEGLIGIBLE * width / spread:
            break
    return total, by_digamma, by_shift


@compiled
def _near(end: float, start: float, r: float, q: float) -> tuple[float, float, float, float]:
    """The same sums, term by term from `start` (excluded) towards `end`, and where they stopped.

    The last value is `end` if the rest is negligible.
    """
    total, by_digamma, by_shift = 0.0, 0.0, 0.0
    weight, digamma, z = 1.0, 0.0, start
    for _ in range(_TERMS):
        if z == end:
            break
        if end > start:
            step = (z + r) / (z + 1.0) * q
            digamma += 1.0 / (z + r)
            z += 1.0
        else:
            step = z / ((z - 1.0 + r) * q)
            digamma -= 1.0 / (z - 1.0 + r)
            z -= 1.0
        weight *= step
        total += weight
        by_digamma += weight * digamma
        by_shift += weight * (z - start)
        if step < 1.0 and weight * step < _NEGLIGIBLE * (1.0 - step):
            return total, by_digamma, by_shift, end
    return total, by_digamma, by_shift, z


@compiled
def _summed(low: float, high: float, mu: float, theta: float) -> tuple[float, float, float]:
    """`log_interval` as a sum outward from the most probable count of the interval."""
    r = mu / theta
    q = theta / (1.0 + theta)
    start = max(low, min(high, np.floor(max(0.0, (r - 1.0) * theta))))
    total, digamma_sum, shift_sum = 1.0, 0.0, 0.0
    spread = np.sqrt((1.0 + theta) * max(mu, theta))
    for end in (low, high):
        if end != start:
            mass, by_digamma, by_shift, stop = _near(end, start, r, q)
            total, digamma_sum, shift_sum = total + mass, digamma_sum + by_digamma, shift_sum + by_shift
            if stop != end:
                mass, by_digamma, by_shift = _far(stop, end, start, r, -log1p(1.0 / theta), spread)
                total, digamma_sum, shift_sum = total + mass, digamma_sum + by_digamma, shift_sum + by_shift

    excess = start - mu + shift_sum / total
    slope = digamma_rise(start, r) + digamma_sum / total - log1p(theta)
    value = log_mass(start, mu, theta) + log(total)
    return value, slope / theta, excess / (theta * (1.0 + theta)) - slope * r / theta


@compiled
def log_interval(low: float, high: float, mu: float, theta: float) -> tuple[float, float, float]:
    """ln P(low ≤ Z ≤ high) and its derivatives with respect to μ and θ.

    Parameters
    ----------
    low, high : float
        Whole numbers, 0 ≤ low ≤ high; `high` may be infinite.
    mu, theta : float
        Mean and linear overdispersion, both positive.

    Returns
    -------
    tuple of float
        Log probability, d/dμ, d/dθ. NaN unless 1e-6 ≤ θ ≤ 1e6 and 1e-100 ≤ μ ≤ 1e100.
    """
    if not (1e-100 <= mu <= 1e100 and 1e-6 <= theta <= 1e6):
        return np.nan, np.nan, np.nan
    if high == np.inf and (low <= 0.0 or (mu > 1e14 and low < 1e10)):
        return 0.0, 0.0, 0.0
    if high == np.inf and low <= _TERMS:
        below, by_mu, by_theta = _summed(0.0, low - 1.0, mu, theta)
        if below < log(SHARP):
            odds = exp(below) / -expm1(below)
            return log1p(-exp(below)), -odds * by_mu, -odds * by_theta
    elif high - low > _NARROW and theta >= _SMOOTH:
        r = mu / theta
        value, by_r, by_theta, is_exact = log_wide_interval(low, high, r, theta)
        if is_exact:
            return value, by_r / theta, by_theta - by_r * r / theta
    return _summed(low, high, mu, theta)


@compiled
def log_intervals(low: Vector, high: Vector, mu: Vector, theta: Vector) -> tuple[Vector, Vector, Vector]:
    """Apply `log_interval` to vectors of equal length."""
    value, by_mu, by_theta = np.empty_like(mu), np.empty_like(mu), np.empty_like(mu)
    for i in range(mu.size):
        value[i], by_mu[i], by_theta[i] = log_interval(low[i], high[i], mu[i], theta[i])
    return value, by_mu, by_theta


def draw(rng: np.random.Generator, mu: Vector, theta: Vector) -> NDArray[np.int64]:
    """Draw NB1 counts as Poisson counts whose mean is a gamma variable.

    Parameters
    ----------
    rng : numpy.random.Generator
    mu, theta : array_like
        Means and overdispersions, broadcast against each other.
    """
    return rng.poisson(rng.gamma(mu / theta) * theta)
