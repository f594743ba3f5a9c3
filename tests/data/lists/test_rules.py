"""What stands against an estimate: each rule by its code, its place and what it advises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.data.lists.tables import ARTIFICIAL, frame, good
from undercount.data.lists import Lists, Table
from undercount.data.lists.rules import components
from undercount.data.problems import InvalidEvidenceError


def table(rows: dict[Any, int], names: tuple[str, ...] = ("A", "B", "C")) -> Table:
    counts = np.zeros(2 ** len(names), dtype=np.int64)
    for pattern, count in rows.items():
        counts[sum(mark << place for place, mark in enumerate(pattern))] = count
    return Table("", 0, names, counts)


def codes(rows: dict[Any, int], names: tuple[str, ...] = ("A", "B", "C"), least: int = 3) -> list[str]:
    return [problem.code for problem in table(rows, names).problems(least)]


def test_good_lists_have_no_problem() -> None:
    lists = Lists.from_frame(good())
    assert lists.problems() == ()
    lists.check()


def test_nobody_at_all() -> None:
    (problem,) = table({}).problems()
    assert problem.code == "lists-no-victim"
    assert str(problem).startswith("table: no victim is on any list; to mend it: leave this stratum out")


def test_a_list_of_nobody_is_named() -> None:
    rows = {(1, 0, 0): 3, (0, 1, 0): 2, (1, 1, 0): 1}
    assert codes(rows) == ["lists-empty-list", "lists-too-few"]
    assert codes(rows, least=2) == ["lists-empty-list"]
    empty, few = table(rows).problems()
    assert str(empty) == (
        "table, list C: none of the 6 victims is on this list; to mend it: leave it out with .usable() or "
        ".without(...) [lists-empty-list]"
    )
    assert "2 of 3 lists can be used (A, B), and 3 are needed" in few.rule


def test_a_list_of_everybody_is_named() -> None:
    rows = {(1, 0, 0, 1): 3, (0, 1, 0, 1): 2, (0, 0, 1, 1): 2, (1, 1, 1, 1): 1}
    (problem,) = table(rows, ("A", "B", "C", "D")).problems()
    assert (problem.code, problem.field) == ("lists-full-list", "D")
    assert "all 8 victims" in problem.rule


def test_a_copy_of_a_list_is_named_with_its_original() -> None:
    rows = {(1, 1, 0): 3, (0, 0, 1): 2, (1, 1, 1): 1}
    (problem,) = table(rows).problems()
    assert (problem.code, problem.field) == ("lists-duplicate-list", "B")
    assert "the same 4 victims are on A" in problem.rule
    assert "no evidence" in problem.hint


def test_a_list_within_another_is_no_copy() -> None:
    assert codes({(1, 1, 0): 3, (1, 0, 0): 1, (0, 0, 1): 2, (1, 1, 1): 1}) == []


def test_a_list_without_overlap_is_named() -> None:
    (problem,) = table(ARTIFICIAL).problems()
    assert (problem.code, problem.field) == ("lists-no-overlap", "C")
    assert "overlaps with no other" in problem.rule


def test_an_overlap_with_the_list_of_everybody_does_not_count() -> None:
    rows = {(1, 0, 0, 1): 3, (0, 1, 0, 1): 2, (1, 1, 0, 1): 2, (0, 0, 1, 1): 1}
    assert codes(rows, ("A", "B", "C", "D")) == ["lists-full-list", "lists-no-overlap"]


def test_groups_that_share_nobody_are_named() -> None:
    rows = {(1, 0, 0, 0): 3, (1, 1, 0, 0): 2, (0, 0, 1, 0): 2, (0, 0, 1, 1): 1}
    (problem,) = table(rows, ("A", "B", "C", "D")).problems()
    assert problem.code == "lists-disconnected"
    assert "2 groups that share no victim: A, B | C, D" in problem.rule
    assert components(table(rows, ("A", "B", "C", "D"))) == [("A", "B"), ("C", "D")]


def test_two_lists_are_enough_where_two_are_asked_for() -> None:
    rows = {(1, 0): 3, (0, 1): 2, (1, 1): 1}
    assert codes(rows, ("A", "B"), least=2) == []
    assert codes(rows, ("A", "B")) == ["lists-too-few"]
    assert codes({(1, 0): 3, (0, 1): 2}, ("A", "B"), least=2) == ["lists-no-overlap", "lists-no-overlap"]


def test_check_names_stratum_and_replicate() -> None:
    rows = []
    for year in (2001, 2002):
        for replicate in (1, 2):
            part = good().assign(year=year, imputation=replicate)
            if (year, replicate) == (2002, 2):
                part = part[part["C"] == 0]
            rows += part.to_dict("records")
    lists = Lists.from_frame(rows, stratum="year", replicate="imputation", name="mine")
    with pytest.raises(InvalidEvidenceError) as caught:
        lists.check()
    assert [str(problem.where) for problem in caught.value.problems] == [
        "mine, stratum 2002, replicate 1, list C",
        "mine, stratum 2002, replicate 1",
    ]
    assert [problem.code for problem in caught.value.problems] == ["lists-empty-list", "lists-too-few"]
    lists.usable().check(least=2)
    lists.select("2001").check()


def test_hostile_names_cannot_mislead_a_reader() -> None:
    lists = Lists.from_frame(frame({(1, 0): 2, (0, 1): 3}, ("A; all is well", "B")))
    assert "list A; all is well: it overlaps" in str(lists.problems(least=2)[0])
    assert lists.problems(least=2)[0].field == "A; all is well"
