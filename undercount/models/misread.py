"""What the figures of a running tally say: errors of reports, and figures that were misread.

A report of the running total S says S plus an error. Relative to a usual count E, which is fixed beforehand (its
own, or a third or three times what even reporting would give, where that is nearer), the error has the small scale
κ = `LEAST_ERROR` + exp(log_revision), beside which a narrow interval is its middle with the variance of its width, or,
with probability ε, the large one κ + `MISREAD`: another speaker, another day, a fault of coding. Streams of few
reports have ε = 0, since none would stand out, and one κ for all those of a source (`models.report_errors`). Given the
reports before it S is normal with mean m and variance V, so that with F_0 = V + ¼ + (κ E)² and
F_1 = V + ¼ + ((κ + `MISREAD`) E)² the count y has the density

    L(m) = (1 - ε) N(y; m, F_0) + ε N(y; m, F_1),

for an interval the probability of it. S given y has the mean m + V ∂ ln L/∂m and the variance
V + V² ∂² ln L/∂m², exactly, whatever L is; going on with a normal of these moments (assumed density filtering:
Masreliez 1975, IEEE Trans. Autom. Control 20, 107; Minka 2001) makes the log density of all reports the sum of
the logarithms of their L. Derivatives by F are those by m: ∂L/∂F = ½ ∂²L/∂m².

Far above the usual count, where figures of another heading lie, the error is log-normal and wide: a count y beyond
c = 2 (E + 1) is read as c (1 + ln(1 + 6 (y / c - 1)) / 6), with the slope of this map in the density.
"""

from __future__ import annotations

from math import erf, erfc, exp, inf, log, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled

Array = NDArray[np.float64]

MISREAD = 1.0
LEAST_ERROR = 0.05
"""Of κ. Figures that differ by less are the same to this model: a tally that is right to a day would follow every
step of its speakers, and the course of the deaths with it."""
FAR_ABOVE = 2.0
FAR_RISE = 6.0
"""The figure of another heading may be ten times as large; it is not to pull as if it were a count."""
NO_MISREADING = -40.0
"""Logit of ε where it is zero."""
HALF_COUNT = 0.5
LOG_ROOT = 0.5 * log(2.0 * pi)
LARGEST_EXPONENT = 300.0
"""Beyond it a count was misread for certain, and exp(x) squared would be too large a number."""


class Told(NamedTuple):
    """What a report says, and how it is expected to err."""

    is_point: bool
    low: float
    high: float
    """Its count twice, or the ends of an interval, half a count beyond its counts; as `pressed` gives them."""
    flatter: float
    """What `pressed` takes from the log density of a count."""
    kappa: float
    logit: float
    """ln(ε / (1 - ε))"""
    odds: float
    """ε / (1 - ε)"""
    below: float
    """-ln(1 - ε)"""


class Law(NamedTuple):
    """One normal law of a report: derivatives of its density by m over it."""

    d1: float
    d2: float
    d3: float
    d4: float


def pressed(count: Array, usual: Array) -> tuple[Array, Array]:
    """Counts as their errors are read, and what this takes from the log density of each."""
    far = FAR_ABOVE * (usual + 1.0)
    flatter = np.log1p(FAR_RISE * np.maximum(count / far - 1.0, 0.0))
    return np.where((count > far) & (count < inf), far * (1.0 + flatter / FAR_RISE), count), flatter


@compiled
def point(count: float, middle: float, total: float) -> Law:
    """The density of a count."""
    inverse = 1.0 / total
    d1 = (count - middle) * inverse
    z2 = d1 * (count - middle)
    return Law(
        d1,
        (z2 - 1.0) * inverse,
        (z2 - 3.0) * d1 * inverse,
        ((z2 - 6.0) * z2 + 3.0) * inverse * inverse,
    )


@compiled
def between(a: float, b: float) -> float:
    """Φ(b) - Φ(a) for a < b, without loss in the tails."""
    if a > 0.0:
        return 0.5 * (erfc(a / sqrt(2.0)) - erfc(b / sqrt(2.0)))
    if b < 0.0:
        return 0.5 * (erfc(-b / sqrt(2.0)) - erfc(-a / sqrt(2.0)))
    return 0.5 * (erf(b / sqrt(2.0)) - erf(a / sqrt(2.0)))


@compiled
def interval(low: float, high: float, middle: float, total: float) -> tuple[Law, float]:
    """The probability of an interval, and it itself."""
    s = sqrt(total)
    a, b = (low - middle) / s, (high - middle) / s
    mass = between(a, b)
    if not mass > 0.0:
        return Law(0.0, 0.0, 0.0, 0.0), 0.0
    at_a = exp(-0.5 * a * a - LOG_ROOT) / mass
    at_b = exp(-0.5 * b * b - LOG_ROOT) / mass if b < inf else 0.0
    c = b if b < inf else 0.0
    law = Law(
        (at_a - at_b) / s,
        (a * at_a - c * at_b) / total,
        ((a * a - 1.0) * at_a - (c * c - 1.0) * at_b) / (total * s),
        ((a * a - 3.0) * a * at_a - (c * c - 3.0) * c * at_b) / (total * total),
    )
    return law, mass


