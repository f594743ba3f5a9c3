"""The profile-likelihood interval of the number of victims under one model (Cormack 1992, Biometrics 48, 567).

With n₀ of N = n + n₀ victims on no list, the multinomial likelihood of the whole table, maximised over the parameters
of the model, is up to a constant

    ln L(N) = ln N! - ln n₀! + n₀ ln n₀ - N ln N - D(n₀),

where D is the divergence of the table completed by n₀ from its fit. N is taken as a real number. The interval holds the
N whose -2 ln L is within the quantile of χ² with one degree of freedom from the least; the N of the least is a little
below that of the Poisson likelihood, which is the estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, xlogy
from scipy.stats import chi2

from undercount.compiled import compiled
from undercount.models.overlap.loglinear.existence import Part, find_part
from undercount.models.overlap.loglinear.fit import Fit, check_probability
from undercount.models.overlap.loglinear.fits import fit_part
from undercount.models.overlap.loglinear.newton import make_work
from undercount.models.overlap.loglinear.tables import Vector, Whole, cells_above, check_counts, count_lists, tabulate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SMALLEST, LARGEST = 1e-9, 1e12
"""Victims on no list, as a share of those listed, between which an end of the interval is sought."""


@dataclass(frozen=True)
class Profile:
    """The profile likelihood of the number of victims."""

    toll: float
    """Where it is largest."""
    low: float
    high: float
    """Infinite if the likelihood does not fall enough up to a million million times those listed."""


def profile_interval(counts: ArrayLike, fit: Fit, probability: float = 0.95) -> Profile:
    """Find the profile-likelihood interval of the number of victims, listed or not.

    Parameters
    ----------
    counts : array_like of int, shape (2ᴷ,)
    fit : Fit
        Of these counts.
    probability : float

    Returns
    -------
    Profile

    Raises
    ------
    ModelError
        If the probability makes no sense.
    """
    check_probability(probability)
    table = check_counts(counts)
    level = _log_likelihood(table, fit.model)
    ends = log(SMALLEST * fit.listed), log(LARGEST * fit.listed)
    middle = log(max(fit.unlisted, SMALLEST * fit.listed))
    found = minimize_scalar(
        lambda x: -level(x),
        bounds=(max(ends[0], middle - 5.0), middle + 1.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    best, reach = float(found.x), 0.5 * float(chi2.ppf(probability, 1))

    def excess(x: float) -> float:
        return level(x) - float(-found.fun) + reach

    low = _crossing(excess, best, ends[0])
    high = _crossing(excess, best, ends[1])
    return Profile(
        fit.listed + exp(best),
        fit.listed + exp(low) if low is not None else float(fit.listed),
        fit.listed + exp(high) if high is not None else inf,
    )


def _log_likelihood(counts: Whole, model: int) -> Callable[[float], float]:
    """ln L of the toll as a function of ln n₀."""
    above, listed = cells_above(count_lists(counts)), float(counts.sum())
    values = counts.astype(np.float64)
    part = find_part(tabulate(values).support, model, above)

    def level(x: float) -> float:
        n0 = exp(x)
        divergence = completed_divergence(values, n0, part)
        toll = listed + n0
        return float(gammaln(toll + 1.0) - gammaln(n0 + 1.0) + xlogy(n0, n0) - xlogy(toll, toll)) - divergence

    return level


@compiled
def completed_divergence(counts: Vector, unlisted: float, part: Part) -> float:
    """Least divergence of the table with so many victims on no list, in the part of a model that fits the others."""
    values = counts.copy()
    values[0] = unlisted
    table, work = tabulate(values), make_work(counts.size)
    _, value = fit_part(table, Part(part.existence, part.terms, part.cells | 1), inf, work)
    return value


def _crossing(excess: Callable[[float], float], start: float, end: float) -> float | None:
    """Where a function that is positive at the start and falls crosses zero on the way to the end, if it does."""
    step = 0.1 if end > start else -0.1
    near, far = start, start + step
    while excess(far) > 0.0:
        if far == end:
            return None
        step *= 2.0
        near, far = far, min(far + step, end) if end > start else max(far + step, end)
    return float(brentq(excess, min(near, far), max(near, far), xtol=1e-11))
