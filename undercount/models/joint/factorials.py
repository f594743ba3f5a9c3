"""Ratios of factorials without cancellation, for arrays.

Abramowitz and Stegun 1964, *Handbook of Mathematical Functions*, chapter 6; Loader 2000, *Fast and accurate computation
of binomial probabilities*, for the Poisson law.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]

SERIES = 100.0
"""Three terms of Stirling's series are exact to double precision from here."""


def log_gamma_ratio(x: Array, y: Array) -> Array:
    """ln Γ(x) - ln Γ(y) for 0 < y ≤ x, without cancellation where both are large.

    Examples
    --------
    >>> x = np.array([1e12])
    >>> bool(np.isclose(log_gamma_ratio(x, x - 1.0), np.log(1e12 - 1.0), rtol=1e-15))
    True
    """
    far, shift = np.maximum(y, SERIES), x - y
    top = far + shift
    rise = shift * np.log(top) - (far - 0.5) * np.log1p(-shift / top) - shift + _series(top) - _series(far)
    return np.where(y >= SERIES, rise, gammaln(x) - gammaln(y))


def log_poisson(count: Array, mean: float | Array) -> Array:
    """ln of mean^count exp(-mean) / count!, also between whole numbers.

    Examples
    --------
    >>> bool(np.isclose(log_poisson(np.array([2.0]), 1.0), np.log(0.5) - 1.0))
    True
    """
    far = np.maximum(count, SERIES)
    excess = far / mean - 1.0
    deviance = mean * ((1.0 + excess) * np.log1p(excess) - excess)
    large = -deviance - 0.5 * np.log(2 * np.pi * far) - _series(far)
    return np.where(count >= SERIES, large, count * np.log(mean) - mean - gammaln(count + 1.0))


def _series(x: Array) -> Array:
    """ln Γ(x) less (x - ½) ln x - x + ½ ln 2π; the same for ln Γ(x + 1) less (x + ½) ln x - x + ½ ln 2π."""
    y = 1.0 / (x * x)
    return np.asarray((1 / 12 - y * (1 / 360 - y / 1260)) / x)
