"""Days without a record: what a list of events says by them, and of whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_report
from tests.data.imports.imported import fixture, written
from undercount.data.imports.casework import How, into_case
from undercount.data.imports.registry import read_file
from undercount.data.imports.silences import NOTE, silences
from undercount.data.schema import Attribution, Qualifier

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data.schema import Report

FIRST = date(2031, 3, 1)
EVERYWHERE = ("marun", "sahla")


def told(
    name: str, first: int, last: int, areas: tuple[str, ...] = ("marun",), actors: tuple[str, ...] = (), **more: Any
) -> Report:
    attribution = Attribution.STATED if actors else Attribution.UNATTRIBUTED
    days = {"window_start": FIRST + timedelta(first), "window_end": FIRST + timedelta(last)}
    return make_report(report=name, areas=areas, actors=actors, published=date(2031, 7, 1),
                       **{"attribution": attribution, **days, **more})  # fmt: skip


def found(*reports: Report) -> list[tuple[tuple[str, ...], tuple[str, ...], int, int]]:
    """Areas, actors and days of the silences of "un"."""
    return [
        (one.areas, one.actors, (one.window_start - FIRST).days, (one.window_end - FIRST).days)
        for one in silences(reports, {"un"})
    ]


def test_days_between_records_count_as_none() -> None:
    (one,) = silences([told("a", 0, 6), told("b", 21, 27)], {"un"})
    assert (one.value, one.qualifier, one.used, one.note) == (0, Qualifier.EXACT, True, NOTE)
    assert (one.source, one.areas, one.actors, one.attribution) == ("un", ("marun",), (), Attribution.UNATTRIBUTED)
    assert (one.window_start, one.window_end) == (FIRST + timedelta(7), FIRST + timedelta(20))
    assert one.published == date(2031, 7, 1)


def test_other_sources_say_nothing() -> None:
    assert not silences([told("a", 0, 6), told("b", 21, 27)], {"another"})
    assert not silences([], {"un"})


def test_an_area_and_a_class_of_victims_that_are_named_once_are_looked_at_all_the_time() -> None:
    north = told("a", 0, 6)
    south = told("b", 7, 13, areas=("sahla",), victims="children")
    silent = {
        (one.areas[0], one.victims, one.window_start.day, one.window_end.day)
        for one in silences([north, south], {"un"})
    }
    assert silent == {
        ("marun", "civilians", 8, 14), ("sahla", "civilians", 1, 14),
        ("marun", "children", 1, 14), ("sahla", "children", 1, 7),
    }  # fmt: skip


def test_a_record_that_may_be_anywhere_leaves_no_area_silent() -> None:
    assert found(told("a", 0, 6), told("b", 7, 13, areas=EVERYWHERE), told("c", 14, 20)) == []
    assert found(told("a", 0, 6, areas=EVERYWHERE), told("b", 14, 20, areas=EVERYWHERE)) == [(EVERYWHERE, (), 7, 13)]


def test_of_those_it_names_one_is_silent_while_another_is_not() -> None:
    red, blue = told("a", 0, 6, actors=("red",)), told("b", 14, 20, actors=("blue",))
    assert found(red, blue) == [
        (("marun",), ("blue", "red"), 7, 13), (("marun",), ("blue",), 0, 6), (("marun",), ("red",), 14, 20),
    ]  # fmt: skip


@pytest.mark.parametrize("attribution", [Attribution.UNATTRIBUTED, Attribution.CONTESTED])
def test_a_killer_in_doubt_may_be_anybody(attribution: Attribution) -> None:
    doubt = told(
        "c", 0, 6, actors=() if attribution is Attribution.UNATTRIBUTED else ("blue",), attribution=attribution
    )
    assert found(told("a", 0, 6, actors=("red",)), doubt, told("b", 14, 20, actors=("blue",))) == [
        (("marun",), (), 7, 13), (("marun",), ("red",), 14, 20),
    ]  # fmt: skip


RECORD = st.tuples(
    st.integers(0, 12), st.integers(0, 4), st.sampled_from([("marun",), ("sahla",), EVERYWHERE]),
    st.sampled_from([(), ("red",), ("blue",), ("blue", "red")]), st.booleans(),
)  # fmt: skip


@given(st.lists(RECORD, min_size=1, max_size=8))
def test_every_day_is_either_told_or_silent_and_never_both(rows: list[Any]) -> None:
    reports = [
        told(f"r{n}", first, first + more, areas, actors,
             **({"attribution": Attribution.CONTESTED} if is_contested and actors else {}))
        for n, (first, more, areas, actors, is_contested) in enumerate(rows)
    ]  # fmt: skip
    silent = silences(reports, {"un"})
    assert len({one.report for one in (*reports, *silent)}) == len(reports) + len(silent)
    whole = min(r.window_start for r in reports), max(r.window_end for r in reports)
    named = {actor for one in reports if one.attribution is Attribution.STATED for actor in one.actors}
    scopes: set[tuple[str, ...]] = {r.areas for r in reports if len(r.areas) == 1} or {EVERYWHERE}
    for areas in scopes:
        there = [r for r in reports if set(r.areas) & set(areas)]
        stated = {actor for r in there if r.attribution is Attribution.STATED for actor in r.actors}
        for offset in range((whole[1] - whole[0]).days + 1):
            day = whole[0] + timedelta(offset)
            now = [r for r in there if r.window_start <= day <= r.window_end]
            for actor in named:
                may = [r for r in now if r.attribution is not Attribution.STATED or actor in r.actors]
                says = [one for one in silent if one.areas == areas and one.window_start <= day <= one.window_end
                        and (not one.actors or actor in one.actors)]  # fmt: skip
                # Of an actor whom nobody names here, days with records of others stay unknown.
                is_told = not may and (not now or actor in stated)
                assert len(says) == is_told, (areas, day, actor)


def test_the_format_says_whether_a_file_lists_events(tmp_path: Path) -> None:
    columns = "code,date,region,grading,civilians_killed_min,civilians_killed_max"
    lines = ["V1,2031-03-02,Marun,Fair,1,2", "V2,2031-04-20,Marun,Fair,3,3"]
    events = read_file(written(tmp_path / "a.csv", columns, lines))
    assert events.lists_events
    assert not fixture("monthly.csv").lists_events
    into_case(fixture("monthly.csv"), tmp_path / "case", How(published=date(2031, 7, 1)))
    both = into_case(events, tmp_path / "case", How(published=date(2031, 7, 1)))
    silent = [one for one in both.evidence.reports if one.note == NOTE]
    assert both.silent == len(silent) == 1
    assert {one.source for one in silent} == {"airwars"}
