"""The PyMC model against the slow twin, at random points of five cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import get_mode

from tests.builders import (
    FIRST,
    INCIDENT,
    case_fields,
    make_case,
    make_evidence,
    make_report,
    make_source,
    make_sources,
)
from tests.models.lag_case import lag_case
from tests.models.slow_twin import SlowTwin
from tests.models.streams_case import NOBODY, streams_case, window
from undercount.data import Evidence, load_case
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.data.schema import Attribution, Kind, Qualifier
from undercount.models.data import model_data, with_data
from undercount.models.design import Design, design
from undercount.models.fusion import build_model
from undercount.models.likelihood import reading_log_likelihood
from undercount.models.parameters import Parameter, parameters
from undercount.models.running import program

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 20
MODE = get_mode("FAST_COMPILE").excluding("local_add_canonizer")
"""In Python a sum of more than 32 terms cannot be one operation."""
CONTESTED = {"attribution": Attribution.CONTESTED}
OWN = {"prior_median": 0.4, "prior_scale": 0.3, "prior_reason": "a capture-recapture study"}


def small_case(**changes: Any) -> dict[str, Any]:
    """Fields of testland on 40 days, with one population figure of two dates and none for the south."""
    fields = case_fields()
    span = {"start": FIRST, "end": date(2020, 2, 9)}
    people = [
        {"area": "north", "date": d, "people": n, "basis": "b"}
        for d, n in [(FIRST, 90_000), (date(2020, 2, 1), 40_000)]
    ]
    estimand = fields["estimand"] | {"window": span, "areas": ("north",)}
    return fields | {"timeline": span, "estimand": estimand, "population": tuple(people)} | changes


def mixed_case(more: int = 0) -> Evidence:
    """Areas with and without population, victim classes, every kind of source, bound and attribution."""
    fields = small_case(contested={"ngo-c": 0.85})
    areas = {"levels": {"north": "North", "south": "South", "east": "East"}}
    fields["dimensions"] |= {"area": areas, "victims": {"levels": {"civilians": "C", "children": "K"}}}
    fields["population"] += ({"area": "east", "date": FIRST, "people": 20_000, "basis": "b"},)
    spot = fields["incidents"][0]
    other = spot | {"incident": "bridge", "date": date(2020, 2, 2), "area": "south", "actors": {"blue": 1.0}}
    fields["incidents"] = (spot | {"actors": {"red": 0.6, "blue": 0.4}}, other)
    sources = [
        *make_sources(),
        make_source(source="ngo", name="N", **OWN),
        make_source(source="radio", name="R", kind=Kind.CLAIMANT, **OWN),
        make_source(source="diary", name="D"),
    ]
    at = {"incident": INCIDENT, **window(14, 14)}
    reports = [
        make_report(report="un-a", **window(0, 30), window_uncertainty_days=3),
        make_report(report="un-b", value=40, within="un-a", **at, **NOBODY),
        make_report(report="un-c", value=12 + more, victims="children", areas=("north", "south"),
                    **window(5, 39), **NOBODY),
        make_report(report="un-d", value=9, areas=("south",), actors=("blue",), **window(32, 33)),
        make_report(report="press-a", source="press", value=900 + more, qualifier=Qualifier.AT_LEAST,
                    areas=("north", "south", "east"), **window(0, 39), **NOBODY),
        make_report(report="diary-a", source="diary", value=None, low=0, high=30, qualifier=Qualifier.WORDS,
                    areas=("east",), **window(7, 11)),
        make_report(report="red-a", source="red-army", value=12, qualifier=Qualifier.ABOUT, **window(0, 30)),
        make_report(report="red-b", source="red-army", value=150, qualifier=Qualifier.UP_TO, actors=("blue",),
                    areas=("south",), **window(3, 39)),
        make_report(report="ngo-a", source="ngo", value=3, qualifier=Qualifier.PER_DAY, **window(10, 19)),
        make_report(report="ngo-b", source="ngo", value=25, actors=("blue",), **at, **CONTESTED),
        make_report(report="ngo-c", source="ngo", value=20, actors=("blue",), **window(12, 16), **CONTESTED),
        make_report(report="radio-a", source="radio", value=130, qualifier=Qualifier.MORE_THAN,
                    areas=("south",), **window(0, 20), window_uncertainty_days=60, **NOBODY),
    ]  # fmt: skip
    return make_evidence(reports, case=make_case(**fields), sources=sources)


def twice_the_people(evidence: Evidence) -> Evidence:
    """The same evidence about an area that held more people."""
    points = tuple(point.model_copy(update={"people": 2 * point.people}) for point in evidence.case.population)
    return replace(evidence, case=evidence.case.model_copy(update={"population": points}))


def latent_case() -> Evidence:
    """Partial overlaps, a tally that fell, ranges inside counts, and more readings than one block holds."""
    limits = {"qualifier": Qualifier.RANGE, "value": None}
    sources = [*make_sources(), *(make_source(source=n, name=n) for n in ("fallen", "inner")),
               *(make_source(source=n, name=n, kind=Kind.CLAIMANT) for n in ("opened", "many"))]  # fmt: skip
    reports = [
        make_report(report="un-a", value=100, **window(0, 19)),
        make_report(report="un-b", value=80, **window(10, 29)),
        make_report(report="un-c", value=7, **window(35, 39)),
        make_report(report="fallen-a", source="fallen", value=100, **window(0, 19)),
        make_report(report="fallen-b", source="fallen", value=92, published=date(2020, 4, 9), **window(0, 29)),
        make_report(report="inner-a", source="inner", value=60, **window(0, 19), **CONTESTED),
        make_report(report="inner-b", source="inner", low=5, high=30, actors=("blue",), **window(3, 9), **limits),
        make_report(report="opened-a", source="opened", value=531, **window(0, 19)),
        make_report(report="opened-b", source="opened", value=90, qualifier=Qualifier.AT_LEAST, **window(3, 9)),
        *(
            make_report(report=f"many-{i}", source="many", value=11 + i, **window(5 * i, 5 * i + 4), **CONTESTED)
            for i in range(7)
        ),
    ]
    return make_evidence(reports, case=make_case(**small_case()), sources=sources)


@dataclass(frozen=True)
class Compiled:
    evidence: Evidence
    design: Design
    model: pm.Model
    log_density: Callable[[dict[str, NDArray[np.float64]]], NDArray[np.float64]]

    def points(self, count: int, spread: float, seed: int = 0) -> list[dict[str, NDArray[np.float64]]]:
        """Points around the middle of the prior."""
        rng = np.random.default_rng(seed)
        return [{p.name: self._draw(p, rng, spread) for p in parameters(self.design)} for _ in range(count)]

    def _draw(self, parameter: Parameter, rng: np.random.Generator, spread: float) -> NDArray[np.float64]:
        drawn: NDArray[np.float64] = parameter.location + spread * (parameter.draw(rng, 1)[0] - parameter.location)
        return drawn


CASES: dict[str, Callable[[], Evidence]] = {
    "mosul": lambda: load_case("mosul-2017"), "mixed": mixed_case, "latent": latent_case,
    "streams": streams_case, "lag": lag_case,
}  # fmt: skip
CENTRED = ("mixed", "streams")
"""Cases whose courses are looked at in coordinates that few counts would choose."""


def matched_lists(more: int = 0) -> MatchedLists:
    """Lists of two recorders, of three for one actor, on days that hold one of the incidents."""
    tables = (
        Table("red", 0, ("ngo", "un"), np.array([0, 40 + more, 35, 12])),
        Table("blue", 0, ("diary", "ngo", "un"), np.array([0, 9, 14, 2, 11, 3, 4, 1 + more])),
    )
    return MatchedLists(Lists("matched", tables), window=(FIRST + timedelta(days=3), FIRST + timedelta(days=30)))


LISTS = {"mixed": matched_lists()}


def stated(name: str, evidence: Evidence) -> Design:
    """The design of a case, with its lists, in the coordinates that it is looked at in."""
    return centred(name, design(evidence, lists=LISTS.get(name)))


def centred(name: str, arrays: Design) -> Design:
    """The same model with each cosine centred, and pulled to the common course, as far as dice say."""
    if name not in CENTRED:
        return arrays
    rng, before = np.random.default_rng(9), arrays.centring
    shared, own, pull = (rng.uniform(size=x.shape) for x in (before.shared, before.own, before.pull))
    return replace(arrays, centring=replace(before, shared=shared, own=own, pull=pull))


@cache
def compiled(name: str) -> Compiled:
    evidence = CASES[name]()
    found = stated(name, evidence)
    model = build_model(found)
    return Compiled(evidence, found, model, model.compile_logp(mode=MODE))


def test_the_cases_hold_what_they_are_for() -> None:
    mixed, latent = design(mixed_case()), design(latent_case())
    streams, mosul, late = design(streams_case()), design(load_case("mosul-2017")), design(lag_case())
    names = {p.name for arrays in (mixed, latent, streams, mosul, late) for p in parameters(arrays)}
    assert names == {
        "log_rate", "log_daily_toll", "area_z", "actor_z", "share_z", "log_smooth_shared", "shared_x", "log_smooth_own",
        "own_x", "incident_x", "incident_z", "common_z", "source_z", "stream_z", "seen_x",
        "incident_rate_z", "by_actor_z", "log_dispersion", "log_revision", "misread_x", "window_z", "tally_z",
        "log_lag", "lag_z", "log_lag_incident",
    }  # fmt: skip
    assert mixed.strata.shape == (2, 3, 2)
    assert list(mixed.has_population) == [True, True, False]
    assert [mixed.stream_names[s] for s in mixed.incident_recorders] == ["ngo", "un/civilians/killed"]
    assert mixed.anchors.is_open.any()
    assert not mixed.anchors.is_open.all()
    assert [mixed.stream_names[s] for s in mixed.anchors.places[mixed.anchors.is_mixed]] == [
        "ngo", "un/civilians/killed",
    ]  # fmt: skip
    red = mixed.terms.pieces.stream == mixed.stream_names.index("red-army")
    assert sorted(mixed.anchors.is_counted[red]) == [False, True]
    walls = [(arrays.tolls.bend.tolist(), arrays.tolls.is_shifted.tolist()) for arrays in (mixed, latent)]
    assert walls == [([1.0, 0.0], [True, False]), ([1.0], [False])]
    assert latent.centring.shared.max() > 0.3
    assert np.bincount(latent.terms.block_stream)[latent.stream_names.index("many")] == 7
    assert [latent.stream_names[s] for s in latent.errors.streams] == ["fallen"]
    assert [latent.reports[r] for r in latent.scored_reports] == ["inner-b", "opened-b"]
    assert len({term.reading for term in latent.terms.gaussian if latent.stream_names[term.stream] == "inner"}) == 2
    assert [streams.stream_names[s] for s in streams.errors.streams] == [
        "desk/civilians/injured", "desk/civilians/killed", "office",
    ]  # fmt: skip
    assert streams.rates.families == ("desk", "press", "un")
    assert 0 < streams.centring.shown.size < streams.strata.count
    assert streams.scored_reports.size == 0
    desk = streams.stream_names.index("desk/civilians/killed")
    (killed,) = (term for term in streams.terms.gaussian if term.stream == desk)
    assert killed.reports.size == 33
    assert not program(killed).mask.all()
    assert streams.terms.reading_block.size == 1 + streams.terms.block_stream.size
    overlap = design(mixed_case(), lists=LISTS["mixed"]).overlap
    assert [table.names for table in overlap.tables] == [("diary", "ngo", "un"), ("ngo", "un")]
    assert [mixed.incidents.names[mixed.incidents.cell_incident[e]] for each in overlap.events for e in each] == [
        INCIDENT, INCIDENT,
    ]  # fmt: skip
    assert not mixed.overlap.count
    assert late.lags.sources == ("fallen", "un", "watch")
    pieces = late.terms.pieces
    assert {(after >= 0, by >= 0) for after, by in zip(pieces.cell_after, pieces.cell_by, strict=True)} == {
        (False, False), (False, True), (True, True),
    }  # fmt: skip
    assert (pieces.event_by >= 0).any()
    assert (pieces.event_by < 0).any()
    assert {(late.stream_names[term.stream], term.is_revised) for term in late.terms.gaussian} == {
        ("fallen", True), ("watch", False),
    }  # fmt: skip


@pytest.mark.parametrize("spread", [0.4, 1.0])
@pytest.mark.parametrize("name", CASES)
def test_the_graph_equals_the_slow_twin(name: str, spread: float) -> None:
    case = compiled(name)
    for point in case.points(POINTS // 2, spread):
        twin = SlowTwin(case.evidence, case.design, point)
        expected = twin.log_density()
        assert np.isfinite(expected)
        # The mass of a count n is a difference of numbers as large as n ln n, in 16 digits.
        assert float(case.log_density(point)) == pytest.approx(expected, rel=1e-10, abs=1e-14 * twin.largest)


@pytest.mark.parametrize("name", CASES)
def test_the_readings_of_a_batch_equal_the_slow_twin(name: str) -> None:
    case = compiled(name)
    points = case.points(3, 0.5, seed=1)
    batch = {key: np.stack([point[key] for point in points]) for key in points[0]}
    found = reading_log_likelihood(case.design, batch)
    for row, point in zip(found, points, strict=True):
        twin = SlowTwin(case.evidence, case.design, point)
        expected = [twin.reading(n, r) for n in twin.names for block in twin.blocks[n] for r in block.readings]
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-10)


def test_other_counts_and_people_need_no_new_graph() -> None:
    case = compiled("mixed")
    other = twice_the_people(mixed_case(more=37))
    before, after = model_data(case.design), model_data(design(other, lists=LISTS["mixed"]))
    # How far courses are centred, and what is anchored, stay those of the graph.
    changed = with_data(case.design, after)
    with case.model:
        pm.set_data(after)
    try:
        for point in case.points(3, 0.4, seed=2):
            expected = SlowTwin(other, changed, point).log_density()
            assert float(case.log_density(point)) == pytest.approx(expected, rel=1e-10)
            assert expected != pytest.approx(SlowTwin(case.evidence, case.design, point).log_density(), rel=1e-6)
    finally:
        with case.model:
            pm.set_data(before)


def test_other_lists_need_no_new_graph() -> None:
    case = compiled("mixed")
    after = model_data(design(case.evidence, lists=matched_lists(more=9)))
    changed = with_data(case.design, after)
    with case.model:
        pm.set_data(after)
    try:
        for point in case.points(3, 0.4, seed=4):
            expected = SlowTwin(case.evidence, changed, point).log_density()
            assert float(case.log_density(point)) == pytest.approx(expected, rel=1e-10)
            assert expected != pytest.approx(SlowTwin(case.evidence, case.design, point).log_density(), rel=1e-6)
    finally:
        with case.model:
            pm.set_data(model_data(case.design))


@pytest.mark.parametrize("name", CASES)
def test_a_source_can_be_left_out_without_a_new_graph(name: str) -> None:
    case = compiled(name)
    (point,) = case.points(1, 0.4, seed=3)
    try:
        for source in case.design.sources:
            with case.model:
                pm.set_data(model_data(case.design, without=[source]))
            twin = SlowTwin(case.evidence, case.design, point, unused=frozenset({source}))
            assert float(case.log_density(point)) == pytest.approx(twin.log_density(), rel=1e-10)
    finally:
        with case.model:
            pm.set_data(model_data(case.design))
