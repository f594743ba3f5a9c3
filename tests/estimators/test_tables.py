"""Frames of sources and reports: figures that follow from draws made for the purpose."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.builders import make_evidence, make_report, make_reports
from tests.estimators.synthetic import make_estimate, values_of, with_draws
from tests.models.lag_case import lag_case
from tests.models.streams_case import streams_case
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


def test_lags_stand_beside_their_prior() -> None:
    found = make_estimate(lag_case())
    table = found.lags().set_index("source")
    assert list(table.index) == ["fallen", "un", "watch", "named incidents"]
    assert table.loc["un", "prior_median"] == pytest.approx(20.0)
    assert table.loc["named incidents", "prior_median"] == pytest.approx(4.0)
    own, common = values_of(found, "posterior", "lag_z")[..., 1], values_of(found, "posterior", "log_lag")[..., 0]
    expected = np.quantile(np.exp(common + 0.7 * own), [0.5, 0.025, 0.975])
    assert [table.loc["un", name] for name in ("median", "lower", "upper")] == pytest.approx(list(expected))
    assert table.loc["un", "prior_upper"] == pytest.approx(20 * np.exp(1.96 * np.hypot(0.7, 0.7)), rel=1e-3)
    for row in table.to_dict("records"):
        after, before = np.log(row["upper"] / row["lower"]), np.log(row["prior_upper"] / row["prior_lower"])
        assert row["contraction"] == pytest.approx(1 - after / before)


def test_a_case_without_a_lag_has_no_lags(small: Estimate) -> None:
    assert small.lags().empty


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


def test_streams_of_a_source_have_rows_of_their_own() -> None:
    found = make_estimate(streams_case(), draws=25, prior=50)
    table = found.reporting_rates()
    assert list(table["stream"]) == list(found.design.stream_names)
    assert len(table) == 7
    desk = table[table["source"] == "desk"].set_index("stream")
    assert list(desk["quantity"]) == ["injured", "killed"]
    assert set(desk["victims"]) == {"civilians"}
    assert list(desk["reports"]) == [3, 33]
    assert list(desk["name"]) == ["D: civilians, Injured", "D: civilians, Killed"]
    office = table.set_index("stream").loc["office"]
    assert (office["name"], office["source"], office["quantity"]) == ("O", "office", "killed")
    for place, name in enumerate(found.design.stream_names):
        draws = values_of(found, "posterior", "reporting_rate")[..., place]
        assert table.set_index("stream").loc[name, "median"] == pytest.approx(np.median(draws))


def test_a_source_with_one_stream_is_named_as_such(small: Estimate) -> None:
    table = small.reporting_rates()
    assert list(table["stream"]) == list(table["source"])
    assert {"civilians"} == set(table["victims"])
    assert {"killed"} == set(table["quantity"])
