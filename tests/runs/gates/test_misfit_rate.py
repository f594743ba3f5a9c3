"""A model that holds is not held: worlds drawn from its priors, fitted, and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binom

from tests.runs.feeds import ESTIMATOR, feed, total, week
from undercount.data.coverage import recorder_prior
from undercount.estimators.foresight import foresee
from undercount.runs.gates import Candidate
from undercount.runs.gates.misfit import misfit
from undercount.runs.gates.surprise import chance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.schema import Report

WORLDS = 60
RECORDER = recorder_prior()


def counted(rng: np.random.Generator, mean: float, theta: float) -> int:
    """An NB1 count with variance (1 + θ) mean."""
    return int(rng.negative_binomial(max(mean, 1e-6) / theta, 1.0 / (1.0 + theta)))


def worlds(rng: np.random.Generator) -> Iterator[list[Report]]:
    """Reports of ten weeks, drawn from the priors."""
    for _ in range(WORLDS):
        course = 70.0 * np.exp(np.log(0.5) + 0.8 * rng.standard_normal() + np.cumsum(0.3 * rng.standard_normal(10)))
        common = RECORDER.location + RECORDER.common_scale * rng.standard_normal()
        reports = [total(10, counted(rng, course.sum() * np.exp(0.4 * rng.standard_t(4)), 6.0), "press")]
        for source in ("un", "clinic"):
            rate, theta = np.exp(common + RECORDER.own_scale * rng.standard_normal()), 6 * np.exp(0.6 * rng.normal())
            reports += [week(n + 1, counted(rng, rate * deaths, theta), source) for n, deaths in enumerate(course)]
        yield reports


@pytest.mark.slow
def test_a_model_that_holds_is_not_held() -> None:
    """Of 60 worlds, at most one may have a chance below 0.05; the limit of a run is 0.001."""
    rng = np.random.default_rng(5)
    chances = [misfit(Candidate(ESTIMATOR.fit(feed(reports))))[0].check.value for reports in worlds(rng)]
    assert sum(chance < 0.05 for chance in chances) <= 1
    assert min(chances) > 0.001


@pytest.mark.slow
def test_the_next_week_is_no_surprise() -> None:
    """The tail of the last week of a source, unseen, is a p-value: not more often small than it should be."""
    rng = np.random.default_rng(6)
    tails = []
    for reports in worlds(rng):
        (last,) = [one for one in reports if one.report == "un-w10"]
        found = foresee(ESTIMATOR.fit(feed([one for one in reports if one is not last])), last)
        assert found is not None
        tails.append(chance(found))
    for level in (0.05, 0.2, 0.5):
        assert sum(tail < level for tail in tails) <= binom.ppf(0.999, WORLDS, level)
    assert min(tails) > 0.001
    assert np.mean(tails) < 0.75  # a prediction that is far too wide would find nothing
