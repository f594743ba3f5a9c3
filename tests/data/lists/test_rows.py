"""Cells that cannot be read are named by row and column, with what was found and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.lists.tables import good
from undercount.data.lists import Lists
from undercount.data.lists.rows import MOST_ALIKE
from undercount.data.problems import InvalidEvidenceError


def problems(frame: Any, **arguments: Any) -> list[str]:
    with pytest.raises(InvalidEvidenceError) as caught:
        Lists.from_frame(frame, **arguments)
    return [str(problem) for problem in caught.value.problems]


def with_cell(column: str, cell: Any) -> list[dict[str, Any]]:
    rows = good().astype(object).to_dict("records")
    rows[3][column] = cell
    return [{str(name): value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        (2, "'2': neither 0 nor 1", "lists-bad-mark"),
        (905123456, "neither 0 nor 1", "lists-bad-mark"),
        ("Layla", "text where the number 0 or 1 is expected", "lists-text-mark"),
        (None, "'None': it is not said", "lists-missing-mark"),
        (float("nan"), "'nan': it is not said", "lists-missing-mark"),
    ],
    ids=str,
)
def test_a_bad_mark(cell: Any, value: str, code: str) -> None:
    (text,) = problems(with_cell("B", cell))
    assert text.startswith(f"lists frame, row 3 (counted from 0), column B: {value}")
    assert text.endswith(f"[{code}]")
    assert "to mend it: write" in text


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        (-2, "'-2': a count cannot be negative", "lists-bad-count"),
        (2.5, "'2.5': a count cannot be a fraction", "lists-bad-count"),
        (float("inf"), "'inf': a count cannot be infinite", "lists-bad-count"),
        (None, "'None': a count cannot be missing", "lists-bad-count"),
        ("7", "a count cannot be text", "lists-bad-count"),
        (True, "'True': a count cannot be anything but a number", "lists-bad-count"),
        (2**53 + 1, "a count cannot be larger than 9,007,199,254,740,992", "lists-bad-count"),
        (10**5000, "a count cannot be larger than 9,007,199,254,740,992", "lists-bad-count"),
    ],
    ids=["negative", "fraction", "infinite", "missing", "text", "bool", "large", "huge"],
)
def test_a_bad_count(cell: Any, value: str, code: str) -> None:
    (text,) = problems(with_cell("count", cell))
    assert text.startswith(f"lists frame, row 3 (counted from 0), column count: {value}")
    assert text.endswith(f"[{code}]")


@pytest.mark.parametrize(
    ("cell", "kind"), [(None, "missing"), (-1, "negative"), (0.5, "fractional"), ("1", "text")], ids=str
)
def test_a_bad_replicate(cell: Any, kind: str) -> None:
    rows = [{**row, "draw": 1} for row in with_cell("A", 1)]
    rows[3]["draw"] = cell
    (text,) = problems(rows, replicate="draw")
    value = "" if kind == "text" else f"{str(cell)!r}: "
    rule = {"fractional": "a fraction"}.get(kind, kind)
    assert f"row 3 (counted from 0), column draw: {value}a replicate cannot be {rule}; " in text
    assert text.endswith("[lists-bad-replicate]")


@pytest.mark.parametrize(
    ("cell", "kind"), [(None, "missing"), ("", "missing"), (0.5, "bad"), (" north", "bad")], ids=repr
)
def test_a_bad_stratum(cell: Any, kind: str) -> None:
    rows = [{**row, "area": "north"} for row in with_cell("A", 1)]
    rows[3]["area"] = cell
    (text,) = problems(rows, stratum="area")
    assert "row 3 (counted from 0), column area: " in text
    assert text.endswith(f"[lists-{kind}-stratum]")


def test_a_key_that_a_row_lacks_is_missing() -> None:
    rows = with_cell("B", 1)
    del rows[3]["B"]
    assert problems(rows)[0].endswith("[lists-missing-mark]")


def test_a_whole_column_of_one_fault_is_one_problem() -> None:
    (text,) = problems(good().astype({"B": str}))
    assert "column B: text where the number 0 or 1 is expected, in all 6 rows" in text


def test_many_rows_of_one_fault_are_counted() -> None:
    rows = [{"a": 1, "b": 2 if row else 1} for row in range(100)]
    texts = problems(rows, lists=["a", "b"])
    assert len(texts) == MOST_ALIKE + 1
    assert "in 79 more rows" in texts[-1]


def test_every_problem_is_listed() -> None:
    rows = with_cell("A", 2)
    rows[0]["count"] = -1
    rows[1]["C"] = None
    rows += [{"A": 0, "B": 0, "C": 0, "count": 5}, rows[4]]
    assert [text.rpartition("[")[2] for text in problems(rows)] == [
        "lists-bad-mark]",
        "lists-missing-mark]",
        "lists-bad-count]",
        "lists-unlisted]",
        "lists-duplicate-pattern]",
    ]
