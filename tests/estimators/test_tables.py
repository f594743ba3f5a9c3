"""Frames of sources and reports: figures that follow from draws made for the purpose."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.builders import make_evidence, make_report, make_reports
from tests.estimators.synthetic import make_estimate, values_of, with_draws
from undercount.data.schema import Qualifier

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate


@pytest.fixture(scope="module")
def small() -> Estimate:
    return make_estimate(prior=2000)


@pytest.mark.parametrize(("power", "contraction"), [(1.0, 0.0), (0.5, 0.5), (0.1, 0.9), (2.0, -1.0)])
def test_contraction_is_the_share_of_the_width_that_is_gone(small: Estimate, power: float, contraction: float) -> None:
    prior = np.exp(np.random.default_rng(1).standard_normal((1, 2000, 3)))
    posterior = (prior**power).reshape(4, 500, 3) * 0.2
    found = with_draws(with_draws(small, "prior", reporting_rate=prior), "posterior", reporting_rate=posterior)
    # Quantiles between two draws are interpolated on the plain scale: hence not to the last digit.
    assert found.reporting_rates()["contraction"].to_numpy() == pytest.approx(contraction, abs=2e-3)


def test_rates_stand_beside_their_prior(small: Estimate) -> None:
    table = small.reporting_rates().set_index("source")
    assert list(table.index) == ["press", "red-army", "un"]
    assert list(table["kind"]) == ["claimant", "belligerent", "recorder"]
    assert list(table["reports"]) == [1, 1, 2]
    assert table.loc["un", "name"] == "United Nations office"
    for s, source in enumerate(table.index):
        for group, names in (
            ("posterior", ("median", "lower", "upper")),
            ("prior", ("prior_median", "prior_lower", "prior_upper")),
        ):
            draws = values_of(small, group, "reporting_rate")[..., s]
            expected = np.quantile(draws, [0.5, 0.025, 0.975])
            assert [table.loc[source, name] for name in names] == pytest.approx(list(expected))
    assert set(table["ci_kind"]) == {"eti"}
    assert set(table["ci_prob"]) == {0.95}


def test_reports_stand_beside_their_prediction(small: Estimate) -> None:
    reports = list(small.design.reports)
    again = np.zeros((4, 500, len(reports)), dtype=np.int64)
    again[..., reports.index("un-jan")] = 61 + np.arange(2000).reshape(4, 500) % 50  # 61 to 110, 40 times each
    again[..., reports.index("press-all")] = 850 + np.arange(2000).reshape(4, 500) % 100
    found = with_draws(small, "posterior_predictive", reported=again).reports().set_index("report")
    assert list(found.index) == ["press-all", "red-own", "un-jan", "un-market"]
    jan = found.loc["un-jan"]
    assert (jan["low"], jan["high"], jan["source"]) == (100, 100, "un")
    assert (jan["window_start"], jan["window_end"]) == (date(2020, 1, 1), date(2020, 1, 31))
    assert jan["tail"] == 11 / 50  # 100 to 110
    assert jan["predicted_median"] == 85.5
    press = found.loc["press-all"]
    assert (press["low"], press["high"]) == (900, np.inf)
    assert press["tail"] == 0.5  # 900 or more
    assert found.loc["red-own", "tail"] == 0  # 12 were claimed, and none predicted


def test_a_report_that_was_joined_to_another_has_no_row() -> None:
    again = make_report(report="un-again", published=date(2020, 6, 1))
    near = make_report(
        report="un-range", value=None, low=90, high=120, qualifier=Qualifier.RANGE, published=date(2020, 7, 1)
    )
    estimate = make_estimate(make_evidence((*make_reports(), again, near)), draws=25, prior=4)
    assert {"un-jan", "un-again", "un-copy"} == set(estimate.dropped)
    row = estimate.reports().set_index("report").loc["un-range"]
    assert (row["low"], row["high"]) == (100, 100)
    assert not {"un-jan", "un-again", "un-copy"} & set(estimate.reports()["report"])
