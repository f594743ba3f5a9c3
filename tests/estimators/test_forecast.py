"""From parameters to what is reported: laws with known moments, tallies made up, readings drawn."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from tests.builders import (
    FIRST,
    INCIDENT,
    case_fields,
    make_case,
    make_evidence,
    make_report,
    make_reports,
    make_source,
    make_sources,
)
from tests.estimators.synthetic import make_sampled
from undercount.data.schema import MAX_COUNT, Attribution, Kind, Qualifier, Speakers
from undercount.estimators import forecast as module
from undercount.estimators.assemble import assemble
from undercount.estimators.forecast import Forecast, Verified, forecast, pooled, prior_values, verified_tallies
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate, reporting_rates, scope_means
from undercount.models.parameters import incident_prior, parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence

COUNT = 4000
SIGMAS = 4.5
"""Standard errors that a moment may be off: seeds are fixed, and this is one in 150,000."""
JANUARY = slice(0, 31)
RED_NORTH, BLUE_NORTH = 2, 0
DISPUTED = {
    "incident": INCIDENT, "title": "Strike on a market", "date": date(2020, 1, 15), "area": "north",
    "actors": {"red": 0.7, "blue": 0.3},
}  # fmt: skip


@cache
def small() -> Design:
    return design(make_evidence())


def typical(arrays: Design, count: int = COUNT) -> dict[str, NDArray[np.float64]]:
    """The same parameters in every draw: the middle of each prior, a course that rises, rates of one's own."""
    values = {p.name: np.full((count, *p.shape), p.location) for p in parameters(arrays) if not p.is_flat}
    stand_in = {"shared_x": ("shared_z", 0.0), "own_x": ("own_z", 0.0)}
    stand_in["incident_x"] = ("log_incident", incident_prior(arrays).location)
    for p in parameters(arrays):
        if p.name in stand_in:
            name, value = stand_in[p.name]
            values[name] = np.full((count, *p.shape), value)
    values["own"] = np.tile(np.linspace(-0.3, 0.3, len(arrays.streams)), (count, 1))
    if "shared_z" in values:
        values["shared_z"][:, 0] = -2.0
    values["log_rate"] = values["log_rate"] - np.log(3)
    return values


def everywhere(arrays: Design) -> tuple[slice, frozenset[int]]:
    return slice(0, arrays.days), frozenset(range(arrays.strata.count))


def drawn(
    arrays: Design | None = None,
    values: dict[str, NDArray[np.float64]] | None = None,
    verified: tuple[Verified, ...] = (),
    seed: int = 1,
) -> Forecast:
    known = small() if arrays is None else arrays
    given = typical(known) if values is None else values
    return forecast(known, given, None, verified, everywhere(known), np.random.default_rng(seed))


def moments_fit(counts: NDArray[Any], mean: NDArray[Any], variance: NDArray[Any], kurtosis: NDArray[Any]) -> None:
    """Mean and variance of independent counts with known law, in standard errors over all draws and columns."""
    total = (counts - mean).mean(axis=0) / np.sqrt(variance / counts.shape[0])
    assert np.abs(total).max() < SIGMAS + np.sqrt(2 * np.log(total.size))
    spread = ((counts - mean) ** 2 / variance - 1).sum()
    # Var of (x - μ)² / σ² is its kurtosis less one.
    assert abs(spread) < SIGMAS * np.sqrt(counts.shape[0] * (kurtosis - 1).sum())


def test_deaths_are_poisson_about_what_is_expected() -> None:
    arrays, values = small(), typical(small())
    expected = evaluate(np, arrays, values, values["own"])
    mean = expected.deaths[0].copy()
    assert 0.1 < mean.min() < mean.max() < 30
    for c, stratum in enumerate(arrays.incidents.cell_stratum):
        mean[arrays.incidents.day[arrays.incidents.cell_incident[c]], stratum] += expected.events[0, c]
    found = drawn()
    moments_fit(found.deaths, mean, mean, 3 + 1 / mean)
    moments_fit(found.incidents, expected.events[0], expected.events[0], 3 + 1 / expected.events[0])


