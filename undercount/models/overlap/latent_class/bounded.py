"""Whether the data, and not the prior alone, keep the toll from growing without end.

Under the prior a small share seen, s, needs that every list miss every class of weight: P(s < x) falls as x^i with

    i = J c + l - 1

times logarithms of x, for J lists with λ ~ Beta(c, d) and a prior of the toll of power l. Where the likelihood does not
care how far the toll goes, its posterior falls as N^-i beyond its median m, and the interval ends where the prior lets
it end: at m 20^(1/i) for a 97.5 % quantile, and under a prior weaker by one power of N, that is with weights 1/s of the
draws, at m (40 r / (r + w))^(1/(i - 1)), where r = i / (i - 1) and w is the mean weight of the draws below the median,
over the weight there. How much of the way from one to the other the draws go under these weights, in logarithms, is
the share of the prior in where the interval ends. (Prior sensitivity by weights: Kallioinen et al. 2024, *Statistics
and Computing* 34, 57.)
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
HALF: Final = 0.5
LARGEST_PRIOR_SHARE: Final = 0.45
LARGEST_RATIO: Final = 10.0
LEAST_SEEN: Final = 0.01


@dataclass(frozen=True)
class Boundedness:
    """What bounds the toll from above."""

    ratio: float
    """97.5 % quantile of the toll over its median."""
    fall: float
    """Power of N with which the posterior falls from the median to that quantile."""
    prior_fall: float
    """i: the power if the likelihood did not care. Moments of the toll from this order on do not exist."""
    sway: float
    """The 97.5 % quantile under a prior weaker by one power of N, over that under the prior at hand."""
    prior_share: float
    """ln(sway) over what it would be if the likelihood did not care: about 0 if the data bound the toll, 1 if not."""
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
    prior_fall = lists * priors.caught + priors.toll_power - 1.0
    sway = max(_weighted_quantile(toll.ravel(), 1.0 / seen.ravel(), UPPER) / upper, 1.0)
    hardly = float((seen < LEAST_SEEN).mean())
    ratio, share = upper / median, log(sway) / _log_sway_of_prior(seen, prior_fall)
    return Boundedness(
        ratio=ratio,
        fall=log(HALF / (1.0 - UPPER)) / log(ratio) if ratio > 1.0 else inf,
        prior_fall=prior_fall,
        sway=sway,
        prior_share=share,
        hardly_seen=hardly,
        reasons=tuple(_reasons(ratio, prior_fall, share, hardly)),
    )


def _log_sway_of_prior(seen: Array, prior_fall: float) -> float:
    """Logarithm of the sway if the toll beyond its median were the prior's."""
    if prior_fall <= 1.0:
        return inf
    middle = np.median(seen)
    body = float((middle / seen[seen >= middle]).mean())
    rise = prior_fall / (prior_fall - 1.0)
    weaker = log(HALF / (1.0 - UPPER) * 2.0 * rise / (rise + body)) / (prior_fall - 1.0)
    return weaker - log(HALF / (1.0 - UPPER)) / prior_fall


def _reasons(ratio: float, prior_fall: float, share: float, hardly: float) -> list[str]:
    found = []
    if share > LARGEST_PRIOR_SHARE:
        found.append(
            f"where the interval ends is for the greater part ({min(share, 1.0):.0%}) the prior's doing: "
            "the lists overlap too little to bound the toll"
        )
    if prior_fall <= 1.0:
        found.append(f"the toll has no mean, since the prior lets it fall as the power {prior_fall:g} only")
    if ratio > LARGEST_RATIO:
        found.append(f"the interval ends at {ratio:.1f} times the median")
    if hardly > 1.0 - UPPER:
        found.append(f"in {hardly:.1%} of the draws the lists hold less than one in a hundred of the dead")
    return found


def _weighted_quantile(values: Array, weights: Array, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])
