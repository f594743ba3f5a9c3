"""What the toll depends on: power-scaling, sources left out, contraction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from tests.builders import make_case, make_evidence
from tests.estimators.fitted import INFORMATIVE, SEED, VACUOUS, VERIFIED, VERIFIER, small_evidence
from tests.estimators.synthetic import make_estimate, values_of, with_draws
from undercount.data.schema import Attribution
from undercount.estimators.fitting import Fit, _log_prior
from undercount.estimators.forecast import prior_values
from undercount.estimators.scoping import selected
from undercount.estimators.sensitivity import JUDGED, UNLIKELY
from undercount.models.priors import PriorTable

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from undercount.estimators.draws import Draws
    from undercount.estimators.estimate import Estimate

SIGMAS = 4.0


@pytest.fixture(scope="module")
def small() -> Estimate:
    return make_estimate(prior=200)


def changes(estimate: Estimate) -> dict[tuple[str, str], float]:
    table = estimate.sensitivity(leave_one_out=False, recorder_prior=False, attributions=False).power_scaling
    assert list(table.columns) == ["component", "part", "change", "is_large"]
    assert (table["change"] >= 0).all()
    assert table["change"].is_monotonic_decreasing
    assert (table["is_large"] == (table["change"] > 0.05)).all()
    return {(row["part"], row["component"]): row["change"] for row in table.to_dict("records")}


def test_power_scaling_finds_what_the_toll_leans_on(small: Estimate) -> None:
    log_toll = np.log(small.toll().draws)
    z = (log_toll - log_toll.mean()) / log_toll.std()
    rng = np.random.default_rng(1)
    leaning = with_draws(small, "log_prior", rate=1.0 * z, by_actor=rng.standard_normal(z.shape))
    likelihood = values_of(small, "log_likelihood", "reports")
    likelihood[..., 0] = -0.5 * (z - 1) ** 2
    likelihood[..., 1] = rng.standard_normal(z.shape)
    likelihood[..., 2] = -7.25
    found = changes(with_draws(leaning, "log_likelihood", reports=likelihood))
    press, red_army, un = (("likelihood", source) for source in small.design.sources)
    assert found[un] == 0
    assert found["prior", "rate"] > 0.1
    assert found[press] > 0.1
    assert found["prior", "by_actor"] < 0.05
    assert found[red_army] < 0.05


def test_twice_the_lean_is_a_larger_change(small: Estimate) -> None:
    log_toll = np.log(small.toll().draws)
    z = (log_toll - log_toll.mean()) / log_toll.std()
    found = changes(with_draws(small, "log_prior", rate=0.8 * z, by_actor=0.2 * z))
    # The change of the mean of a normal law is the slope times its variance: linear in the lean.
    assert found["prior", "rate"] == pytest.approx(4 * found["prior", "by_actor"], rel=0.25)


def test_a_source_that_is_met_for_certain_in_many_draws_is_scaled_too(small: Estimate) -> None:
    likelihood = values_of(small, "log_likelihood", "reports")
    likelihood[..., 0] = np.minimum(np.random.default_rng(2).standard_normal(likelihood.shape[:2]) - 0.5, 0.0)
    certain = np.random.default_rng(3).random(likelihood.shape[:2]) < 0.9
    likelihood[..., 1] = np.where(certain, 0.0, likelihood[..., 0])
    found = changes(with_draws(small, "log_likelihood", reports=likelihood))
    for source in small.design.sources[:2]:
        assert 0 < found["likelihood", source] < 0.05


def test_power_scaling_of_the_real_fit(estimate: Estimate) -> None:
    found = changes(estimate)
    likelihoods = {name for part, name in found if part == "likelihood"}
    priors = {name for part, name in found if part == "prior"}
    assert likelihoods == set(estimate.design.sources)
    assert priors <= set(PriorTable())
    assert priors >= {"rate", "smooth_shared", "dispersion", "by_actor", "recorder", "claimant", "belligerent"}
    assert priors >= {"common", "recorder_common"}
    assert np.isfinite(list(found.values())).all()
    # A report that says nothing cannot matter, and how deadly such conflicts are does.
    assert found["likelihood", VACUOUS] < 1e-6
    assert found["prior", "rate"] > found["likelihood", VACUOUS]
    assert max(found.values()) < 1


def test_kinds_without_a_source_have_no_prior_in_the_table() -> None:
    evidence = make_evidence().without_source("un")
    arrays = make_estimate(evidence, draws=25, prior=4).design
    assert arrays.sources == ("press", "red-army")
    values = prior_values(arrays, 50, np.random.default_rng(1))
    own = values.pop("own")
    values["stream_z"] = own[:, arrays.free_streams] / arrays.rates.scale[arrays.free_streams]
    found = _log_prior(arrays, values, own)
    assert not {"recorder", "recorder_common"} & set(found)
    assert {"claimant", "belligerent", "common", "rate"} <= set(found)


def test_what_sources_of_a_kind_share_counts_for_the_row_of_their_kind() -> None:
    arrays = make_estimate(draws=25, prior=4).design
    values = prior_values(arrays, 50, np.random.default_rng(1))
    own = values.pop("own")
    values["stream_z"] = own[:, arrays.free_streams] / arrays.rates.scale[arrays.free_streams]
    assert arrays.rates.common_names == ("belligerent", "claimant", "recorder")
    belligerent, claimant, recorder = values["common_z"].T
    found = _log_prior(arrays, values, own)
    np.testing.assert_allclose(found["recorder_common"], -0.5 * recorder**2)
    np.testing.assert_allclose(found["common"], -0.5 * (belligerent**2 + claimant**2))


def test_contraction_is_that_of_the_reporting_rates(estimate: Estimate) -> None:
    found = estimate.sensitivity(leave_one_out=False, recorder_prior=False, attributions=False)
    assert found.contraction.equals(estimate.reporting_rates()[["source", "contraction"]])
    assert found.leave_one_out.empty
    columns = "source median lower upper ratio ci_prob ci_kind lower_80 upper_80 lower_50 upper_50"
    assert list(found.leave_one_out.columns) == columns.split()


def test_each_source_is_left_out_once(monkeypatch: pytest.MonkeyPatch, small: Estimate) -> None:
    ran: list[tuple[int, tuple[str, ...]]] = []

    def run(self: Fit, seed: int, *, without: Collection[str] = ()) -> Draws:
        ran.append((seed, tuple(without)))
        assert self.evidence is asked.evidence
        assert self.plan.draws == asked.configuration["draws"]
        deaths = values_of(asked, "posterior", "deaths")
        return with_draws(asked, "posterior", deaths=deaths * (1 + len(ran))).sampled

    monkeypatch.setattr(Fit, "run", run)
    asked = small.about(window=("2020-01-01", "2020-01-31"), scope={"actor": "red"})
    table = asked.sensitivity(recorder_prior=False, attributions=False).leave_one_out
    assert ran == [(small.seed, (source,)) for source in small.design.sources]
    assert list(table["source"]) == list(small.design.sources)
    assert list(table["ratio"]) == pytest.approx([2, 3, 4])
    assert list(table["median"]) == pytest.approx([n * asked.toll().median for n in (2, 3, 4)])
    nested = ["lower", "lower_80", "lower_50", "median", "upper_50", "upper_80", "upper"]
    assert (np.diff(table[nested].to_numpy(dtype=float)) > 0).all()


def test_recorders_have_their_former_prior_once(monkeypatch: pytest.MonkeyPatch, small: Estimate) -> None:
    ran: list[Fit] = []

    def run(self: Fit, seed: int, *, without: Collection[str] = ()) -> Draws:
        assert (seed, without) == (small.seed, ())
        ran.append(self)
        return with_draws(small, "posterior", deaths=3 * values_of(small, "posterior", "deaths")).sampled

    monkeypatch.setattr(Fit, "run", run)
    asked = small.about(window=("2020-01-01", "2020-01-31"), scope={"actor": "red"})
    table = asked.sensitivity(leave_one_out=False, attributions=False).recorder_prior
    (fit,) = ran
    assert fit.changes == JUDGED
    assert fit.design.rates.common_scale[-1] == JUDGED["recorder_common"].scale
    columns = "prior median lower upper ratio ci_prob ci_kind lower_80 upper_80 lower_50 upper_50"
    assert list(table.columns) == columns.split()
    assert list(table["prior"]) == ["past lists", "judgement"]
    assert list(table["ratio"]) == pytest.approx([1, 3])
    assert list(table["median"]) == pytest.approx([asked.toll().median, 3 * asked.toll().median])
    assert list(table.loc[0, ["lower", "upper"]]) == list(asked.toll().interval)


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_a_prior_of_recorders_that_somebody_chose_is_not_swapped(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(Fit, "run", None)
    change = {"location": 0.0, "scale": 0.2, "reason": "a survey"}
    chosen = make_estimate(make_evidence(case=make_case(priors={name: change})), draws=25, prior=4)
    assert chosen.sensitivity(leave_one_out=False, attributions=False).recorder_prior.empty
    set_by_hand = make_estimate(draws=25, prior=4)
    set_by_hand = replace(set_by_hand, configuration={**set_by_hand.configuration, "priors": {name: change}})
    assert set_by_hand.sensitivity(leave_one_out=False, attributions=False).recorder_prior.empty


def test_without_recorders_there_is_no_prior_of_them_to_swap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fit, "run", None)
    alone = make_estimate(make_evidence().without_source("un"), draws=25, prior=4)
    assert alone.sensitivity(leave_one_out=False, attributions=False).recorder_prior.empty


def test_the_former_prior_of_recorders_gives_an_estimate(estimate: Estimate) -> None:
    table = estimate.sensitivity(leave_one_out=False, attributions=False).recorder_prior.set_index("prior")
    assert ((table["lower"] < table["median"]) & (table["median"] < table["upper"])).all()
    # Its rates are a tenth lower at the median and its scales smaller: the toll moves, and not far.
    former, base = table["ratio"]["judgement"], table["ratio"]["past lists"]
    assert base == 1
    assert former != 1
    assert 0.5 < former < 2


def test_contested_attributions_hold_all_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Fit] = []

    def run(self: Fit, seed: int, *, without: Collection[str] = ()) -> Draws:
        assert (seed, without) == (asked.seed, ())
        ran.append(self)
        deaths = values_of(asked, "posterior", "deaths")
        return with_draws(asked, "posterior", deaths=deaths * (1 + len(ran))).sampled

    monkeypatch.setattr(Fit, "run", run)
    asked = make_estimate(small_evidence(), draws=25, prior=4)
    table = asked.sensitivity(leave_one_out=False, recorder_prior=False).attributions
    assert list(table["contested"]) == ["all hold", "none holds"]
    assert list(table["ratio"]) == pytest.approx([2, 3])
    (right,), (wrong,) = (fit.evidence.case.contested.items() for fit in ran)
    assert (right, wrong) == (("un-south", 1.0), ("un-south", UNLIKELY))
    readings = [np.exp(fit.design.terms.reading_log_probability) for fit in ran]
    assert readings[0].min() == 1.0  # there is one reading left
    assert sorted(readings[1])[:2] == pytest.approx([UNLIKELY, 1.0])


def test_without_contested_reports_there_is_nothing_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fit, "run", None)
    evidence = small_evidence()
    stated = [
        one.model_copy(update={"attribution": Attribution.STATED}) if one.report == "un-south" else one
        for one in evidence.reports
    ]
    alone = make_estimate(replace(evidence, reports=tuple(stated)), draws=25, prior=4)
    assert alone.sensitivity(leave_one_out=False, recorder_prior=False).attributions.empty


def log_toll(draws: Draws, estimate: Estimate) -> NDArray[np.float64]:
    return np.log(selected(draws, estimate.scope).total())


def mcse(draws: NDArray[np.float64], method: str) -> float:
    import arviz as az

    return float(az.mcse(xr.Dataset({"x": (("chain", "draw"), draws)}), method=method)["x"])


def test_leaving_out_a_source_that_says_nothing_changes_nothing(fit: Fit, estimate: Estimate) -> None:
    base, without = log_toll(estimate.sampled, estimate), log_toll(fit.run(SEED + 1, without=[VACUOUS]), estimate)
    for method, figure in (("median", np.median), ("sd", np.std)):
        error = np.hypot(mcse(base, method), mcse(without, method))
        assert error < 0.05
        assert abs(figure(without) - figure(base)) < SIGMAS * error


def test_leaving_out_a_source_that_knows_widens_the_toll(fit: Fit, estimate: Estimate) -> None:
    base, without = log_toll(estimate.sampled, estimate), log_toll(fit.run(SEED + 1, without=[INFORMATIVE]), estimate)
    error = np.hypot(mcse(base, "sd"), mcse(without, "sd"))
    assert without.std() - base.std() > SIGMAS * error
    assert without.std() > 1.2 * base.std()


def test_what_a_source_verified_no_longer_binds_once_it_is_left_out(fit: Fit, estimate: Estimate) -> None:
    quick = replace(fit, plan=replace(fit.plan, draws=100, tune=300))
    asked = estimate.about(window=("2020-01-01", "2020-01-31"), scope={"actor": "red", "area": "north"})
    assert asked.toll().draws.min() >= VERIFIED
    without = replace(asked, sampled=quick.run(SEED, without=[VERIFIER]))
    assert without.toll().draws.min() < VERIFIED


@pytest.mark.slow
def test_every_source_left_out_in_turn(estimate: Estimate) -> None:
    table = estimate.sensitivity(recorder_prior=False, attributions=False).leave_one_out.set_index("source")
    assert list(table.index) == list(estimate.design.sources)
    width = (table["upper"] / table["lower"]).to_dict()
    assert max(width, key=width.__getitem__) == INFORMATIVE
    assert table.loc[VACUOUS, "ratio"] == pytest.approx(1, abs=0.15)