def test_named_incidents_are_part_of_their_day_and_stratum() -> None:
    arrays, found = small(), drawn()
    ((day,), (stratum,)) = arrays.incidents.day, arrays.incidents.cell_stratum
    assert (day, stratum) == (14, RED_NORTH)
    assert (found.deaths[:, day, stratum] >= found.incidents[:, 0]).all()
    rest = found.deaths[:, day, stratum] - found.incidents[:, 0]
    values = typical(arrays, 1)
    expected = float(evaluate(np, arrays, values, values["own"]).deaths[0, day, stratum])
    moments_fit(rest[:, None], np.array([expected]), np.array([expected]), np.array([3 + 1 / expected]))


def test_days_are_independent_given_the_parameters() -> None:
    deaths = drawn().deaths[:, :, RED_NORTH].astype(float)
    correlation = np.corrcoef(deaths[:, 20:60], rowvar=False)[np.triu_indices(40, 1)]
    assert abs(correlation.mean()) < SIGMAS / np.sqrt(correlation.size * COUNT)


def test_the_expected_deaths_by_actor_are_those_of_the_scope() -> None:
    arrays, values = small(), typical(small(), 3)
    state = evaluate(np, arrays, values, values["own"])
    scope = (slice(10, 20), arrays.strata.select((), ("north",)))
    found = forecast(arrays, values, None, (), scope, np.random.default_rng(1)).expected[0]
    blue, red = state.deaths[0, 10:20, BLUE_NORTH].sum(), state.deaths[0, 10:20, RED_NORTH].sum()
    np.testing.assert_allclose(found, [blue, red + state.events[0, 0]], rtol=1e-12)
    before = (slice(0, 14), scope[1])  # the incident is on day 14
    found = forecast(arrays, values, None, (), before, np.random.default_rng(1)).expected[0]
    np.testing.assert_allclose(found[1], state.deaths[0, :14, RED_NORTH].sum(), rtol=1e-12)


def test_a_period_is_made_up_to_its_tally_and_nothing_else_changes() -> None:
    strata = (RED_NORTH,)
    values = typical(small(), module.CHUNK)  # the next chunk would find the generator elsewhere
    free = drawn(values=values)
    plain = free.deaths[:, JANUARY, RED_NORTH].sum(axis=1)
    count = int(np.quantile(plain, 0.6))
    found = drawn(values=values, verified=(Verified(0, 31, strata, -1, count),))
    made = found.deaths[:, JANUARY, RED_NORTH].sum(axis=1)
    np.testing.assert_array_equal(made, np.maximum(plain, count))
    assert (found.deaths >= free.deaths).all()
    outside = np.ones(free.deaths.shape[1:], dtype=bool)
    outside[JANUARY, RED_NORTH] = False
    np.testing.assert_array_equal(found.deaths[:, outside], free.deaths[:, outside])
    np.testing.assert_array_equal(found.incidents, free.incidents)


def test_what_is_made_up_falls_where_deaths_are_expected() -> None:
    arrays, values = small(), typical(small(), 500)
    values["actor_z"] = np.full_like(values["actor_z"], 1.2)
    strata = (BLUE_NORTH, RED_NORTH)
    free = drawn(values=values).deaths
    found = drawn(values=values, verified=(Verified(0, 31, strata, -1, 2000),)).deaths
    extra = (found - free)[:, JANUARY][:, :, list(strata)].sum(axis=0).astype(float)
    share = evaluate(np, arrays, values, values["own"]).deaths[0, JANUARY][:, list(strata)]
    assert share[:, 0].sum() > 2 * share[:, 1].sum() or share[:, 1].sum() > 2 * share[:, 0].sum()
    expected = extra.sum() * share / share.sum()
    statistic = ((extra - expected) ** 2 / expected).sum()
    assert stats.chi2(extra.size - 1).sf(statistic) > 1e-4