@compiled
def weighed(told: Told, one: float, other: float) -> tuple[float, float]:
    """Log density of the mixture of both laws, given the log of each, and the weight of the first."""
    ahead = other + told.logit - one
    if ahead > 0.0:
        small = exp(-ahead)
        return other + told.logit + log(1.0 + small) - told.below, small / (1.0 + small)
    small = exp(ahead)
    return one + log(1.0 + small) - told.below, 1.0 / (1.0 + small)


@compiled
def spreads(told: Told, usual: float, variance: float) -> tuple[float, float]:
    """F_0 and F_1."""
    least = variance + HALF_COUNT**2
    return least + (told.kappa * usual) ** 2, least + ((told.kappa + MISREAD) * usual) ** 2


@compiled
def count_heard(told: Told, middle: float, small: float, wide: float) -> tuple[float, float, float, float]:
    """`heard` of a count, given F_0 and F_1."""
    first, second = point(told.low, middle, small), point(told.low, middle, wide)
    z2 = first.d1 * (told.low - middle)
    exponent = 0.5 * (z2 - second.d1 * (told.low - middle))
    if exponent > LARGEST_EXPONENT:
        w = 0.0
        value = told.logit + exponent - 0.5 * (z2 + log(wide))
    else:
        odds = told.odds * sqrt(small / wide) * exp(exponent)
        w = 1.0 / (1.0 + odds)
        value = 0.5 * (log((1.0 + odds) * (1.0 + odds) / small) - z2)
    g = w * first.d1 + (1.0 - w) * second.d1
    return value, g, g * g - (w * first.d2 + (1.0 - w) * second.d2), w


@compiled
def interval_heard(told: Told, middle: float, small: float, wide: float) -> tuple[float, float, float, float]:
    """`heard` of an interval, given F_0 and F_1."""
    first, mass = interval(told.low, told.high, middle, small)
    one = log(mass) if mass > 0.0 else -inf
    second, mass = interval(told.low, told.high, middle, wide)
    other = log(mass) if mass > 0.0 else -inf
    value, w = weighed(told, one, other)
    g = w * first.d1 + (1.0 - w) * second.d1
    return value, g, g * g - (w * first.d2 + (1.0 - w) * second.d2), w


@compiled
def heard(told: Told, usual: float, middle: float, variance: float) -> tuple[float, float, float, float]:
    """Log density of a report, g = ∂ ln L/∂m, h = -∂² ln L/∂m², and the probability that it was not misread."""
    small, wide = spreads(told, usual, variance)
    if not told.is_point:
        return interval_heard(told, middle, small, wide)
    value, g, h, w = count_heard(told, middle, small, wide)
    return value - LOG_ROOT - told.flatter - told.below, g, h, w


@compiled
def heard_back(
    told: Told, usual: float, middle: float, variance: float, w: float, to_g: float, to_h: float
) -> tuple[float, float, float, float]:
    """Derivatives by m, V, κ and the logit of ε of the log density, plus `to_g` g and `to_h` h."""
    small, wide = spreads(told, usual, variance)
    v = 1.0 - w
    if told.is_point:
        first, second = point(told.low, middle, small), point(told.low, middle, wide)
    else:
        first, _ = interval(told.low, told.high, middle, small)
        second, _ = interval(told.low, told.high, middle, wide)
    a1, a2, a3 = (w * first.d1 + v * second.d1, w * first.d2 + v * second.d2, w * first.d3 + v * second.d3)
    by_1, by_2 = to_g + 2.0 * a1 * to_h, -to_h  # of the sum, by A1 and A2
    to_middle = a1 + by_1 * (a2 - a1 * a1) + by_2 * (a3 - a1 * a2)
    to_small = 0.5 * w * (first.d2 + by_1 * (first.d3 - a1 * first.d2) + by_2 * (first.d4 - a2 * first.d2))
    to_wide = 0.5 * v * (second.d2 + by_1 * (second.d3 - a1 * second.d2) + by_2 * (second.d4 - a2 * second.d2))
    misread = told.odds / (1.0 + told.odds)
    of_second, of_first = (1.0 - misread) * v, -misread * w
    to_logit = of_second * (1.0 + by_1 * (second.d1 - a1) + by_2 * (second.d2 - a2))
    to_logit += of_first * (1.0 + by_1 * (first.d1 - a1) + by_2 * (first.d2 - a2))
    to_kappa = 2.0 * usual**2 * (to_small * told.kappa + to_wide * (told.kappa + MISREAD))
    return to_middle, to_small + to_wide, to_kappa, to_logit
