"""How many missing victims a grid has to go to, so that next to no mass lies beyond."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import borrowed, compiled
from undercount.models.overlap.graphs.likelihood import Array, Table, decays, log_likelihoods
from undercount.models.overlap.graphs.tail import bounded_mass, spread_beyond

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.graphs.graph import Family
    from undercount.models.overlap.graphs.prior import TollPrior

LEAST_POWER, MOST_POWER = 7, 40
"""A grid ends at 2ᵏ - 1 missing victims; 2⁴⁰ are more than have ever lived."""
STEPS = 4
"""Points per doubling at which the mass is looked at beforehand."""
SAFETY = 0.5
"""The mass that is seen beforehand is a rough sum."""


def _look_out() -> tuple[Array, NDArray[np.bool_]]:
    geometric = np.unique(np.rint(2.0 ** (np.arange(MOST_POWER * STEPS) / STEPS)))
    ends = 2.0 ** np.arange(LEAST_POWER, MOST_POWER + 1) - 1.0
    points = np.union1d(np.append(geometric, 0.0), ends)
    return points, np.isin(points, ends)


POINTS, IS_END = _look_out()


@compiled
def end_of(
    table: Table, family: Family, prior: tuple[Array, Array, int], is_end: NDArray[np.bool_], share: float
) -> tuple[int, Array]:
    """Place of the first end beyond which less than a share of the mass lies, or -1, and the mass up to each point.

    `prior` is its logarithm and its spread at the points, and its power.
    """
    table, family = borrowed(table), borrowed(family)
    log_prior, spread_of_prior, power = prior
    values, terms, sums = np.empty(family.sizes.size), np.empty(table.zero.size), np.zeros(POINTS.size)
    decay, scale, total = decays(table, family), -np.inf, 0.0
    for i in range(POINTS.size):
        log_likelihoods(table, family, decay, POINTS[i], terms, values)
        highest = values.max() + log_prior[i]
        if highest > scale:
            shrink = exp(scale - highest) if total > 0.0 else 0.0
            sums[:i] *= shrink
            total, scale = total * shrink, highest
        if scale == -np.inf:
            continue
        masses = np.exp(values + (log_prior[i] - scale))
        here = masses.sum()
        total += 0.5 * (POINTS[min(i + 1, POINTS.size - 1)] - POINTS[max(i - 1, 0)]) * here
        sums[i] = total
        if is_end[i] and here < share * total:
            spread = spread_beyond(table, family, POINTS[i], power, spread_of_prior[i])
            if bounded_mass(spread, masses) < share * total:
                return i, sums[: i + 1]
    return -1, sums


def ends_needed(table: Table, family: Family, prior: TollPrior, shares: tuple[float, float]) -> tuple[int, int] | None:
    """Two numbers of missing victims 2ᵏ - 1 beyond which less than each of two shares of the mass lies.

    The first is a rough one. For the second, of the smaller share, the mass beyond is bounded, and the mass itself is
    summed roughly: whoever needs the share exactly checks it. None if there is no such number.
    """
    log_prior = prior.at(table.observed + POINTS)
    highest_beyond = np.append(np.maximum.accumulate(log_prior[::-1])[-2::-1], -np.inf)
    of_prior = log_prior, prior.spread_at(table.observed + POINTS), prior.power
    place, sums = end_of(table, family, of_prior, IS_END & (log_prior >= highest_beyond), SAFETY * shares[1])
    if place < 0:
        return None
    is_early = IS_END[: place + 1] & (sums >= (1.0 - SAFETY * shares[0]) * sums[-1])
    return int(POINTS[: place + 1][is_early][0]), int(POINTS[place])