def test_an_incident_is_made_up_to_its_tally_and_nothing_else_changes() -> None:
    values = typical(small(), module.CHUNK)
    free = drawn(values=values)
    count = int(np.quantile(free.incidents, 0.6))
    found = drawn(values=values, verified=(Verified(14, 15, (RED_NORTH,), 0, count),))
    np.testing.assert_array_equal(found.incidents[:, 0], np.maximum(free.incidents[:, 0], count))
    more = found.deaths - free.deaths
    np.testing.assert_array_equal(more[:, 14, RED_NORTH], found.incidents[:, 0] - free.incidents[:, 0])
    more[:, 14, RED_NORTH] = 0
    assert not more.any()


def test_the_dead_of_an_incident_count_for_the_period_around_it() -> None:
    values = typical(small(), module.CHUNK)
    free = drawn(values=values)
    both = (Verified(14, 15, (RED_NORTH,), 0, 10**4), Verified(0, 31, (RED_NORTH,), -1, 10**4))
    found = drawn(values=values, verified=both)
    assert (found.incidents == 10**4).all()
    before = free.deaths[:, JANUARY, RED_NORTH].sum(axis=1) - free.incidents[:, 0]
    np.testing.assert_array_equal(found.deaths[:, JANUARY, RED_NORTH].sum(axis=1), 10**4 + before)


def test_of_a_disputed_incident_only_the_actors_cell_is_made_up() -> None:
    arrays = design(make_evidence(case=make_case(incidents=(DISPUTED,))))
    assert arrays.incidents.cell_stratum.tolist() == [BLUE_NORTH, RED_NORTH]
    values = typical(arrays, module.CHUNK)
    free = drawn(arrays, values)
    found = drawn(arrays, values, (Verified(14, 15, (RED_NORTH,), 0, 500),))
    np.testing.assert_array_equal(found.incidents[:, 0], free.incidents[:, 0])
    assert (found.incidents[:, 1] == 500).all()
    whoever = drawn(arrays, values, (Verified(14, 15, (BLUE_NORTH, RED_NORTH), 0, 500),))
    assert (whoever.incidents.sum(axis=1) == 500).all()
    assert (whoever.incidents >= free.incidents).all()


def tallies(*reports: Any, evidence: Evidence | None = None) -> tuple[Verified, ...]:
    known = make_evidence(reports) if evidence is None else evidence
    arrays = design(known)
    return verified_tallies(arrays, known)


def test_tallies_of_recorders_are_verified_and_no_others() -> None:
    # Of the default reports: two tallies by a recorder, a claim, a belligerent's, a copy and an unused one.
    assert tallies(evidence=make_evidence()) == (
        Verified(14, 15, (RED_NORTH,), 0, 40),
        Verified(0, 31, (RED_NORTH,), -1, 100),
    )


@pytest.mark.parametrize(
    ("qualifier", "count"),
    [(Qualifier.EXACT, 100), (Qualifier.AT_LEAST, 100), (Qualifier.UP_TO, None), (Qualifier.ABOUT, None),
     (Qualifier.MORE_THAN, None), (Qualifier.PER_DAY, None)],
)  # fmt: skip
def test_only_a_figure_of_ones_own_is_verified(qualifier: Qualifier, count: int | None) -> None:
    found = [tally.count for tally in tallies(make_report(qualifier=qualifier))]
    assert found == ([] if count is None else [count])


@pytest.mark.parametrize("attribution", [Attribution.CONTESTED, Attribution.UNATTRIBUTED])
def test_a_tally_whose_actor_is_not_sure_binds_only_the_sum(attribution: Attribution) -> None:
    actors = ("red",) if attribution is Attribution.CONTESTED else ()
    (found,) = tallies(make_report(attribution=attribution, actors=actors))
    assert found.strata == (BLUE_NORTH, RED_NORTH)


def test_a_source_with_several_speakers_verifies_nothing() -> None:
    circle = (make_source(speakers=Speakers.SEVERAL), *make_sources()[1:])
    assert tallies(evidence=make_evidence(sources=circle)) == ()


def test_a_source_that_is_left_out_verifies_nothing() -> None:
    known = make_evidence()
    assert verified_tallies(design(known), known, without=["un"]) == ()
    assert len(verified_tallies(design(known), known, without=["press"])) == 2


