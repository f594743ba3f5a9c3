"""The battery of faults: each fails its gate by name, and healthy draws pass."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.builders import FIRST, make_evidence, make_report
from tests.estimators.synthetic import make_estimate, values_of, with_draws

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from undercount.estimators.estimate import Estimate

GATES = (
    "chains",
    "draws not finite",
    "largest R-hat",
    "smallest bulk ESS",
    "smallest tail ESS",
    "share of divergences",
    "smallest E-BFMI",
    "share at largest tree depth",
    "reports far from their prediction",
)


@pytest.fixture(scope="module")
def healthy() -> Estimate:
    return make_estimate()


def failing(estimate: Estimate) -> set[str]:
    checks = estimate.check()
    assert tuple(check.name for check in checks.checks) == GATES
    assert checks.passed == (not checks.failed)
    return {check.name for check in checks.failed}


def changed(estimate: Estimate, group: str, name: str, change: Callable[[NDArray[Any]], object]) -> Estimate:
    values = values_of(estimate, group, name)
    change(values)
    return with_draws(estimate, group, **{name: values})


def test_healthy_draws_pass(healthy: Estimate) -> None:
    assert failing(healthy) == set()
    values = {check.name: check.value for check in healthy.check().checks}
    assert values["chains"] == 4
    assert 1 <= values["largest R-hat"] < 1.01
    assert values["smallest bulk ESS"] > 400


def test_the_real_fit_passes(estimate: Estimate) -> None:
    assert failing(estimate) == set()


@pytest.mark.parametrize("chains", [1, 2, 3])
def test_too_few_chains(chains: int) -> None:
    found = failing(make_estimate(chains=chains, draws=2000 // chains))
    if chains == 1:
        assert found >= {"chains", "largest R-hat", "smallest bulk ESS", "smallest tail ESS"}
    else:
        assert found == {"chains"}


def test_a_short_run() -> None:
    assert failing(make_estimate(draws=60)) >= {"smallest bulk ESS", "smallest tail ESS"}


def test_constant_draws(healthy: Estimate) -> None:
    def freeze(deaths: NDArray[Any]) -> None:
        deaths[:] = deaths[0, 0]

    found = failing(changed(healthy, "posterior", "deaths", freeze))
    assert found == {"largest R-hat", "smallest bulk ESS", "smallest tail ESS"}


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["reporting_rate", "log_dispersion", "rate_by_actor"])
def test_one_draw_that_is_not_finite(healthy: Estimate, name: str, value: float) -> None:
    def spoil(values: NDArray[Any]) -> None:
        values[1, 99, 0] = value

    found = failing(changed(healthy, "posterior", name, spoil))
    if name == "reporting_rate":
        assert found == {"draws not finite", "largest R-hat", "smallest bulk ESS", "smallest tail ESS"}
    else:  # not reported, and yet a sign of broken draws
        assert found == {"draws not finite"}


def test_a_stuck_chain(healthy: Estimate) -> None:
    def stick(deaths: NDArray[Any]) -> None:
        deaths[3] = deaths[3, 0]

    assert "largest R-hat" in failing(changed(healthy, "posterior", "deaths", stick))


def test_a_shifted_chain(healthy: Estimate) -> None:
    def shift(rates: NDArray[Any]) -> None:
        rates[2, :, 1] *= 1.3

    assert "largest R-hat" in failing(changed(healthy, "posterior", "reporting_rate", shift))


def test_a_chain_of_another_spread(healthy: Estimate) -> None:
    def widen(rates: NDArray[Any]) -> None:
        rates[2, :, 1] **= 3  # same median on the log scale

    assert "largest R-hat" in failing(changed(healthy, "posterior", "reporting_rate", widen))


def test_sticky_draws(healthy: Estimate) -> None:
    def stutter(rates: NDArray[Any]) -> None:
        rates[:] = np.repeat(rates[:, ::8], 8, axis=1)[:, : rates.shape[1]]

    found = failing(changed(healthy, "posterior", "reporting_rate", stutter))
    assert found >= {"smallest bulk ESS", "smallest tail ESS"}


@pytest.mark.parametrize(("count", "fails"), [(1, False), (2, True), (4, True)], ids=["0.05 %", "0.1 %", "0.2 %"])
def test_divergences(healthy: Estimate, count: int, fails: bool) -> None:
    def diverge(diverging: NDArray[Any]) -> None:
        diverging.reshape(-1)[:count] = True

    found = failing(changed(healthy, "sample_stats", "diverging", diverge))
    assert found == ({"share of divergences"} if fails else set())


@pytest.mark.parametrize(("correlation", "fails"), [(0.8, False), (0.9, True)], ids=["0.4", "0.2"])
def test_energy_of_one_chain(healthy: Estimate, correlation: float, fails: bool) -> None:
    def drag(energy: NDArray[Any]) -> None:
        for t in range(1, energy.shape[1]):
            noise = np.sqrt(1 - correlation**2) * energy[0, t]
            energy[0, t] = correlation * energy[0, t - 1] + noise

    found = failing(changed(healthy, "sample_stats", "energy", drag))
    assert found == ({"smallest E-BFMI"} if fails else set())


@pytest.mark.parametrize(("count", "fails"), [(19, False), (20, True)])
def test_tree_depth(healthy: Estimate, count: int, fails: bool) -> None:
    def deepen(reached: NDArray[Any]) -> None:
        reached.reshape(-1)[:count] = True

    found = failing(changed(healthy, "sample_stats", "reached_max_treedepth", deepen))
    assert found == ({"share at largest tree depth"} if fails else set())


@pytest.mark.parametrize("again", [0, 10**6], ids=["never as many", "never as few"])
def test_a_report_that_the_model_would_not_give(healthy: Estimate, again: int) -> None:
    def replace(reported: NDArray[Any]) -> None:
        reported[..., list(healthy.design.reports).index("un-jan")] = again

    found = failing(changed(healthy, "posterior_predictive", "reported", replace))
    assert found == {"reports far from their prediction"}


@pytest.mark.parametrize(("z", "fails"), [(3.2, False), (5.0, True)])
def test_the_more_reports_the_farther_is_far(z: float, fails: bool) -> None:
    """Of sixty reports, one with a tail of 0.0007 is what chance gives."""
    reports = [make_report(report=f"r{n}", window_start=day, window_end=day)
               for n, day in enumerate(FIRST + timedelta(n) for n in range(60))]  # fmt: skip
    estimate = make_estimate(make_evidence(reports))
    rng = np.random.default_rng(8)

    def replace(reported: NDArray[Any]) -> None:
        reported[...] = np.rint(100 * np.exp(0.3 * rng.standard_normal(reported.shape)))
        reported[..., 0] = np.rint(100 * np.exp(0.3 * (rng.standard_normal(reported.shape[:-1]) - z)))

    found = changed(estimate, "posterior_predictive", "reported", replace)
    assert found.rows.reports()[0]["tail"] <= 0.001
    assert ("reports far from their prediction" in failing(found)) == fails


def test_gates_look_at_the_scope_that_was_asked(healthy: Estimate) -> None:
    def stick(deaths: NDArray[Any]) -> None:
        deaths[3, :, -1] = deaths[3, 0, -1]  # the last day

    broken = changed(healthy, "posterior", "deaths", stick)
    assert "largest R-hat" in failing(broken.about(window=("2020-03-31", "2020-03-31")))
    assert failing(broken.about(window=("2020-01-01", "2020-01-31"))) == set()
