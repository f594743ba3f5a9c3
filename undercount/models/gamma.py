"""Gamma functions in the combinations that counts need, without cancellation.

Abramowitz and Stegun 1964, *Handbook of Mathematical Functions*, chapter 6.
"""

from __future__ import annotations

from math import lgamma, log, log1p

from undercount.compiled import compiled

ASYMPTOTIC = 20.0
"""Asymptotic series are exact to double precision from here."""
ENOUGH = 10.0
"""That of the digamma function already from here."""
FEW = 12.0
"""Counts up to which a product of so many factors is faster than gamma functions."""


@compiled
def stirling(x: float) -> float:
    """ln Γ(x) less its leading terms (x - ½) ln x - x + ½ ln 2π, for x ≥ 20."""
    y = 1.0 / (x * x)
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x


@compiled
def digamma_tail(x: float) -> float:
    """ψ(x) - ln x, for x ≥ 10."""
    y = 1.0 / (x * x)
    far = 1 / 132 - y * (691 / 32760 - y * (1 / 12 - y * 3617 / 8160))
    return -0.5 / x - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * far))))


@compiled
def digamma(x: float) -> float:
    """ψ(x) for x > 0."""
    shift = 0.0
    while x < ENOUGH:
        shift += (2.0 * x + 1.0) / (x * (x + 1.0))
        x += 2.0
    return log(x) + digamma_tail(x) - shift


@compiled
def log_mass(z: float, mu: float, theta: float) -> float:
    """ln P(Z = z), without cancellation as θ goes to zero (the Poisson limit); z is a whole number."""
    r = mu / theta
    if r >= ASYMPTOTIC:
        rising = (r + z - 0.5) * log1p(z / r) - z + stirling(r + z) - stirling(r)
        return z * log(mu / (1.0 + theta)) + rising - r * log1p(theta) - lgamma(z + 1.0)
    if z <= FEW:
        product = 1.0
        for k in range(int(z)):
            product *= (r + k) / (1.0 + k)
        return log(product) - r * log1p(theta) - z * log1p(1.0 / theta)
    return lgamma(z + r) - lgamma(r) - lgamma(z + 1.0) - r * log1p(theta) - z * log1p(1.0 / theta)


@compiled
def digamma_rise(z: float, r: float) -> float:
    """ψ(z + r) - ψ(r); z is a whole number."""
    if z <= FEW:
        found = 0.0
        for k in range(int(z)):
            found += 1.0 / (r + k)
        return found
    if r >= ASYMPTOTIC:
        return log1p(z / r) + digamma_tail(r + z) - digamma_tail(r)
    return digamma(z + r) - digamma(r)
