"""Tails of the NB1 count as continued fractions, with their derivatives.

With q = θ / (1 + θ), p = 1 - q and r = μ / θ the tails are regularised incomplete beta functions,

    P(Z ≥ v) = I_q(v, r) = P(Z = v) · F(v, r, q),
    P(Z < v) = I_p(r, v) = P(Z = v) · v / r · F(r, v, p),

where F is the continued fraction of DiDonato and Morris 1992 (ACM TOMS 18, 360), section 4, in the form
1 / (1 + d₁ / (1 + d₂ / (1 + …))); it converges within about √max(v, r) steps on its own side of the mean. The
derivatives are those of each step, carried along.
"""

from __future__ import annotations

from math import exp, log, log1p

import numpy as np

from undercount.compiled import compiled
from undercount.models.gamma import digamma_rise, log_mass

STEPS = 400
CONVERGED = 1e-15
TINY = 1e-300
SHARP = 0.99
"""A difference of two tails is taken only where the smaller is at most this share of the larger."""


@compiled
def _fraction(a: float, b: float, x: float, by_a: float, by_b: float) -> tuple[float, float, float, bool]:
    """ln F(a, b, x), its derivative along (by_a, by_b), its derivative by x, and whether it converged."""
    product, along, by_x = 1.0, 0.0, 0.0
    # Modified Lentz: c and e are the two running ratios, c1 and e1 their derivatives along, c2 and e2 by x.
    c, c1, c2, e, e1, e2 = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(1, STEPS):
        m = k // 2
        if k % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            rise = by_a / (a + m) + (by_a + by_b) / (a + b + m) - by_a / (a + 2 * m) - by_a / (a + 2 * m + 1)
            d1 = d * rise
        else:
            base = m * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = base * (b - m)
            d1 = base * by_b - d * by_a * (1.0 / (a + 2 * m - 1) + 1.0 / (a + 2 * m))
        d2 = d / x
        below = 1.0 + d * e
        if abs(below) < TINY or abs(c) < TINY:
            break
        next_e = 1.0 / below
        e1, e2 = -next_e * next_e * (d1 * e + d * e1), -next_e * next_e * (d2 * e + d * e2)
        e = next_e
        next_c = 1.0 + d / c
        c1, c2 = d1 / c - d * c1 / (c * c), d2 / c - d * c2 / (c * c)
        c = next_c
        step = c * e
        along_step, x_step = c1 / c + e1 / e, c2 / c + e2 / e
        product *= step
        along += along_step
        by_x += x_step
        if (
            abs(step - 1.0) < CONVERGED
            and abs(along_step) < CONVERGED * (1.0 + abs(along))
            and abs(x_step) < CONVERGED * (1.0 + abs(by_x))
        ):
            return -log(product), -along, -by_x, product > 0.0
    return np.nan, np.nan, np.nan, False


@compiled
def _upper(v: float, r: float, theta: float) -> tuple[float, float, float, bool]:
    """ln P(Z ≥ v), its derivatives by r and θ, and whether the fraction converged; v > 0."""
    value, by_r, by_x, is_good = _fraction(v, r, theta / (1.0 + theta), 0.0, 1.0)
    by_theta = (v - r * theta) / (theta * (1.0 + theta)) + by_x / (1.0 + theta) ** 2
    return log_mass(v, r * theta, theta) + value, digamma_rise(v, r) - log1p(theta) + by_r, by_theta, is_good


@compiled
def _lower(v: float, r: float, theta: float) -> tuple[float, float, float, bool]:
    """ln P(Z < v), its derivatives by r and θ, and whether the fraction converged; v > 0."""
    value, by_r, by_x, is_good = _fraction(r, v, 1.0 / (1.0 + theta), 1.0, 0.0)
    by_theta = (v - r * theta) / (theta * (1.0 + theta)) - by_x / (1.0 + theta) ** 2
    by_r += digamma_rise(v, r) - log1p(theta) - 1.0 / r
    return log_mass(v, r * theta, theta) + log(v / r) + value, by_r, by_theta, is_good


@compiled
def _difference(
    large: tuple[float, float, float, bool], small: tuple[float, float, float, bool]
) -> tuple[float, float, float, bool]:
    """ln (exp(large) - exp(small)) with its derivatives."""
    ratio = exp(small[0] - large[0])
    rest = 1.0 - ratio
    by_r, by_theta = (large[1] - ratio * small[1]) / rest, (large[2] - ratio * small[2]) / rest
    return large[0] + log1p(-ratio), by_r, by_theta, large[3] and small[3] and ratio < SHARP


@compiled
def log_wide_interval(low: float, high: float, r: float, theta: float) -> tuple[float, float, float, bool]:
    """ln P(low ≤ Z ≤ high), its derivatives by r at fixed θ and by θ at fixed r, and whether they are exact.

    Where they are not, the tails of the interval nearly cancel or a fraction did not converge.
    """
    certain, never = (0.0, 0.0, 0.0, True), (-np.inf, 0.0, 0.0, True)
    mean = r * theta
    if low > mean:
        return _difference(_upper(low, r, theta), _upper(high + 1.0, r, theta) if high < np.inf else never)
    below = _lower(low, r, theta) if low > 0.0 else never
    if high + 1.0 <= mean:
        return _difference(_lower(high + 1.0, r, theta), below)
    above = _upper(high + 1.0, r, theta) if high < np.inf else never
    inside = _difference(_difference(certain, below), above)
    if high == np.inf and not inside[3]:
        return _upper(low, r, theta)
    return inside
