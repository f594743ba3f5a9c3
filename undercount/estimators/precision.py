"""Monte Carlo error of a median, from draws that depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.sampling.diagnostics import convergence

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST: Final = 0.5
"""A toll of nobody has a logarithm, too."""
ONE_SIGMA: Final = 0.8413447460685429
"""Φ(1)."""


def log_median(draws: NDArray[Any]) -> float:
    """Natural logarithm of the median of draws of a toll."""
    return float(np.log(max(float(np.median(draws)), LEAST)))


def log_median_error(draws: NDArray[Any]) -> float:
    """Monte Carlo standard error of the log of a median.

    Half the distance between the quantiles of the draws within which the median lies with probability 0.68, given
    the effective sample size S of being below it: those of the beta distribution with S/2 + 1 twice (Vehtari et al.
    2021, Bayesian Analysis 16, 667, section 4).

    Parameters
    ----------
    draws : ndarray, shape (chain, draw)
        Of a toll.

    Returns
    -------
    float
        Infinite where the draws cannot tell: a single chain, or draws that never change.

    Examples
    --------
    >>> draws = np.exp(np.random.default_rng(1).standard_normal((4, 1000)))
    >>> bool(0.017 < log_median_error(draws) < 0.023)  # (π / 2 / 4000) ** 0.5 = 0.0198
    True
    """
    from scipy.special import betaincinv

    values = np.asarray(draws, dtype=float)
    is_below = (values <= np.median(values)).astype(float)
    if values.shape[0] < 2 or values.shape[1] < 4 or not 0 < is_below.mean() < 1:
        return float("inf")
    half = float(convergence(is_below[None])[1][0]) / 2.0 + 1.0
    low, high = np.quantile(np.log(np.maximum(values, LEAST)), betaincinv(half, half, [1.0 - ONE_SIGMA, ONE_SIGMA]))
    return float(high - low) / 2.0
