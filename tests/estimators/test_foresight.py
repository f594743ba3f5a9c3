"""What a source was expected to say in a report that an estimate has not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.runs.feeds import COUNTS, ESTIMATOR, FIRST, feed, sources, total, week, weeks
from undercount.data.schema import Attribution, Lag, Speakers
from undercount.estimators.foresight import foresee

if TYPE_CHECKING:
    from undercount.data.schema import Report
    from undercount.estimators import Estimate

BASE = [*weeks(8), *weeks(8, "clinic", 0.6), total(8, 480, "press")]


@pytest.fixture(scope="module")
def estimate() -> Estimate:
    return ESTIMATOR.fit(feed(BASE))


def with_source(estimate: Estimate, **changes: Any) -> Estimate:
    """The same draws under evidence in which "un" is another source."""
    others = [one.model_copy(update=changes) if one.source == "un" else one for one in sources()]
    found = replace(estimate, evidence=estimate.evidence.__class__(
        case=estimate.evidence.case, sources=tuple(others), reports=estimate.evidence.reports
    ))  # fmt: skip
    found.__dict__["design"] = estimate.design
    return found


def test_the_mean_is_the_rate_times_the_deaths(estimate: Estimate) -> None:
    """The slow twin: each draw by itself, with its own deaths and rate."""
    report = week(5, 40)
    found = foresee(estimate, report)
    assert found is not None
    assert (found.low, found.high, found.is_at_most) == (40.0, 40.0, False)
    posterior = estimate.draws["posterior"].to_dataset()
    days = [np.datetime64(FIRST + timedelta(days=28 + i)) for i in range(7)]
    deaths = posterior["deaths"].sel(day=days).sum(["day", "actor", "area"])
    mean = (deaths * posterior["rate_by_actor"].sel(source="un", actor="red")).to_numpy().ravel()
    theta = np.exp(posterior["log_dispersion"].sel(source="un").to_numpy()).ravel()
    error = np.sqrt((1.0 + theta) * mean).mean() / np.sqrt(mean.size)
    assert abs(found.counts.mean() - mean.mean()) < 4 * error
    spread = mean.var() + ((1.0 + theta) * mean).mean()
    assert found.counts.var() == pytest.approx(spread, rel=0.25)


def test_a_known_source_is_expected_to_go_on(estimate: Estimate) -> None:
    found = foresee(estimate, week(8, COUNTS[7]))
    assert found is not None
    low, high = np.quantile(found.counts, [0.025, 0.975])
    assert low < COUNTS[7] < high < 4 * COUNTS[7]


@pytest.mark.parametrize(
    "report",
    [week(9, 10, "wire"), week(9, 10, victims="soldiers"), week(9, 10, "nobody")],
    ids=["no report yet", "other victims", "unknown source"],
)
def test_nothing_is_expected_of_what_is_not_known(estimate: Estimate, report: Report) -> None:
    assert foresee(estimate, report) is None


def test_a_circle_of_speakers_is_left_to_the_model(estimate: Estimate) -> None:
    assert foresee(with_source(estimate, speakers=Speakers.SEVERAL), week(9, 40)) is None


def test_what_can_only_be_too_large(estimate: Estimate) -> None:
    lagged = foresee(with_source(estimate, lag=Lag.FITTED), week(9, 40))
    contested = foresee(estimate, week(9, 40, actors=("red",), attribution=Attribution.CONTESTED))
    unsure = foresee(estimate, week(9, 40, window_uncertainty_days=7))
    sure = foresee(estimate, week(9, 40))
    assert lagged is not None
    assert contested is not None
    assert unsure is not None
    assert sure is not None
    assert [one.is_at_most for one in (lagged, contested, unsure, sure)] == [True, True, True, False]
    assert unsure.counts.mean() > 1.5 * sure.counts.mean()


def test_it_is_the_same_every_time(estimate: Estimate) -> None:
    one, other = foresee(estimate, week(9, 40)), foresee(estimate, week(9, 40))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.counts, other.counts)