def test_a_tally_that_was_revised_down_no_longer_binds() -> None:
    later = make_report(report="r2", value=80, published=date(2020, 5, 1))
    assert [tally.count for tally in tallies(make_report(), later)] == [80]


def test_small_scopes_are_made_up_first() -> None:
    months = [
        make_report(report="whole", value=300, window_end=date(2020, 3, 31)),
        make_report(report="both", value=200, actors=(), attribution=Attribution.UNATTRIBUTED),
        make_report(report="jan"),
    ]
    assert [tally.count for tally in tallies(*months)] == [100, 200, 300]


def share_fits(hits: NDArray[np.bool_], probability: float) -> bool:
    error = SIGMAS * np.sqrt(probability * (1 - probability) / hits.size) + 1 / hits.size
    return bool(abs(hits.mean() - probability) < error)


def test_replicated_counts_have_the_law_of_a_tally() -> None:
    arrays, values = small(), typical(small())
    state = evaluate(np, arrays, values, values["own"])
    mean = scope_means(arrays, values, state, values["own"])[0]
    assert arrays.scopes.pieces.report.tolist() == list(range(len(arrays.reports)))
    theta = np.exp(values["log_dispersion"][0])[arrays.scopes.pieces.stream]
    # Excess kurtosis of a negative binomial of p = 1 / (1 + θ) and r = μ / θ.
    excess = 6 * theta / mean + 1 / ((1 + theta) * mean)
    moments_fit(drawn().reported, mean, (1 + theta) * mean, 3 + excess)


@pytest.mark.parametrize("count", [1, 10])
def test_replicated_figures_of_several_speakers_err(count: int) -> None:
    """Of few reports none is misread; of many all are here."""
    circle = make_source(source="press", name="P", kind=Kind.CLAIMANT, speakers=Speakers.SEVERAL)
    reports = [make_report(report=f"r{i}", source="press", value=60 + i) for i in range(count)]
    arrays = design(make_evidence(reports, case=make_case(incidents=()), sources=(circle,)))
    values = typical(arrays, 40_000)
    values["log_rate"] = values["log_rate"] + 6.0
    values["log_revision"][:] = np.log(0.1)
    if count > 1:
        values["misread_x"][:] = 80.0
    state = evaluate(np, arrays, values, values["own"])
    mean, theta = float(scope_means(arrays, values, state, values["own"])[0, 0]), np.exp(values["log_dispersion"][0, 0])
    found = drawn(arrays, values).reported[:, 0]
    scale = np.sqrt((1 + theta) * mean + ((0.15 if count == 1 else 1.15) * mean) ** 2)
    assert mean > 1000
    # A normal error, but for counts below zero and those that are more than twice what is expected.
    law = stats.norm(mean, scale)
    for place in (-0.7, 0.0, 0.8):
        assert share_fits(found <= mean + place * scale, float(law.cdf(mean + place * scale)))
    far = 2 * (mean + 1)
    pressed = far * (1 + np.log(7.0) / 6)
    assert share_fits(found > 2 * far, float(law.sf(pressed)))


def test_a_contested_report_is_replicated_in_each_reading_with_its_probability() -> None:
    evidence = make_evidence(
        (make_report(report="c", attribution=Attribution.CONTESTED), make_report(report="d", areas=("south",))),
        case=make_case(contested={"c": 0.4}, incidents=()),
    )
    arrays = design(evidence)
    values = typical(arrays)
    state = evaluate(np, arrays, values, values["own"])
    stated, anybody, _ = scope_means(arrays, values, state, values["own"])[0]
    assert anybody > 1.5 * stated
    theta = float(np.exp(values["log_dispersion"][0, 0]))
    mean = 0.4 * stated + 0.6 * anybody
    variance = (1 + theta) * mean + 0.24 * (anybody - stated) ** 2
    found = drawn(arrays).reported[:, 0]
    assert abs(found.mean() - mean) < SIGMAS * np.sqrt(variance / COUNT)
    assert abs(found.var() / variance - 1) < SIGMAS * np.sqrt((stats.kurtosis(found) + 2) / COUNT)


