"""Rows that do not fit together are named; those that do are counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.data.lists.tables import good
from undercount.data.lists import Lists, assembly
from undercount.data.problems import InvalidEvidenceError, Problem


def only(frame: Any, **arguments: Any) -> Problem:
    with pytest.raises(InvalidEvidenceError) as caught:
        Lists.from_frame(frame, **arguments)
    (problem,) = caught.value.problems
    return problem


def with_row(**cells: Any) -> pd.DataFrame:
    return pd.concat([good(), pd.DataFrame([cells])], ignore_index=True)


@pytest.mark.parametrize("count", [0, 5])
def test_a_row_on_no_list_is_refused(count: int) -> None:
    problem = only(with_row(A=0, B=0, C=0, count=count))
    assert problem.code == "lists-unlisted"
    assert problem.where == "lists frame, row 6 (counted from 0)"
    assert problem.rule == "the row is on no list"
    assert "how many victims are on no list is what is asked for" in problem.hint


def test_a_record_on_no_list_is_refused() -> None:
    rows = [{"a": 1, "b": 0}] + 30 * [{"a": 0, "b": 0}]
    with pytest.raises(InvalidEvidenceError) as caught:
        Lists.from_frame(rows)
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1].rule == "the row is on no list, 10 more times"


def test_a_pattern_that_stands_twice_is_refused() -> None:
    problem = only(with_row(A=1, B=1, C=0, count=9))
    assert problem.code == "lists-duplicate-pattern"
    assert problem.where == "lists frame, row 6 (counted from 0)"
    assert problem.rule == "the pattern (A, B) stands in row 3 already"
    assert "aggregate=True" in problem.hint
    assert Lists.from_frame(with_row(A=1, B=1, C=0, count=9), aggregate=True).tables[0].counts[3] == 11


def test_a_pattern_may_stand_in_every_table() -> None:
    frame = pd.concat([good().assign(area=area, draw=draw) for area in "xy" for draw in (0, 1)])
    lists = Lists.from_frame(frame, stratum="area", replicate="draw")
    assert len(lists.tables) == 4
    assert {table.observed for table in lists.tables} == {17}
    twice = pd.concat([good().assign(area="x"), good().assign(area="y"), good().iloc[:1].assign(area="y")])
    assert only(twice, stratum="area").rule == "the pattern (A) stands in row 6 already"


def test_counts_of_another_name_do_not_pass_for_records() -> None:
    frame = good().rename(columns={"count": "deaths"}).assign(note="x")
    problem = only(frame, lists=["A", "B", "C"])
    assert problem.code == "lists-which-count"
    assert "if one of these holds the counts: deaths, note; or count=None" in problem.hint
    assert Lists.from_frame(frame, lists=["A", "B", "C"], count=None).tables[0].observed == 6
    assert Lists.from_frame(frame, lists=["A", "B", "C"], count="deaths").tables[0].observed == 17
    assert Lists.from_frame(pd.concat([frame, frame]), lists=["A", "B", "C"]).tables[0].observed == 12


def test_many_patterns_that_stand_twice_are_counted() -> None:
    frame = pd.concat([good()] * 10, ignore_index=True)
    with pytest.raises(InvalidEvidenceError) as caught:
        Lists.from_frame(frame)
    assert len(caught.value.problems) == 21
    assert "in 34 more rows" in caught.value.problems[-1].rule
    assert Lists.from_frame(frame, aggregate=True).tables[0].observed == 170


def test_a_stratum_that_a_replicate_lacks_is_named() -> None:
    frame = pd.concat([good().assign(area=area, draw=draw) for area in "xy" for draw in (5, 7)])
    problem = only(frame[(frame["area"] != "y") | (frame["draw"] != 7)], stratum="area", replicate="draw")
    assert (problem.code, problem.field) == ("lists-missing-replicate", "draw")
    assert problem.rule == "replicate 7 has no row of stratum y"
    assert "a row of it with count 0" in problem.hint


def test_a_stratum_of_which_all_counts_are_zero_is_held_and_not_good() -> None:
    frame = pd.concat([good().assign(area="x"), good().assign(area="y", count=0)])
    lists = Lists.from_frame(frame, stratum="area")
    assert [problem.code for problem in lists.problems()] == ["lists-no-victim"]
    assert Lists.from_frame(lists.to_frame(), stratum="stratum") == lists


def test_a_column_that_tells_victims_apart_is_no_stratum() -> None:
    rows = [{"a": 1, "b": 1, "victim": f"Layla {row}"} for row in range(5)]
    problem = only(rows, stratum="victim")
    assert (problem.code, problem.field) == ("lists-stratum-of-one", "victim")
    assert "each of the 5 strata holds one victim" in problem.rule
    assert "Layla" not in str(problem)


def test_totals_beyond_exact_numbers_are_refused() -> None:
    problem = only([{"a": 1, "b": 0, "count": 2**53}, {"a": 0, "b": 1, "count": 2**53}])
    assert (problem.code, problem.field) == ("lists-bad-count", "count")


def test_more_than_can_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.concat([good().assign(area=area) for area in "xyz"])
    monkeypatch.setattr(assembly, "MOST_CELLS", 3 * 8)
    assert len(Lists.from_frame(frame, stratum="area").tables) == 3
    monkeypatch.setattr(assembly, "MOST_CELLS", 3 * 8 - 1)
    problem = only(frame, stratum="area")
    assert problem.code == "lists-too-large"
    assert "3 tables of 8 patterns" in problem.rule
