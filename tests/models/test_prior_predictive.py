"""What the priors say before any count: tolls and rates within sane bounds, and exact scalings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.builders import case_fields, make_case, make_evidence, make_report
from undercount.data import Evidence, load_case
from undercount.data.schema import Kind
from undercount.estimators.forecast import prior_values
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate, log_intensity, reporting_rates, scope_means
from undercount.models.levels import draw_levels, level_log_densities

DRAWS = 4000
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """Draws of the prior and what follows from them."""

    design: Design
    values: dict[str, Array]
    own: Array

    @property
    def toll(self) -> Array:
        """Expected deaths of the whole timeline, outside incidents."""
        return np.asarray(np.exp(log_intensity(np, self.design, self.values)).sum(axis=(1, 2)))


def prior(found: Design, seed: int = 0, count: int = DRAWS) -> Prior:
    """Own deviations are drawn as such: an anchored count has no prior of its own."""
    values = prior_values(found, count, np.random.default_rng(seed))
    return Prior(found, values, values["own"])


@cache
def mosul() -> Prior:
    return prior(design(load_case("mosul-2017")))


def test_the_toll_of_mosul_is_of_a_sane_order() -> None:
    people = max(point.people for point in load_case("mosul-2017").case.population)
    assert 100 < np.median(mosul().toll) < 50_000
    assert np.mean(mosul().toll < people) > 0.99
    # What the validation table holds is neither excluded nor favoured.
    assert 0.05 < np.mean(mosul().toll > 5_000) < 0.6


def test_reporting_rates_are_those_of_their_kind() -> None:
    found = mosul()
    rates = reporting_rates(found.design, found.values, found.own)
    for s, kind in enumerate(found.design.rates.kinds):
        mine = rates[:, s, :].ravel()
        if kind is Kind.RECORDER:
            assert np.mean(mine > 1) < 0.05
            assert 0.05 < np.median(mine) < 0.5
        else:
            assert kind is Kind.CLAIMANT
            assert np.median(mine) == pytest.approx(1, rel=0.06)
            assert 0.02 < np.mean(mine > 3) < 0.2


def test_a_belligerent_acknowledges_few_of_its_own_and_speaks_of_others_as_anybody() -> None:
    found = prior(design(make_evidence()))
    place = found.design.sources.index("red-army")
    rates = reporting_rates(found.design, found.values, found.own)[:, place]
    by_actor = dict(zip(found.design.strata.actors, np.median(rates, axis=0), strict=True))
    assert by_actor["red"] == pytest.approx(0.15, rel=0.1)
    assert by_actor["blue"] == pytest.approx(1.0, rel=0.1)


def test_the_mean_of_a_piece_is_the_rate_times_its_deaths() -> None:
    found = mosul()
    place = found.design.reports.index("S001-03")
    (scope,) = np.flatnonzero(found.design.scopes.pieces.report == place)
    values = found.values | {"window_z": np.zeros_like(found.values["window_z"])}
    state = evaluate(np, found.design, values, own=found.own)
    actor = found.design.strata.actors.index("is")
    days = found.design.day_slice(found.design.window)
    deaths = state.deaths[:, days.start + 2 : days.stop, actor].sum(axis=1) + state.events[:, 1]
    rate = reporting_rates(found.design, values, found.own)[:, found.design.sources.index("amnesty"), actor]
    assert found.design.strata.actors[found.design.incidents.cell_stratum[1]] == "is"
    np.testing.assert_allclose(scope_means(found.design, values, state, found.own)[:, scope], rate * deaths, rtol=1e-10)


def crowded(evidence: Evidence) -> Evidence:
    points = tuple(point.model_copy(update={"people": 2 * point.people}) for point in evidence.case.population)
    return replace(evidence, case=evidence.case.model_copy(update={"population": points}))


def test_twice_the_people_have_twice_the_toll() -> None:
    double = Prior(design(crowded(load_case("mosul-2017"))), mosul().values, mosul().own)
    np.testing.assert_allclose(double.toll, 2 * mosul().toll, rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_another_actor_leaves_the_total_as_it_was(seed: int) -> None:
    fields = case_fields()
    fields["dimensions"]["actor"]["levels"] |= {"violet": "Violet", "grey": "Grey"}
    fewer = prior(design(make_evidence()), seed).toll
    more = prior(design(make_evidence(case=make_case(**fields))), seed + 100).toll
    # The courses of single actors average out a little more when there are more of them.
    assert stats.ks_2samp(fewer, more).pvalue > 1e-3
    assert np.log(more).std() == pytest.approx(np.log(fewer).std(), rel=0.08)


def unknown(areas: int) -> Design:
    """The case without people at risk, in so many areas, with two classes of victims."""
    fields = case_fields()
    fields["dimensions"]["area"]["levels"] |= {f"area-{a}": f"Area {a}" for a in range(areas - 2)}
    fields["dimensions"]["victims"] = {"levels": {"civilians": "C", "children": "K"}}
    everywhere = tuple(fields["dimensions"]["area"]["levels"])
    children = make_report(report="children", victims="children", value=10, areas=everywhere)
    case = make_case(**fields | {"population": (), "incidents": ()})
    return design(make_evidence([make_report(areas=everywhere), children], case=case))


@pytest.mark.parametrize("areas", [2, 7, 60])
def test_where_no_population_is_known_the_number_of_areas_says_nothing_of_the_toll(areas: int) -> None:
    found = unknown(areas)
    together = np.log(np.exp(draw_levels(found, np.random.default_rng(areas), DRAWS)).sum(axis=1))
    row, class_effect = (found.priors[name] for name in ("daily_toll", "class_effect"))
    assert together.shape == (DRAWS, 2)
    assert stats.kstest(together.mean(axis=1), stats.norm(row.location, row.scale).cdf).pvalue > 1e-3
    apart = np.diff(together, axis=1)[:, 0] / np.sqrt(2)
    assert stats.kstest(apart, stats.norm(0.0, class_effect.scale).cdf).pvalue > 1e-3


def test_draws_of_the_levels_have_the_density_that_is_stated() -> None:
    found = unknown(3)
    x = draw_levels(found, np.random.default_rng(3), 100_000).reshape(-1, 6)
    densities = level_log_densities(np, found, {"log_daily_toll": x.reshape(-1, 3, 2)})
    assert set(densities) == {"daily_toll", "class_effect", "area_share"}
    # The mean ratio of two densities under the lower one is one, whichever the other is, if both add up to one.
    narrow = stats.multivariate_normal(x.mean(axis=0), np.cov(x.T) / 4)
    ratio = np.exp(narrow.logpdf(x) - sum(densities.values()))
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / np.sqrt(ratio.size))
    assert ratio.std() / np.sqrt(ratio.size) < 0.02


def test_shares_of_the_actors_add_up_whatever_the_parameters() -> None:
    found = prior(design(make_evidence()), count=50)
    flat = {name: value for name, value in found.values.items() if name not in ("own_z", "shared_z")}
    deaths = np.exp(log_intensity(np, found.design, flat))
    actor, area, _ = found.design.strata.place
    q = np.array([1.0, -1.0]) / np.sqrt(2)
    for b in range(2):
        people = np.exp(found.design.log_exposure[:, b])
        effect = found.design.priors["area_effect"].scale * flat["area_z"] * q[b]
        expected = np.exp(flat["log_rate"] + effect) * people
        np.testing.assert_allclose(deaths[:, :, area == b].sum(axis=2), expected, rtol=1e-12)
    assert set(actor) == {0, 1}


def test_courses_have_mean_zero_in_time() -> None:
    found = mosul()
    log_rate = log_intensity(np, found.design, found.values) - found.design.log_exposure[:, [0] * 3]
    still = {name: value for name, value in found.values.items() if name not in ("own_z", "shared_z")}
    level = log_intensity(np, found.design, still)[:, 0] - found.design.log_exposure[0, 0]
    np.testing.assert_allclose(log_rate.mean(axis=1), level, atol=1e-9)
    # The standard deviation over time is that of a walk of 144 days: about a factor of 2 to 3.
    spread = np.exp((log_rate - level[:, None]).std(axis=1))
    assert 1.3 < np.median(spread) < 3.5


def test_an_incident_is_shared_by_its_actors() -> None:
    found = mosul()
    events = evaluate(np, found.design, found.values, own=found.own).events
    assert events.shape == (DRAWS, 2)
    np.testing.assert_allclose(events.sum(axis=1), np.exp(found.values["log_incident"][:, 0]), rtol=1e-12)
    share = events[:, 0] / events.sum(axis=1)
    assert np.median(share) == pytest.approx(0.85, abs=0.02)
    low, high = found.design.priors["incident_toll"].interval
    assert np.mean((events.sum(axis=1) > low) & (events.sum(axis=1) < high)) == pytest.approx(0.95, abs=0.015)
