"""Whether the data, and not the prior alone, keep the toll from growing without end.

Under the prior a small share seen, s, needs every class of weight to be missed by every list: P(s < x) falls as x^i with

    i = J c + l - 1

times logarithms of x, for J lists with λ ~ Beta(c, d) and a prior of the toll of power l. Where the likelihood says
nothing about how far the toll may go, its posterior falls as N^-i beyond the median, and half of the interval above it
is what the prior says. Where the data bound it, it falls faster. Moments of N of order i and above do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class.priors import LatentClassPriors

    Array = NDArray[np.float64]

UPPER: Final = 0.975
LEAST_FALL: Final = 1.25
"""Of the posterior's fall over the prior's: below it the upper end of the interval is the prior's."""
LARGEST_RATIO: Final = 10.0
LARGEST_SWAY: Final = 1.5
LEAST_SEEN: Final = 0.01


@dataclass(frozen=True)
class Boundedness:
    """What bounds the toll from above."""

    ratio: float
    """97.5 % quantile of the toll over its median."""
    fall: float
    """Power of N with which the posterior falls from the median to that quantile."""
    prior_fall: float
    """The power with which it would fall if the likelihood said nothing: i. Moments from this order on do not exist."""
    sway: float
    """The 97.5 % quantile under a prior flat in N, over that under the prior at hand."""
    hardly_seen: float
    """Share of draws in which the lists hold less than one in a hundred of the dead."""
    reasons: tuple[str, ...]
    """Why the toll counts as not bounded by the data; empty if it is."""

    @property
    def is_bounded(self) -> bool:
        """Whether the data bound the toll."""
        return not self.reasons


def boundedness(toll: Array, seen: Array, lists: int, priors: LatentClassPriors) -> Boundedness:
    """Judge what bounds a toll.

    Parameters
    ----------
    toll, seen : ndarray, shape (chain, draw)
        Posterior draws of N and of s.
    lists : int
        J.
    priors : LatentClassPriors
    """
    median, upper = (float(x) for x in np.quantile(toll, [0.5, UPPER]))
    ratio = upper / median
    fall = log(0.5 / (1.0 - UPPER)) / log(ratio) if ratio > 1.0 else inf
    prior_fall = lists * priors.caught + priors.toll_power - 1.0
    sway = _weighted_quantile(toll.ravel(), seen.ravel() ** -priors.toll_power, UPPER) / upper
    hardly = float((seen < LEAST_SEEN).mean())
    return Boundedness(ratio, fall, prior_fall, sway, hardly, _reasons(ratio, fall, prior_fall, sway, hardly))


def _reasons(ratio: float, fall: float, prior_fall: float, sway: float, hardly: float) -> tuple[str, ...]:
    found = []
    if fall < LEAST_FALL * prior_fall:
        found.append(
            f"beyond its median the toll falls as the power {fall:.1f} of itself, as under the prior alone ({prior_fall:.1f}): "
            "the lists overlap too little to bound it"
        )
    if ratio > LARGEST_RATIO:
        found.append(f"the interval ends at {ratio:.1f} times the median")
    if sway > LARGEST_SWAY:
        found.append(f"under a prior flat in the toll the interval would end {sway:.1f} times as high")
    if hardly > 1.0 - UPPER:
        found.append(f"in {hardly:.1%} of the draws the lists hold less than one in a hundred of the dead")
    return tuple(found)


def _weighted_quantile(values: Array, weights: Array, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])
