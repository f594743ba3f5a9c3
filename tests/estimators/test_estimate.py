"""The estimate: frozen, its figures follow from its draws, its verdict comes first."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.builders import make_evidence
from tests.estimators.fitted import LAST_DAY, SEED, VERIFIED
from tests.estimators.synthetic import equal_trees, make_estimate, values_of, with_draws

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.fitting import Fit


@pytest.fixture(scope="module")
def small() -> Estimate:
    return make_estimate(draws=500, prior=200)


@pytest.fixture(scope="module")
def broken(small: Estimate) -> Estimate:
    """The same, with draws that never move."""
    deaths = values_of(small, "posterior", "deaths")
    deaths[:] = deaths[0, 0]
    return with_draws(small, "posterior", deaths=deaths)


@pytest.mark.parametrize("field", ["draws", "sampled", "seed", "evidence", "configuration", "question", "anything"])
def test_an_estimate_is_frozen(small: Estimate, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(small, field, None)


def test_asking_about_another_scope_keeps_the_posterior(small: Estimate) -> None:
    asked = small.about(window=("2020-01-01", "2020-01-31"), scope={"actor": "red"})
    assert asked.draws is small.draws
    assert asked.evidence is small.evidence
    assert asked.estimand == "civilians killed in North and South by Red army, 1 Jan 2020 to 31 Jan 2020"
    np.testing.assert_array_equal(
        asked.toll().draws, small.toll(window=("2020-01-01", "2020-01-31"), scope={"actor": "red"}).draws
    )
    assert small.estimand.endswith("by Blue militia or Red army, 1 Jan 2020 to 31 Mar 2020")


def test_questions_build_on_each_other(small: Estimate) -> None:
    asked = small.about(scope={"actor": "red"}).about(window=("2020-02-01", "2020-02-29"))
    assert asked.scope.actors == ("red",)
    assert asked.scope.window.start == date(2020, 2, 1)
    # A narrower question can be widened again: the timeline is the limit, not what was asked before.
    whole = asked.about(window=("2020-01-01", "2020-03-31"), scope={"actor": ["red", "blue"]})
    np.testing.assert_array_equal(whole.toll().draws, small.toll().draws)


def test_the_undercount_is_the_toll_less_the_documented(small: Estimate) -> None:
    np.testing.assert_array_equal(small.undercount().draws, small.toll().draws - small.documented())
    assert small.documented() == 100


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<="])
def test_probability_is_that_of_the_toll(small: Estimate, comparison: str) -> None:
    middle = small.toll().median
    assert small.probability(comparison, middle) == small.toll().probability(comparison, middle)
    assert 0.3 < small.probability(comparison, middle) < 0.7


def test_repr_begins_with_the_verdict(small: Estimate, broken: Estimate) -> None:
    assert repr(small).startswith("Estimate(gates passed; civilians killed in")
    assert repr(broken).startswith("Estimate(GATES FAILED: do not quote; civilians killed in")
    assert repr(small).endswith(f"{small.toll()!r})")


def check_summary(estimate: Estimate) -> dict[str, Any]:
    summary = json.loads(json.dumps(estimate.summary(), allow_nan=False))
    assert summary == estimate.summary()  # nothing in it but plain values
    toll, undercount = estimate.toll(), estimate.undercount()
    assert summary["toll"] == {
        "median": toll.median,
        "mean": toll.mean,
        "sd": toll.sd,
        "interval": list(toll.interval),
        "ci_prob": 0.95,
        "ci_kind": "eti",
        "documented": estimate.documented(),
        "documented_by": summary["toll"]["documented_by"],
        "undercount": {
            "median": undercount.median,
            "interval": list(undercount.interval),
            "probability": undercount.probability(">", 0),
        },
    }
    assert summary["gates"]["failed"] == len(estimate.check().failed)
    assert summary["explanation"] == estimate.explain().content()
    assert summary["gates"]["passed"] == estimate.check().passed
    for row, check in zip(summary["gates"]["checks"], estimate.check().checks, strict=True):
        assert (row["name"], row["limit"], row["passed"]) == (check.name, check.limit, check.passed)
        assert row["value"] == (check.value if np.isfinite(check.value) else None)
    for key in ("actor", "area", "week"):
        table = estimate.toll(by=key)
        assert [row[key] for row in summary["by"][key]] == [str(label) for label in table[key]]
        assert [row["median"] for row in summary["by"][key]] == list(table["median"])
        assert [row["interval"] for row in summary["by"][key]] == table[["lower", "upper"]].to_numpy().tolist()
    rates = estimate.reporting_rates()
    assert [row["source"] for row in summary["reporting_rates"]] == list(rates["source"])
    assert [row["prior"]["median"] for row in summary["reporting_rates"]] == list(rates["prior_median"])
    assert [row["posterior"]["interval"][1] for row in summary["reporting_rates"]] == list(rates["upper"])
    assert summary["evidence"]["sha256"] == estimate.evidence.sha256
    assert summary["evidence"]["in_likelihood"] == len(estimate.reports())
    assert summary["estimand"]["words"] == estimate.estimand
    return dict(summary)


def test_the_summary_holds_the_figures(small: Estimate) -> None:
    summary = check_summary(small)
    assert summary["case"] == "testland"
    assert summary["toll"]["documented_by"] == {"source": "un", "name": "United Nations office"}
    assert summary["estimand"]["subject"] == "civilians killed"
    assert summary["estimand"]["scope"] == {"actor": ["blue", "red"], "area": ["north", "south"]}
    assert summary["estimand"]["window"] == ["2020-01-01", "2020-03-31"]
    assert summary["evidence"] == {
        "sha256": make_evidence().sha256, "reports": 6, "used": 5, "in_likelihood": 4, "sources": 3,
        "left_out": {"not_used": 1, "adds_nothing": 1},
    }  # fmt: skip
    assert summary["by"]["actor"][0]["name"] == "Blue militia"
    assert summary["seed"] == small.seed


def test_the_summary_is_about_what_was_asked(small: Estimate) -> None:
    summary = check_summary(small.about(window=("2020-01-06", "2020-01-19"), scope={"actor": "red", "area": "north"}))
    assert summary["estimand"]["scope"] == {"actor": ["red"], "area": ["north"]}
    assert [row["week"] for row in summary["by"]["week"]] == ["2020-01-06", "2020-01-13"]
    assert len(summary["by"]["actor"]) == 1


def test_the_summary_of_a_failed_fit_says_so(broken: Estimate) -> None:
    summary = check_summary(broken)
    assert summary["gates"]["passed"] is False
    (row,) = (row for row in summary["gates"]["checks"] if row["name"] == "largest R-hat")
    assert row == {"name": "largest R-hat", "value": None, "limit": "< 1.01", "passed": False}


def test_the_summary_of_the_real_fit(estimate: Estimate) -> None:
    summary = check_summary(estimate)
    assert summary["gates"]["passed"] is True
    assert summary["estimand"]["window"][1] == LAST_DAY.isoformat()
    assert summary["evidence"]["sources"] == 5
    assert summary["toll"]["documented"] == VERIFIED + 25


def test_draws_have_named_dimensions(estimate: Estimate) -> None:
    posterior = estimate.draws["posterior"]
    assert posterior["deaths"].dims == ("chain", "draw", "day", "actor", "area")
    assert posterior["reporting_rate"].dims == ("chain", "draw", "source")
    assert posterior["rate_by_actor"].dims == ("chain", "draw", "source", "actor")
    assert posterior["incident_deaths"].dims == ("chain", "draw", "incident")
    assert estimate.draws["posterior_predictive"]["reported"].dims == ("chain", "draw", "report")
    assert estimate.draws["log_likelihood"]["reports"].dims == ("chain", "draw", "source")
    assert posterior["day"].to_numpy()[-1] == np.datetime64(LAST_DAY)
    assert set(estimate.draws.children) == {
        "posterior", "prior", "posterior_predictive", "observed_data", "log_likelihood", "log_prior", "sample_stats"
    }  # fmt: skip
    for group in estimate.draws.children:
        for name, variable in estimate.draws[group].data_vars.items():
            if group != "observed_data":
                assert np.isfinite(variable.to_numpy()).all(), f"{group}/{name}"


def test_the_toll_is_never_below_what_was_verified(estimate: Estimate) -> None:
    january = ("2020-01-01", "2020-01-31")
    north = estimate.toll(window=january, scope={"actor": "red", "area": "north"})
    assert north.draws.min() >= VERIFIED
    assert values_of(estimate, "posterior", "incident_deaths").min() >= 40
    assert estimate.toll(window=january, scope={"area": "south"}).draws.min() >= 25
    # And it is the tally that holds it there: without it, fewer would be possible.
    assert (north.draws == VERIFIED).any()
    assert estimate.toll().draws.min() >= estimate.documented()


def test_a_whole_fit_is_equal_to_the_bit_on_one_core(fit: Fit, estimate: Estimate) -> None:
    assert fit.plan.cores == 2
    single = replace(fit, plan=replace(fit.plan, cores=1))
    assert equal_trees(single.run(SEED).tree, estimate.draws)
