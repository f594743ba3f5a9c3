"""The normal distribution between two bounds: its mass, and its quantile as a function of a normal score.

A normal value known to lie in (a, b) is z = Φ⁻¹(Φ(a) + Φ(u) · (Φ(b) - Φ(a))) for a standard normal u,
whatever the bounds are, and contributes the mass Φ(b) - Φ(a): so a latent count is drawn without walls
(the decomposition of Geweke 1991, Hajivassiliou and Keane, with the uniform numbers as parameters).
All is computed on the side of the nearer tail and in logs, so that nothing cancels in the tails.
"""

from __future__ import annotations

from math import erfc, exp, inf, log, log1p, pi, sqrt

import numpy as np

from undercount.compiled import compiled

LOG_ROOT = 0.5 * log(2.0 * pi)
FAR = -30.0
"""Below this the error function runs out of numbers."""
STEPS = 30


@compiled
def log_cdf(x: float) -> float:
    """ln Φ(x), exact in the lower tail."""
    if x > FAR:
        return log1p(-0.5 * erfc(x / sqrt(2.0))) if x > 0.0 else log(0.5 * erfc(-x / sqrt(2.0)))
    if x == -inf:
        return -inf
    y = 1.0 / (x * x)
    series = -y * (1.0 - y * (2.5 - y * (37.0 / 3.0 - y * 88.25)))  # of ln(1 - y + 3y² - 15y³ + 105y⁴)
    return -0.5 * x * x - LOG_ROOT - log(-x) + series


@compiled
def quantile(log_p: float) -> float:
    """Φ⁻¹(exp(log_p)) for log_p ≤ ln ½, by Newton's steps on ln Φ, which is concave."""
    x = -sqrt(max(0.0, -2.0 * (log_p + LOG_ROOT)))
    if x < -2.0:
        x = -sqrt(-2.0 * (log_p + LOG_ROOT + log(-x)))
    for _ in range(STEPS):
        value = log_cdf(x)
        step = (value - log_p) * exp(value + 0.5 * x * x + LOG_ROOT)
        x -= step
        if abs(step) <= 1e-15 * (1.0 + abs(x)):
            break
    return x


@compiled
def _log_add(x: float, y: float) -> float:
    top = max(x, y)
    return top + log1p(exp(min(x, y) - top)) if top > -inf else top


@compiled
def _between(a: float, b: float) -> float:
    """ln (Φ(b) - Φ(a)) for a < b with a ≤ -b: the nearer tail is the lower one."""
    if b <= 0.0:
        high, low = log_cdf(b), log_cdf(a)
        return high + log1p(-exp(low - high))
    return log1p(-exp(log_cdf(a)) - exp(log_cdf(-b)))


@compiled
def truncated(a: float, b: float, u: float) -> tuple[float, float, float, float, float]:
    """A standard normal value between two bounds.

    Parameters
    ----------
    a, b : float
        Bounds, a < b; `b` may be infinite.
    u : float
        Normal score of the place between them.

    Returns
    -------
    tuple of float
        Log mass between the bounds, the value z, and dz/da, dz/db, dz/du. NaN where a ≥ b.
    """
    if not a < b:
        return np.nan, np.nan, np.nan, np.nan, np.nan
    if a + b > 0.0:
        mass, z, by_b, by_a, by_u = _truncated(-b, -a, -u)
        return mass, -z, by_a, by_b, by_u
    return _truncated(a, b, u)


@compiled
def _truncated(a: float, b: float, u: float) -> tuple[float, float, float, float, float]:
    mass = _between(a, b)
    below, above = log_cdf(u), log_cdf(-u)
    low = _log_add(log_cdf(a), below + mass)
    if low <= -0.6931471805599453:
        z = quantile(low)
    else:
        z = -quantile(_log_add(log_cdf(-b), above + mass))
    z = min(max(z, a), b)
    at = 0.5 * z * z
    by_a = exp(at - 0.5 * a * a + above) if a > -inf else 0.0
    by_b = exp(at - 0.5 * b * b + below) if b < inf else 0.0
    return mass, z, by_a, by_b, exp(at - 0.5 * u * u + mass)


@compiled
def mass_slopes(a: float, b: float, mass: float) -> tuple[float, float]:
    """Derivatives of the log mass by the bounds."""
    by_a = -exp(-0.5 * a * a - LOG_ROOT - mass) if a > -inf else 0.0
    by_b = exp(-0.5 * b * b - LOG_ROOT - mass) if b < inf else 0.0
    return by_a, by_b


@compiled
def truncated_with_slopes(a: float, b: float, u: float) -> tuple[float, float, float, float, float, float, float]:
    """`truncated` with the derivatives of both: mass, z, mass by a and b, z by a, b and u."""
    mass, z, z_by_a, z_by_b, z_by_u = truncated(a, b, u)
    by_a, by_b = mass_slopes(a, b, mass)
    return mass, z, by_a, by_b, z_by_a, z_by_b, z_by_u
