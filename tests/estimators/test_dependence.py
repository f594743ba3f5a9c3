"""What the toll depends on, as plain values: levers, rates driven by their prior, sources left out, vintages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from tests.estimators.synthetic import make_estimate, values_of, with_draws
from undercount.estimators.dependence import dependence, levers, sensitivity_content, vintages_content
from undercount.estimators.sensitivity import MATCHED, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Days:
    rows: Sequence[dict[str, Any]]


def test_a_lever_is_the_share_of_the_variance_that_a_rate_explains() -> None:
    estimate = make_estimate()
    rates = values_of(estimate, "posterior", "reporting_rate")
    noise = np.exp(0.02 * np.random.default_rng(3).standard_normal(rates.shape[:2]))
    rates[..., 0] = 1e3 / estimate.toll().draws * noise
    rates[..., 1] = 0.5
    changed = with_draws(estimate, "posterior", reporting_rate=rates)
    found = levers(changed)
    first, second, *others = (found[name] for name in estimate.design.stream_names)
    assert first is not None
    log_toll, log_rate = np.log(estimate.toll().draws).ravel(), np.log(rates[..., 0]).ravel()
    slope, level = np.polyfit(log_rate, log_toll, 1)
    left = np.var(log_toll - slope * log_rate - level)
    assert first == pytest.approx(1 - left / np.var(log_toll), abs=1e-10)
    assert first > 0.5
    assert second is None
    assert all(other is not None and other < 0.01 for other in others)


def test_rates_driven_by_their_prior_are_counted() -> None:
    rows = [{"contraction": value} for value in (0.19, 0.2, 0.9, -0.3, float("nan"))]
    assert dependence(rows) == {"least_contraction": 0.2, "prior_driven": 3}


def test_matched_lists_have_no_source() -> None:
    figures = {"median": 5.0, "lower": 1.0, "upper": 9.0, "ratio": 0.5}
    left = pd.DataFrame([{"source": "un", **figures}, {"source": MATCHED, **figures}])
    empty = pd.DataFrame()
    found = sensitivity_content(make_estimate(), Sensitivity(empty, left, empty, empty, empty))
    assert [(row["source"], row["name"]) for row in found["leave_one_out"]] == [
        ("un", "United Nations office"),
        (None, None),
    ]
    assert found["leave_one_out"][0]["interval"] == [1.0, 9.0]
    assert found["recorder_prior"] == []


def test_a_day_without_an_estimate_has_no_interval() -> None:
    row = {"date": date(2020, 2, 1), "reports": 1, "sources": 1, "median": None, "lower": None, "upper": None}
    (found,) = vintages_content(Days([row | {"gates_passed": None}]))
    assert found["date"] == "2020-02-01"
    assert found["median"] is found["interval"] is found["gates_passed"] is None
