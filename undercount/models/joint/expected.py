"""L as the fusion model sees it: the toll is Poisson around the expected toll Λ.

    E(Λ) = Σ_N Poisson(N; Λ) L(N),        d log E / d log Λ = E[N | Λ, D] - Λ,

where the mean is that of N with the weights of the sum. E has no wall at the number observed: below it, it falls as
steeply as the Poisson law does.
"""

from __future__ import annotations

from math import ceil, exp, floor, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.models.joint.factorials import log_poisson

if TYPE_CHECKING:
    from collections.abc import Callable

    from undercount.models.joint.factorials import Array
    from undercount.models.joint.likelihood import OverlapLikelihood

FEW = 256
"""Numbers of unlisted dead that are summed one by one; beyond, the sum is an integral."""
PANEL = 1.0
"""Width of its panels in √(unlisted), where a Poisson count has a standard deviation of one half."""
NEGLIGIBLE = 50.0
"""What a log density lacks where it counts no more."""
FAR = 12.0
"""Standard deviations of a Poisson count beyond which nothing is looked for."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


class Expected(NamedTuple):
    """Log E at one Λ, and the law of N there."""

    value: float
    """Log E, up to the constant that the likelihood leaves out."""
    slope: float
    """d log E / d log Λ, which is the mean of N less Λ."""
    variance: float
    """Of N, over Λ."""


def expected(likelihood: OverlapLikelihood, log_toll: float) -> Expected:
    """Average L over the Poisson law.

    Parameters
    ----------
    likelihood : OverlapLikelihood
    log_toll : float
        Log Λ.

    Returns
    -------
    Expected
        To eight digits (tested against the plain sum).
    """
    toll = exp(log_toll)

    def log_term(unlisted: Array) -> Array:
        number = likelihood.observed + unlisted
        return log_poisson(number, toll) + likelihood.log_likelihood(number)

    unlisted, weight = _nodes(log_term, *_range(likelihood, toll))
    value = log_term(unlisted)
    top = float(value.max())
    mass = weight * np.exp(value - top)
    total = float(mass.sum())
    excess = unlisted + (likelihood.observed - toll)
    mean = float((mass * excess).sum()) / total
    variance = float((mass * (excess - mean) ** 2).sum()) / total
    return Expected(top + float(np.log(total)), mean, variance / toll)


def _range(likelihood: OverlapLikelihood, toll: float) -> tuple[int, int]:
    """Least and largest number of unlisted dead to look at: as many as are expected, less those that are listed."""
    lowest = floor(toll - FAR * sqrt(toll) - 2.0 * likelihood.listed) - likelihood.observed
    return max(0, lowest), ceil(toll + FAR * sqrt(likelihood.observed + toll) + 30.0)


def _nodes(log_term: Callable[[Array], Array], lowest: int, highest: int) -> tuple[Array, Array]:
    """Numbers of unlisted dead and weights: those below `FEW`, and a Gauss-Legendre rule for the panels that count.

    The derivative at `FEW` - ½ turns the integral from there into a sum (Euler-Maclaurin).
    """
    single = np.arange(lowest, min(highest + 1, FEW), dtype=float)
    number: list[Array] = [single]
    weight: list[Array] = [np.ones(single.size)]
    if highest >= FEW:
        edge = sqrt(max(lowest, FEW - 0.5))
        panels = ceil((sqrt(highest) - edge) / PANEL)
        ends = edge + PANEL * np.arange(panels + 1, dtype=float)
        seen = log_term(ends**2)
        top = max(seen.max(), log_term(single).max(initial=-np.inf))
        left = ends[:-1][np.maximum(seen[:-1], seen[1:]) > top - NEGLIGIBLE]
        root: Array = left[:, None] + 0.5 * PANEL * (1.0 + _NODES)
        number.append((root**2).ravel())
        weight.append((PANEL * _WEIGHTS * root).ravel())
        if single.size:
            number.append(np.array([FEW - 1.0, float(FEW)]))
            weight.append(np.array([-1 / 24, 1 / 24]))
    return np.concatenate(number), np.concatenate(weight)
