"""Counts and matched lists together: against quadrature, and what must not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import arviz as az
import numpy as np
import pytest
from scipy import stats

from tests.estimators.listed import MEDIAN, PRIORS, RATE, RATE_SCALE, SCALE, one_day, pattern_lists, two_lists
from undercount.estimators import CountFusion
from undercount.models.negative_binomial import log_intervals
from undercount.models.priors import PriorTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.lists import MatchedLists
    from undercount.estimators import Estimate

SIGMAS = 4.0
PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)


def fitted(lists: MatchedLists | None, *counts: int, draws: int = 1000) -> Estimate:
    estimator = CountFusion(priors=PRIORS, draws=draws, tune=500, retry=False, lists=lists)
    return estimator.fit(one_day(*counts), seed=7)


def counted(count: int, tolls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of a recorder's count, over the priors of its rate and of its dispersion."""
    row = PriorTable()["dispersion"]
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    rate, theta = RATE * np.exp(RATE_SCALE * z), np.exp(row.location + row.scale * z)
    mean, spread = np.broadcast_arrays(tolls[:, None, None] * rate[:, None], theta)
    flat = np.full(mean.size, float(count))
    value = np.exp(log_intervals(flat, flat, mean.ravel().clip(1e-90), spread.ravel())[0]).reshape(mean.shape)
    return np.asarray(value @ weight @ weight)


def quantiles(first: int, second: int, both: int, counts: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Tolls of given posterior probability, and the probability of at most so many, by sums over N and over Λ."""
    observed = first + second - both
    number = np.arange(observed, 15 * first * second // both)
    overlap = np.asarray(stats.hypergeom.logpmf(both, number, first, second))
    x = np.linspace(np.log(observed) - 0.8, np.log(number[-1]) + 0.2, 200)
    weight = stats.norm.pdf(x, np.log(MEDIAN), SCALE)
    for count in counts:
        weight = weight * counted(count, np.exp(x))
    poisson = sum(w * stats.poisson.pmf(number, np.exp(each)) for w, each in zip(weight, x, strict=True))
    mass = poisson * np.exp(overlap - overlap.max())
    below = np.cumsum(mass) / mass.sum()
    places = np.searchsorted(below, PROBABILITIES)
    return number[places], below[places]


@pytest.mark.parametrize("counts", [(), (90, 70)], ids=["lists alone", "with counts"])
@pytest.mark.parametrize(("first", "second", "both"), [(90, 70, 20), (90, 70, 65), (90, 70, 3)])
def test_the_toll_has_the_hypergeometric_law(first: int, second: int, both: int, counts: tuple[int, ...]) -> None:
    estimate = fitted(two_lists(first, second, both), *counts)
    draws = estimate.toll().draws
    for toll, probability in zip(*quantiles(first, second, both, counts), strict=True):
        is_below = (draws <= toll).astype(float)
        ess = float(az.ess(is_below, method="mean"))
        assert ess > 400
        assert abs(is_below.mean() - probability) < SIGMAS * np.sqrt(probability * (1 - probability) / ess)
    assert draws.min() >= first + second - both
    assert estimate.check().passed


def test_one_list_changes_no_draw() -> None:
    without = fitted(None, 90, 70, draws=100)
    for one in (pattern_lists(("un",), (0, 60)), pattern_lists(("un", "ngo"), (0, 60, 0, 0))):
        estimate = fitted(one, 90, 70, draws=100)
        for name in ("log_rate", "deaths", "reporting_rate"):
            np.testing.assert_array_equal(
                estimate.sampled["posterior"].values(name), without.sampled["posterior"].values(name)
            )


def test_lists_that_share_nobody_raise_the_toll_and_those_that_share_all_lower_it() -> None:
    medians = [fitted(two_lists(40, 30, both), 40, 30, draws=300).toll().median for both in (0, 6, 29)]
    alone = fitted(None, 40, 30, draws=300).toll().median
    assert medians[0] > alone > medians[2]
    assert medians[0] > medians[1] > medians[2]