def contested(source: str, **changes: Any) -> Design:
    report = make_report(report="c", source=source, attribution=Attribution.CONTESTED, **changes)
    return design(make_evidence((report,), case=make_case(contested={"c": 0.7})))


def test_readings_are_drawn_with_their_posterior_probability() -> None:
    arrays = contested("press", value=20, qualifier=Qualifier.AT_LEAST)
    assert arrays.anchors.places.size == 0
    values = {name: value for name, value in typical(arrays).items() if name != "own"}
    values["stream_z"] = np.full((COUNT, 1), 0.5)
    weights = np.tile(np.log([0.2, 0.6]), (COUNT, 1))
    found = forecast(arrays, values, weights, (), everywhere(arrays), np.random.default_rng(2))
    # Prior 0.7 to 0.3, likelihood 0.2 to 0.6.
    assert share_fits(found.likelihood[:, 0] == weights[0, 0], 0.7 * 0.2 / (0.7 * 0.2 + 0.3 * 0.6))
    assert set(np.unique(found.likelihood)) == {weights[0, 0], weights[0, 1]}
    np.testing.assert_allclose(found.own[:, 0], 0.5 * arrays.rates.scale[0])


def test_the_prior_of_the_own_deviation_weighs_where_it_depends_on_the_reading() -> None:
    arrays = contested("un")
    assert arrays.anchors.places.tolist() == [0]
    values = {name: value for name, value in typical(arrays).items() if name not in ("own", "stream_z")}
    values["seen_x"] = np.full((COUNT, 1), 0.3)
    weights = np.tile(np.log([0.5, 0.4]), (COUNT, 1))
    found = forecast(arrays, values, weights, (), everywhere(arrays), np.random.default_rng(3))
    own = evaluate(np, arrays, values).own[0]
    assert own[0] > own[1] + 0.3  # more deaths in the scope, so a lower rate
    odds = np.array([0.7, 0.3]) * [0.5, 0.4] * stats.norm(0, arrays.rates.scale[0]).pdf(own)
    hits = found.own[:, 0] == own[0]
    assert share_fits(hits, odds[0] / odds.sum())
    np.testing.assert_array_equal(found.own[:, 0], np.where(hits, *own))
    np.testing.assert_array_equal(found.likelihood[:, 0], np.where(hits, *weights[0]))
    np.testing.assert_allclose(found.rates, reporting_rates(arrays, values, found.own))


