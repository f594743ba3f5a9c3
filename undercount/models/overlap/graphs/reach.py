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
STEPS = 8
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
def ends_of(
    table: Table,
    family: Family,
    prior: tuple[Array, Array, int],
    is_end: NDArray[np.bool_],
    shares: tuple[float, float],
) -> tuple[int, int]:
    """Places of the first ends beyond which there is less than each of two shares, or -1; the second is the smaller.

    `prior` is its logarithm and its spread at the points, and its power.
    """
    table, family = borrowed(table), borrowed(family)
    log_prior, spread_of_prior, power = prior
    values, terms = np.empty(family.sizes.size), np.empty(table.zero.size)
    decay, scale, total, early = decays(table, family), -np.inf, 0.0, -1
    for i in range(POINTS.size):
        log_likelihoods(table, family, decay, POINTS[i], terms, values)
        highest = values.max() + log_prior[i]
        if highest > scale:
            total *= exp(scale - highest) if total > 0.0 else 0.0
            scale = highest
        if scale == -np.inf:
            continue
        masses = np.exp(values + (log_prior[i] - scale))
        total += 0.5 * (POINTS[min(i + 1, POINTS.size - 1)] - POINTS[max(i - 1, 0)]) * masses.sum()
        if is_end[i]:
            beyond = bounded_mass(spread_beyond(table, family, POINTS[i], power, spread_of_prior[i]), masses)
            if early < 0 and beyond < shares[0] * total:
                early = i
            if beyond < shares[1] * total:
                return early, i
    return early, -1


def ends_needed(table: Table, family: Family, prior: TollPrior, shares: tuple[float, float]) -> tuple[int, int] | None:
    """Numbers of missing victims 2ᵏ - 1 beyond which less than each of two shares of the mass lies.

    None if there is none for the second share, which is the smaller one. The mass itself is summed roughly; whoever
    needs a share exactly checks it.
    """
    log_prior = prior.at(table.observed + POINTS)
    highest_beyond = np.append(np.maximum.accumulate(log_prior[::-1])[-2::-1], -np.inf)
    wanted = SAFETY * shares[0], SAFETY * shares[1]
    of_prior = log_prior, prior.spread_at(table.observed + POINTS), prior.power
    early, late = ends_of(table, family, of_prior, IS_END & (log_prior >= highest_beyond), wanted)
    return None if late < 0 else (int(POINTS[early]), int(POINTS[late]))
