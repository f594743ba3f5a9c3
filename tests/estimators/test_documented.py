"""What was documented: tallies of one recorder that share no deaths, inside the scope that is asked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tests.builders import INCIDENT, make_case, make_evidence, make_report, make_source, make_sources
from tests.estimators.synthetic import make_estimate
from undercount.data.schema import Attribution, Kind, Qualifier, Report
from undercount.estimators import scoping, tables
from undercount.models.design import Design, design

JANUARY, FEBRUARY = (date(2020, 1, 1), date(2020, 1, 31)), (date(2020, 2, 1), date(2020, 2, 29))
SECOND = make_source(source="ngo", name="Second recorder")


def tally(name: str, value: int | None, window: tuple[date, date] = JANUARY, **changes: Any) -> Report:
    return make_report(report=name, value=value, window_start=window[0], window_end=window[1], **changes)


def documented(*reports: Report, window: Any = None, scope: Any = None) -> int:
    evidence = make_evidence(reports, sources=(*make_sources(), SECOND))
    question = scoping.narrowed(evidence.case, evidence.case.estimand, window, scope)
    return tables.documented(evidence, design(evidence), question)


def test_disjoint_tallies_add_up() -> None:
    assert documented(tally("a", 100), tally("b", 60, FEBRUARY)) == 160
    assert documented(tally("a", 100), tally("b", 7, areas=("south",)), tally("c", 3, actors=("blue",))) == 110


def test_nested_tallies_count_once() -> None:
    whole = (JANUARY[0], FEBRUARY[1])
    week = (date(2020, 1, 6), date(2020, 1, 12))
    assert documented(tally("a", 250, whole), tally("b", 100), tally("c", 40, week)) == 250
    market = tally("m", 40, (date(2020, 1, 15), date(2020, 1, 15)), incident=INCIDENT)
    assert documented(tally("a", 100), market) == 100


def test_tallies_that_overlap_count_once() -> None:
    assert documented(tally("a", 100), tally("b", 80, (date(2020, 1, 20), date(2020, 2, 20)))) == 100
    assert documented(tally("a", 100, areas=("north", "south")), tally("b", 120, areas=("south",))) == 120


@pytest.mark.parametrize(("first", "second"), [(100, 80), (80, 100)])
def test_windows_that_meet_share_deaths_only_where_they_share_a_day(first: int, second: int) -> None:
    middle, end = date(2020, 1, 31), date(2020, 2, 20)
    assert documented(tally("a", first), tally("b", second, (middle, end))) == 100
    assert documented(tally("a", first), tally("b", second, (date(2020, 2, 1), end))) == 180


def test_a_tally_of_everybody_shares_deaths_with_a_tally_of_one() -> None:
    assert documented(tally("a", 100), tally("b", 130, actors=(), attribution=Attribution.UNATTRIBUTED)) == 130


def test_the_recorder_with_most_counts_and_not_the_sum() -> None:
    assert documented(tally("a", 100), tally("b", 70, source="ngo"), tally("c", 60, FEBRUARY, source="ngo")) == 130


@pytest.mark.parametrize("source", ["press", "red-army"])
def test_only_recorders_document(source: str) -> None:
    kinds = {s.source: s.kind for s in make_sources()}
    assert kinds[source] in (Kind.CLAIMANT, Kind.BELLIGERENT)
    assert documented(tally("a", 900, source=source)) == 0
    assert documented(tally("a", 900, source=source), tally("b", 5)) == 5


@pytest.mark.parametrize(
    ("qualifier", "figures", "count"),
    [
        (Qualifier.EXACT, {"value": 100}, 100),
        (Qualifier.AT_LEAST, {"value": 100}, 100),
        (Qualifier.MORE_THAN, {"value": 100}, 101),
        (Qualifier.RANGE, {"value": None, "low": 80, "high": 120}, 80),
        (Qualifier.ABOUT, {"value": 531}, 504),
        (Qualifier.UP_TO, {"value": 100}, 0),
        (Qualifier.WORDS, {"value": None, "low": 100, "high": 999}, 0),
        (Qualifier.PER_DAY, {"value": 2}, 47),
    ],
)
def test_the_lower_end_counts(qualifier: Qualifier, figures: dict[str, int | None], count: int) -> None:
    assert documented(tally("a", qualifier=qualifier, **figures)) == count  # type: ignore[arg-type]


def test_a_tally_counts_only_where_it_lies_inside_the_scope() -> None:
    report = tally("a", 100)
    assert documented(report, window=JANUARY) == 100
    assert documented(report, window=("2020-01-01", "2020-01-30")) == 0
    assert documented(report, window=("2020-01-02", "2020-03-31")) == 0
    assert documented(report, scope={"area": "north"}) == 100
    assert documented(report, scope={"area": "south"}) == 0
    assert documented(report, scope={"actor": "red"}) == 100
    assert documented(report, scope={"actor": "blue"}) == 0


def test_unattributed_deaths_are_nobodys() -> None:
    report = tally("a", 100, actors=(), attribution=Attribution.UNATTRIBUTED)
    assert documented(report) == 100
    assert documented(report, scope={"actor": "red"}) == 0
    assert documented(report, scope={"actor": ["red", "blue"]}) == 100


def test_contested_deaths_are_documented_as_those_of_the_actor_who_is_named() -> None:
    report = tally("a", 100, attribution=Attribution.CONTESTED)
    assert documented(report) == 100
    assert documented(report, scope={"actor": "red"}) == 100
    assert documented(report, scope={"actor": "blue"}) == 0


def test_copies_and_unused_reports_add_nothing() -> None:
    copy = tally("b", 300, FEBRUARY, derived_from=("a",))
    unused = tally("c", 300, (date(2020, 3, 1), date(2020, 3, 9)), used=False, reason="not checked")
    assert documented(tally("a", 100), copy, unused) == 100


def test_a_tally_that_was_revised_down_no_longer_counts() -> None:
    first = tally("a", 100, published=date(2020, 4, 1))
    assert documented(first, tally("b", 80, published=date(2020, 5, 1))) == 80
    assert documented(first, tally("b", 80, published=date(2020, 3, 1))) == 100


def test_two_figures_for_the_same_deaths_are_one() -> None:
    later = tally("b", None, qualifier=Qualifier.RANGE, low=90, high=120, published=date(2020, 5, 1))
    assert documented(tally("a", 100, published=date(2020, 4, 1)), later) == 100


def test_the_undercount_is_the_toll_less_what_was_documented() -> None:
    estimate = make_estimate(draws=25, prior=4)
    assert estimate.documented() == 100
    np.testing.assert_array_equal(estimate.undercount().draws, estimate.toll().draws - 100)
    blue = {"actor": "blue"}
    assert estimate.documented(scope=blue) == 0
    np.testing.assert_array_equal(estimate.undercount(scope=blue).draws, estimate.toll(scope=blue).draws)
    assert estimate.about(scope=blue).undercount().median == estimate.undercount(scope=blue).median


def pairwise_sum(arrays: Design, reports: list[Report]) -> int:
    """The sum of disjoint tallies by comparing each with all that were taken before."""

    def share(one: Report, other: Report) -> bool:
        meet = one.window_start <= other.window_end and other.window_start <= one.window_end
        if one.incident and other.incident:
            meet = one.incident == other.incident
        strata = [arrays.strata.select(r.actors, r.areas, r.victims, r.quantity) for r in (one, other)]
        return meet and bool(strata[0] & strata[1])

    taken: list[Report] = []
    for report in sorted(reports, key=lambda r: (-(r.value or 0), r.report)):
        if not any(share(report, other) for other in taken):
            taken.append(report)
    return sum(report.value or 0 for report in taken)


@pytest.mark.parametrize("seed", range(20))
def test_marking_days_is_comparing_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["market", "bridge", "school"]
    incidents = tuple(
        {"incident": name, "title": "Strike", "date": date(2020, 1, 10 + i // 2), "area": "north", "actors": both}
        for i, name in enumerate(names)
        for both in ({"red": 0.5, "blue": 0.5},)
    )
    reports = []
    for i in range(25):
        start, length = int(rng.integers(1, 28)), int(rng.integers(0, 4))
        changes: dict[str, Any] = {"areas": (("north",), ("south",), ("north", "south"))[int(rng.integers(3))]}
        if rng.random() < 0.4:
            place = int(rng.integers(3))
            start, length = 10 + place // 2, 0
            changes = {"areas": ("north",), "incident": names[place]}
        who = (("red",), ("blue",), ("red", "blue"))[int(rng.integers(3))]
        window = date(2020, 1, start), date(2020, 1, min(31, start + length))
        published = date(2020, 4, 1) + timedelta(days=i)
        reports.append(tally(f"r{i:02d}", int(rng.integers(1, 50)), window, actors=who, published=published, **changes))
    evidence = make_evidence(reports, case=make_case(incidents=incidents))
    arrays = design(evidence)
    standing = {arrays.reports[place] for place in arrays.scopes.pieces.report}
    expected = pairwise_sum(arrays, [report for report in evidence.reports if report.report in standing])
    assert tables.documented(evidence, arrays, evidence.case.estimand) == expected
