"""Bias-corrected and accelerated intervals (Efron 1987, J. Am. Stat. Assoc. 82, 171; DiCiccio and Efron 1996).

With the replicates T* of an estimate T, z₀ is the normal quantile of the share of them below T, ties counted half, and
the end for the probability α is their quantile at

    Φ(z₀ + (z₀ + z_α) / (1 - a (z₀ + z_α))).

The acceleration a = ∑ d³ / (6 (∑ d²)^{3/2}) comes from the jackknife: d is how far the estimate without one record
falls short of the mean of all of these.
"""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Vector


def find_bias(estimate: float, replicates: Vector) -> float:
    """z₀; infinite if all replicates are on one side of the estimate."""
    below = np.mean(replicates < estimate) + 0.5 * np.mean(replicates == estimate)
    return float(norm.ppf(below))


def find_acceleration(without: Vector, weights: Vector) -> float:
    """The acceleration a, from estimates without one record, each as often as there are such records.

    Not finite if one of the estimates is not; 0 if all are equal.
    """
    short = np.average(without, weights=weights) - without
    spread = float(np.sum(weights * short**2))
    return float(np.sum(weights * short**3)) / (6.0 * spread**1.5) if spread != 0.0 else 0.0


def interval(estimate: float, replicates: Vector, acceleration: float, probability: float) -> tuple[float, float]:
    """The equal-tailed interval.

    Parameters
    ----------
    estimate : float
    replicates : numpy.ndarray, shape (R,)
        An infinite one is above every end.
    acceleration : float
    probability : float
        Of the interval.

    Returns
    -------
    tuple of float
        NaN where z₀ or a is not finite, or the denominator is not positive.

    Examples
    --------
    >>> interval(50.0, np.arange(100.0), 0.0, 0.9)
    (4.61..., 94.9...)
    """
    bias = find_bias(estimate, replicates)
    if not (isfinite(bias) and isfinite(acceleration)):
        return nan, nan
    tail = 0.5 * (1.0 - probability)
    reach = bias + norm.ppf(np.array([tail, 1.0 - tail]))
    slack = 1.0 - acceleration * reach
    if slack.min() <= 0.0:
        return nan, nan
    low, high = norm.cdf(bias + reach / slack)
    ordered = np.sort(replicates)
    return quantile(ordered, float(low)), quantile(ordered, float(high))


def quantile(ordered: Vector, share: float) -> float:
    """Quantile of sorted values by the eighth definition of Hyndman and Fan 1996, as SparseMSE takes it.

    Unlike `numpy.quantile`, it is infinite, not NaN, between a finite and an infinite value.
    """
    place = min(max(share * (ordered.size + 1 / 3) - 2 / 3, 0.0), ordered.size - 1.0)
    below = int(place)
    if place == below:
        return float(ordered[below])
    a, b = float(ordered[below]), float(ordered[below + 1])
    return b if np.isinf(b) else a + (place - below) * (b - a)
