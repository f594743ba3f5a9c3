"""How much of a distribution lies beyond a value that hardly any of its draws reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ENOUGH: Final = 40
"""Draws beyond a value that tell its tail by their number, to about a sixth."""
LEAST_SHAPE: Final = 0.01
LEAST_TAIL: Final = 5


def exceedance(draws: Array, value: float) -> float:
    """Probability of a draw of at least `value`.

    Where fewer than `ENOUGH` draws reach it, the largest √N of them are continued by a generalised Pareto
    distribution (Zhang and Stephens 2009, Technometrics 51, 316), or by an exponential one where that would end
    somewhere. For tails as thin as the normal this errs to the larger probability.

    Parameters
    ----------
    draws : ndarray, shape (N,)
        Of a continuous number; of fewer than 25 only the share beyond the value is told.
    value : float

    Examples
    --------
    >>> draws = np.random.default_rng(1).standard_exponential(4000)
    >>> bool(1e-6 < exceedance(draws, 12.0) < 6e-5)  # exp(-12) = 6.1e-6
    True
    """
    beyond = int(np.count_nonzero(draws >= value))
    size = int(min(draws.size / 5, max(ENOUGH, np.sqrt(draws.size))))
    if beyond >= ENOUGH or size < LEAST_TAIL:
        return beyond / draws.size
    largest = np.partition(draws, draws.size - size - 1)[draws.size - size - 1 :]
    largest.sort()
    over = largest[1:] - largest[0]
    if not over[-1] > 0.0 or value <= largest[0]:
        return beyond / draws.size
    shape, scale = _generalised_pareto(over)
    far = value - largest[0]
    beyond_far = (1.0 + shape * far / scale) ** (-1.0 / shape) if shape > LEAST_SHAPE else np.exp(-far / over.mean())
    return float(size / draws.size * beyond_far)


def _generalised_pareto(over: Array) -> tuple[float, float]:
    """Shape ξ and scale of the density of sorted exceedances, by the posterior mean of Zhang and Stephens."""
    n = over.size
    points = 30 + int(np.sqrt(n))
    b = 1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))
    b = b / (3.0 * over[int(n / 4 + 0.5) - 1]) + 1.0 / over[-1]
    k = np.log1p(-b[:, None] * over).mean(axis=1)
    profile = n * (np.log(-b / k) - k - 1.0)
    weight = np.exp(profile - profile.max())
    mean = float((b * weight).sum() / weight.sum())
    shape = float(np.log1p(-mean * over).mean())
    return shape, -shape / mean


def two_sided(counts: NDArray[Any], low: float, high: float) -> float:
    """Twice the smaller of the probabilities of a count of at least `low`, and of at most `high`; at most one.

    Parameters
    ----------
    counts : ndarray, shape (N,)
        Draws of the count. Each is spread evenly over its unit, and the tails are read on the log scale.
    low, high : float
        What a report allows; `high` may be infinite.
    """
    spread = (np.arange(counts.size) * 0.6180339887498949) % 1.0
    drawn = np.log(counts + np.clip(spread, 1e-3, None))
    above = exceedance(drawn, float(np.log(low))) if low >= 1.0 else 1.0
    below = exceedance(-drawn, -float(np.log(high + 1.0))) if np.isfinite(high) else 1.0
    return min(1.0, 2.0 * min(above, below))
