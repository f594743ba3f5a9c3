"""Whether the data, and not the prior alone, keep the toll from growing without end.

Under the prior a small share seen, s, needs that every list miss every class of weight: P(s < x) falls as x^i with

    i = J c + l - 1

times logarithms of x, for J lists with λ ~ Beta(c, d) and a prior of the toll of power l. Where the likelihood does not
care how far the toll goes, the posterior of 1/s, which is the toll over what was seen, falls as the same power: the
interval then ends where the prior lets it end. Where the data bound the toll it falls faster. How it falls is read from
the upper quarter of the draws, as one over the mean of ln(1/s) beyond its quartile (Hill 1975, *Annals of Statistics*
3, 1163-1174).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class.priors import LatentClassPriors

    Array = NDArray[np.float64]

UPPER: Final = 0.975
TAIL: Final = 0.75
LARGEST_PRIOR_SHARE: Final = 0.95
LARGEST_RATIO: Final = 10.0
LEAST_SEEN: Final = 0.01


@dataclass(frozen=True)
class Boundedness:
    """What bounds the toll from above."""

    ratio: float
    """97.5 % quantile of the toll over its median."""
    fall: float
    """Power of the toll with which the upper quarter of its posterior falls."""
    prior_fall: float
    """i: the power if the likelihood did not care. Moments of the toll from this order on do not exist."""
    hardly_seen: float
    """Share of draws in which the lists hold less than one in a hundred of the dead."""
    reasons: tuple[str, ...]
    """Why the toll counts as not bounded by the data; empty if it is."""

    @property
    def prior_share(self) -> float:
        """The prior's fall over the posterior's: 1 or more where the data do not bound the toll."""
        return self.prior_fall / self.fall

    @property
    def is_bounded(self) -> bool:
        """Whether the data bound the toll."""
        return not self.reasons


def boundedness(toll: Array, seen: Array, lists: int, priors: LatentClassPriors) -> Boundedness:
    """Judge what bounds a toll.

    Parameters
    ----------
    toll, seen : ndarray, shape (chain, draw)
        Posterior draws of N and of s. Of a few hundred effective draws `fall` is known to a tenth.
    lists : int
        J.
    priors : LatentClassPriors
    """
    median, upper = (float(x) for x in np.quantile(toll, [0.5, UPPER]))
    far = -np.log(seen)
    start = np.quantile(far, TAIL)
    excess = float((far[far >= start] - start).mean())
    fall = 1.0 / excess if excess > 0.0 else inf
    prior_fall = lists * priors.caught + priors.toll_power - 1.0
    hardly = float((seen < LEAST_SEEN).mean())
    return Boundedness(
        ratio=upper / median,
        fall=fall,
        prior_fall=prior_fall,
        hardly_seen=hardly,
        reasons=tuple(_reasons(upper / median, fall, prior_fall, hardly)),
    )


def _reasons(ratio: float, fall: float, prior_fall: float, hardly: float) -> list[str]:
    found = []
    if prior_fall > LARGEST_PRIOR_SHARE * fall:
        found.append(
            f"the posterior of the toll falls as its power {fall:.1f}, no faster than the prior ({prior_fall:g}): "
            "the lists overlap too little to bound it"
        )
    if prior_fall <= 1.0:
        found.append(f"the toll has no mean, since the prior lets it fall as its power {prior_fall:g} only")
    if ratio > LARGEST_RATIO:
        found.append(f"the interval ends at {ratio:.1f} times the median")
    if hardly > 1.0 - UPPER:
        found.append(f"in {hardly:.1%} of the draws the lists hold less than one in a hundred of the dead")
    return found
