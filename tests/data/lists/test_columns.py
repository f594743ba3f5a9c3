"""What columns are: names are said, cells never."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.data.lists.tables import good
from undercount.data.lists import Lists
from undercount.data.problems import InvalidEvidenceError


def refusal(frame: Any, **arguments: Any) -> InvalidEvidenceError:
    with pytest.raises(InvalidEvidenceError) as caught:
        Lists.from_frame(frame, **arguments)
    return caught.value


def one(frame: Any, **arguments: Any) -> tuple[str, str, str]:
    """Code, column and whole text of the only problem."""
    error = refusal(frame, **arguments)
    (problem,) = error.problems
    assert error.code == problem.code
    return problem.code, problem.field, str(problem)


def test_an_unknown_column_is_refused_by_its_name() -> None:
    code, column, text = one(good().assign(victim="Layla Haddad"))
    assert (code, column) == ("lists-unknown-column", "victim")
    assert text.startswith("lists frame, column victim: it does not hold 0 and 1")
    assert "name the lists with lists=[...], and all other columns are ignored and never stored" in text
    assert "stratum='victim'" in text


@pytest.mark.parametrize(
    "cells",
    [[905123456 + k for k in range(6)], [None] * 6, [2.5] * 6, [b"x"] * 6, [["x"]] * 6, list("abcdef")],
    ids=str,
)
@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pydict], ids=["pandas", "polars", "pyarrow"]
)
def test_no_kind_of_column_passes_for_a_list(cells: list[Any], make: Any) -> None:
    code, column, _ = one(make({**good().to_dict("list"), "other": cells}))
    assert (code, column) == ("lists-unknown-column", "other")


def test_marks_of_those_on_a_list_alone_are_not_enough() -> None:
    frame = good().assign(A=[1.0, *[float("nan")] * 5], C=["1", "0", "1", float("nan"), "0", "2"])
    codes = [problem.code for problem in refusal(frame).problems]
    assert codes == ["lists-missing-mark"] * 5 + ["lists-text-mark"] * 5 + ["lists-missing-mark"]
    assert ".fillna(0) if no mark means that they are not" in str(refusal(frame))


def test_all_unknown_columns_are_named() -> None:
    error = refusal(good().assign(victim="Layla", age=40, born=pd.Timestamp("1990-01-01")))
    assert [problem.field for problem in error.problems] == ["age", "born", "victim"]


def test_a_column_that_may_hold_the_counts_is_asked_about() -> None:
    frame = good().rename(columns={"count": "Freq"})
    code, _, text = one(frame)
    assert code == "lists-unknown-column"
    assert "write count='Freq' if it holds the counts" in text
    code, column, text = one(frame, lists=["A", "B", "C"])
    assert (code, column) == ("lists-which-count", "Freq")
    assert "count=None if each row is one victim" in text
    assert Lists.from_frame(frame, lists=["A", "B", "C"], count=None).tables[0].observed == 6
    assert Lists.from_frame(frame, count="Freq") == Lists.from_frame(good())


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ({"count": "counts"}, "counts"),
        ({"stratum": "area"}, "area"),
        ({"replicate": "draw"}, "draw"),
        ({"lists": ["A", "D"]}, "D"),
    ],
)
def test_a_missing_column_is_named(arguments: dict[str, Any], missing: str) -> None:
    code, column, text = one(good(), **arguments)
    assert (code, column) == ("lists-missing-column", missing)
    assert "write one of: A, B, C, count" in text


def test_a_column_that_nearly_has_the_name_is_suggested() -> None:
    assert "did you mean count?" in one(good(), count="counts")[2]


@pytest.mark.parametrize(
    "arguments",
    [{"stratum": "A", "replicate": "A"}, {"stratum": "count"}, {"lists": ["A", "B", "A"]}, {"lists": ["A", "count"]}],
)
def test_a_column_has_one_role(arguments: dict[str, Any]) -> None:
    assert one(good(), **arguments)[0] == "lists-column-twice"


def test_lists_must_be_a_list_of_names() -> None:
    code, _, text = one(good(), lists="ABC")
    assert code == "lists-bad-lists"
    assert "give a list of names" in text


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_two_columns_of_one_name_are_named(library: str) -> None:
    frame: Any = pd.concat([good(), good()[["A"]]], axis=1)
    if library == "pyarrow":
        frame = pa.table([pa.array([1, 0])] * 3, names=["A", "B", "A"])
    code, column, text = one(frame)
    assert (code, column) == ("evidence-duplicate-column", "A")
    assert "2 columns have this name" in text


@pytest.mark.parametrize("name", ["count", "stratum", "replicate", " a", "a\u202e", "", "a" * 101], ids=ascii)
def test_what_cannot_be_the_name_of_a_list(name: str) -> None:
    frame = pd.DataFrame({"n": [1, 2], "x": [1, 0], "y": [0, 1]}).rename(columns={"x": name})
    code, column, _ = one(frame, count="n")
    assert (code, column) == ("lists-bad-name", name)


def test_names_may_be_numbers() -> None:
    frame = pd.DataFrame({1: [1, 0], 2: [0, 1], "count": [3, 4]})
    assert Lists.from_frame(frame).names == ("1", "2")
    assert Lists.from_frame(frame, lists=[1, 2]).names == ("1", "2")  # type: ignore[list-item]


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pydict], ids=["pandas", "polars", "pyarrow"]
)
def test_a_frame_without_rows(make: Any) -> None:
    assert one(make({"a": [], "b": []}))[0] == "lists-no-rows"


def test_too_few_and_too_many_lists() -> None:
    code, _, text = one([{"a": 1, "count": 3}])
    assert code == "lists-too-few-lists"
    assert ".reset_index()" in text
    counted = good().set_index(["A", "B", "C"])
    assert one(counted)[0] == "lists-too-few-lists"
    row = {f"l{k:02}": 1 for k in range(17)}
    code, _, text = one([row])
    assert code == "lists-too-many-lists"
    assert "17 lists, and no more than 16" in text
    row.pop("l00")
    assert Lists.from_frame([row]).tables[0].counts[-1] == 1


@pytest.mark.parametrize(
    "thing", [7, "lists.csv", [1, 2], {"a": [1]}, pl.LazyFrame({"a": [1]}), pd.Series([1])], ids=type
)
def test_what_is_no_table(thing: Any) -> None:
    error = refusal(thing)
    assert error.code == "evidence-bad-frame"
    assert "pandas, polars or pyarrow" in error.hint