def test_the_same_generator_gives_the_same_forecast() -> None:
    one, again, other = drawn(seed=5), drawn(seed=5), drawn(seed=6)
    for name in ("deaths", "incidents", "rates", "own", "expected", "reported", "likelihood"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert (one.deaths != other.deaths).any()


@pytest.mark.parametrize("count", [1, 6, 7, 8, 20])
def test_chunks_leave_no_seam(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    arrays = small()
    values = typical(arrays, count)
    values["own"] = np.arange(count * len(arrays.sources), dtype=float).reshape(count, -1) / 100
    whole = drawn(values=values)
    monkeypatch.setattr(module, "CHUNK", 7)
    cut = drawn(values=values)
    for name in ("deaths", "incidents", "rates", "own", "expected", "reported", "likelihood"):
        one, other = getattr(whole, name), getattr(cut, name)
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert one.shape[0] == count
        if one.dtype == float:  # what involves no chance is the same, in the same order
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_without_incidents() -> None:
    reports = tuple(report for report in make_reports() if report.incident is None)
    arrays = design(make_evidence(reports, case=make_case(incidents=())))
    found = drawn(arrays)
    assert found.incidents.shape == (COUNT, 0)
    assert found.deaths.shape == (COUNT, arrays.days, 4)
    tree = put_together(arrays, found)
    assert "incident_deaths" not in tree["posterior"].data_vars
    assert "incident" not in tree["posterior"].coords


def put_together(arrays: Design, found: Forecast) -> Any:
    return assemble(arrays, *make_sampled(arrays, (4, COUNT // 4), np.random.default_rng(0)), found, found, {}).tree


def test_several_kinds_of_victims() -> None:
    dimensions = case_fields()["dimensions"] | {
        "victims": {"levels": {"civilians": "Civilians", "fighters": "Fighters"}}
    }
    reports = (*make_reports(), make_report(report="f", victims="fighters"))
    arrays = design(make_evidence(reports, case=make_case(dimensions=dimensions)))
    found = drawn(arrays)
    assert found.deaths.shape == (COUNT, arrays.days, 8)
    deaths = put_together(arrays, found)["posterior"]["deaths"]
    assert deaths.dims == ("chain", "draw", "day", "actor", "area", "kind")
    (place,) = arrays.strata.select(("red",), ("south",), "fighters", "killed")
    picked = deaths.sel(actor="red", area="south", kind="fighters/killed").to_numpy()
    np.testing.assert_array_equal(picked.reshape(COUNT, -1), found.deaths[..., place])


def test_draws_keep_their_place_in_the_tree() -> None:
    arrays, found = small(), drawn()
    posterior = put_together(arrays, found)["posterior"]
    assert posterior["deaths"].dims == ("chain", "draw", "day", "actor", "area")
    assert posterior["deaths"].dtype == np.int32
    np.testing.assert_array_equal(
        posterior["deaths"][1, 3].sel(actor="red", area="north"), found.deaths[COUNT // 4 + 3, :, RED_NORTH]
    )
    rates = posterior["rate_by_actor"].sel(source="un", actor="blue")[2, 5]
    assert float(rates) == found.rates[2 * COUNT // 4 + 5, arrays.sources.index("un"), 0]
    np.testing.assert_array_equal(
        posterior["incident_deaths"].sel(incident=INCIDENT).to_numpy().ravel(), found.incidents[:, 0]
    )


def test_a_disputed_incident_is_reported_whole() -> None:
    arrays = design(make_evidence(case=make_case(incidents=(DISPUTED,))))
    found = drawn(arrays)
    posterior = put_together(arrays, found)["posterior"]
    np.testing.assert_array_equal(posterior["incident_deaths"].to_numpy().ravel(), found.incidents.sum(axis=1))


def test_the_far_tail_of_the_prior_neither_fails_nor_wraps_around() -> None:
    arrays, values = small(), typical(small(), 8)
    values["log_incident"][:] = 60.0  # a Student t has such draws
    found = drawn(values=values)
    assert (found.incidents > 0.99 * MAX_COUNT).all()
    values["log_rate"][:] = 40.0
    made = make_sampled(arrays, (2, 4), np.random.default_rng(0))
    tree = assemble(arrays, *made, drawn(values=values), found, {}).tree
    assert int(tree["posterior"]["deaths"].min()) > 0


def test_more_deaths_than_the_tree_can_count_are_its_largest_count() -> None:
    most, values = np.iinfo(np.int32).max, typical(small(), 8)
    found = drawn(values=values, verified=(Verified(0, 1, (RED_NORTH,), -1, 3 * 10**9),))
    assert found.deaths.dtype == np.int32
    assert (found.deaths[:, 0, RED_NORTH] == most).all()
    assert (found.deaths[:, 1:] < 1000).all()
    made = make_sampled(small(), (2, 4), np.random.default_rng(0))
    deaths = assemble(small(), *made, found, found, {}).tree["posterior"]["deaths"]
    assert (deaths.sel(actor="red", area="north").isel(day=0) == most).all()


def test_draws_of_the_prior_have_the_scale_of_the_prior_table() -> None:
    arrays = small()
    values = prior_values(arrays, 20_000, np.random.default_rng(4))
    rate = arrays.priors["rate"]
    assert abs(values["log_rate"].mean() - rate.location) < SIGMAS * rate.scale / np.sqrt(20_000)
    assert abs(values["log_rate"].std() / rate.scale - 1) < SIGMAS / np.sqrt(40_000)
    kinds = dict(zip(arrays.sources, arrays.rates.kinds, strict=True))
    for s, source in enumerate(arrays.sources):
        degrees = 4 if kinds[source] is Kind.CLAIMANT else np.inf
        prior = stats.t(degrees, scale=arrays.priors[kinds[source].value].scale)
        assert stats.kstest(values["own"][:, s], prior.cdf).pvalue > 1e-4


def test_a_source_is_asked_only_about_the_actors_that_it_reported_on() -> None:
    arrays = small()
    rates = np.empty((1, len(arrays.sources), 2))
    rates[..., 0], rates[..., 1] = 0.2, 0.6  # of deaths by blue, by red
    found = dict(zip(arrays.sources, pooled(arrays, rates, np.array([[30.0, 10.0]]))[0], strict=True))
    assert found["un"] == pytest.approx(0.6)
    assert found["red-army"] == pytest.approx(0.6)
    assert found["press"] == pytest.approx((30 * 0.2 + 10 * 0.6) / 40)


def test_a_recorder_of_nothing_but_an_incident_is_asked_about_its_actors() -> None:
    day = date(2020, 1, 15)
    market = make_report(value=40, window_start=day, window_end=day, incident=INCIDENT)
    arrays = design(make_evidence((market, make_report(report="p", source="press", window_start=FIRST))))
    told = pooled(arrays, np.tile([0.2, 0.6], (1, 2, 1)), np.array([[30.0, 10.0]]))[0]
    assert told[arrays.sources.index("un")] == pytest.approx(0.6)


def test_the_largest_value_of_each_group() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(6), [1, 3, 1, 5, 2, 1])
    values = rng.integers(0, 4, (40, group.size)).astype(float)
    values[rng.random(values.shape) < 0.2] = -np.inf
    expected = [
        [own[0] + row[own].argmax() for own in (np.flatnonzero(group == g) for g in range(6))] for row in values
    ]
    np.testing.assert_array_equal(module._largest(values, group), expected)


def test_all_short_draws_are_made_up_at_once_with_the_numbers_of_one_after_the_other() -> None:
    arrays, rng = small(), np.random.default_rng(3)
    values = typical(arrays, 30)
    state = evaluate(np, arrays, values, values["own"])
    tally = Verified(3, 20, (BLUE_NORTH, RED_NORTH), -1, 60)
    before, cells = rng.poisson(state.deaths), state.events
    incidents = rng.poisson(cells)
    one, other = before.copy(), before.copy()
    module._make_up(arrays, tally, state, cells, one, incidents.copy(), np.random.default_rng(9))
    again = np.random.default_rng(9)
    for i in range(30):
        missing = 60 - other[i, 3:20, :][:, [BLUE_NORTH, RED_NORTH]].sum() - incidents[i, 0]
        if missing > 0:
            block = state.deaths[i, 3:20][:, [BLUE_NORTH, RED_NORTH]]
            extra = again.multinomial(missing, (block / block.sum()).ravel()).reshape(block.shape)
            other[i, 3:20, [BLUE_NORTH, RED_NORTH]] += extra.T
    assert (one != before).any(axis=(1, 2)).sum() > 1
    np.testing.assert_array_equal(one, other)


def test_draws_of_the_prior_may_leave_the_reports_out() -> None:
    values = typical(small(), 4)
    scope = (slice(0, 10), frozenset({RED_NORTH}))
    found = forecast(small(), values, None, (), scope, np.random.default_rng(1), has_reports=False)
    assert found.reported.shape == (4, 0)
    np.testing.assert_array_equal(found.deaths, drawn(values=values).deaths)


def test_of_very_many_pieces_fewer_draws_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = max(pieces.cell_piece.size for pieces in (small().terms.pieces, small().scopes.pieces))
    assert module._parts(small(), 1200) == [slice(first, first + module.CHUNK) for first in (0, 500, 1000)]
    monkeypatch.setattr(module, "LARGEST_CHUNK", 7 * cells)
    assert module._parts(small(), 10) == [slice(0, 7), slice(7, 14)]
