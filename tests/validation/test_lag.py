"""Recorders that document with a delay: recovery of the toll from early vintages, and calibration."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

import undercount as uc
from tests.builders import FIRST, case_fields, make_case, make_evidence, make_report, make_source
from tests.validation.calibration import calibrate, lag_design, published_later
from undercount.data.schema import Lag

if TYPE_CHECKING:
    from undercount.data import Evidence

RATE, DELAY, DAILY = 0.5, 25.0, 10.0
"""What is ever documented, days until it is, and deaths a day, of the other world."""
VINTAGES = (9, 19, 29, 39, 49, 59)
FITS = 240


def delayed(lag: Lag) -> tuple[Evidence, list[int]]:
    """Running totals every ten days of what was documented by then, and the deaths of each day."""
    rng = np.random.default_rng(7)
    deaths = rng.poisson(DAILY, VINTAGES[-1] + 1)
    day = np.repeat(np.arange(deaths.size), deaths)
    known = day + 0.5 + rng.exponential(DELAY, day.size)
    is_seen = rng.random(day.size) < RATE
    fields = case_fields()
    span = {"start": FIRST, "end": FIRST + timedelta(days=VINTAGES[-1])}
    fields |= {"timeline": span, "estimand": fields["estimand"] | {"window": span}, "incidents": ()}
    fields["population"] = fields["population"][:1]
    fields["dimensions"] = {
        "actor": {"levels": {"red": "Red army"}}, "area": {"levels": {"north": "North"}}
    }  # fmt: skip
    reports = [
        make_report(
            report=f"un-{by}", value=int((is_seen & (known < by + 1)).sum()), window_end=FIRST + timedelta(days=by),
            published=FIRST + timedelta(days=by),
        )
        for by in VINTAGES
    ]  # fmt: skip
    own = {"prior_median": RATE, "prior_scale": 0.1, "prior_reason": "past lists of this recorder"}
    sources = [make_source(lag=lag, **own)]
    return make_evidence(reports, case=make_case(**fields), sources=sources), deaths.tolist()


@pytest.mark.parametrize("by", [19, 39])
def test_early_vintages_hold_the_toll_with_a_lag_and_not_without(by: int) -> None:
    upper = {}
    for lag in Lag:
        evidence, deaths = delayed(lag)
        then = evidence.as_of(FIRST + timedelta(days=by))
        estimate = uc.CountFusion(draws=500).fit(then, seed=3)
        assert estimate.check().passed, estimate.check().failed
        toll = estimate.toll(window=(FIRST, FIRST + timedelta(days=by)))
        truth = sum(deaths[: by + 1])
        upper[lag] = toll.interval[1]
        assert (toll.interval[0] < truth < toll.interval[1]) == (lag is Lag.FITTED), toll
    assert upper[Lag.FITTED] < 20 * upper[Lag.NONE]


def test_the_same_count_published_later_is_of_a_smaller_toll() -> None:
    medians = []
    for days in (2, 30, 300):
        own = {"prior_median": RATE, "prior_scale": 0.1, "prior_reason": "past lists of this recorder"}
        fields = case_fields() | {"incidents": ()}
        report = make_report(published=FIRST + timedelta(days=30 + days))
        evidence = make_evidence([report], case=make_case(**fields), sources=[make_source(lag=Lag.FITTED, **own)])
        draws = np.log(uc.CountFusion(draws=500).fit(evidence, seed=4).toll(scope={"actor": "red"}).draws)
        medians.append(float(np.median(draws)))
    # Half of January is not yet documented two days after it, a fifth a month after.
    assert medians[0] > medians[1] + 0.1
    assert medians[1] > medians[2]


@pytest.mark.slow
def test_ranks_are_uniform_with_a_lag() -> None:
    arrays = lag_design()
    assert not arrays.terms.gaussian
    found = calibrate(arrays, arrays, FITS, seed=6)
    name, p = found.smallest
    assert p > 0.005, f"{name}: {found.ranks[name]}"
    assert found.divergences < 0.005


@pytest.mark.slow
def test_a_publication_taken_for_a_later_one_is_caught() -> None:
    arrays = lag_design()
    assert calibrate(arrays, published_later(arrays, 20), FITS, seed=7).smallest[1] < 1e-4
