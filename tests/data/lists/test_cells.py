"""Cells of every kind, one by one and as arrays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercount.data.cells import CellFault
from undercount.data.lists import cells
from undercount.data.lists.columns import objects


def shown(cell: Any) -> str:
    if isinstance(cell, int) and abs(cell) > 10**100:
        return "a number of very many digits"
    return f"{type(cell).__name__} {cell!r}"[:40]


ABSENT = [None, float("nan"), pd.NA, pd.NaT, Decimal("nan"), np.float64("nan")]


@pytest.mark.parametrize(
    "cell", [0, 1, 0.0, 1.0, -0.0, True, False, np.int8(1), np.bool(0), np.float32(1), Decimal(1)], ids=shown
)
def test_marks(cell: Any) -> None:
    assert cells.mark(cell) == int(cell)


@pytest.mark.parametrize("cell", ABSENT, ids=shown)
def test_missing_marks(cell: Any) -> None:
    with pytest.raises(CellFault, match="not said") as caught:
        cells.mark(cell)
    assert caught.value.code == "lists-missing-mark"


@pytest.mark.parametrize("cell", ["0", "1", "", "yes", "Layla"], ids=shown)
def test_text_is_no_mark(cell: str) -> None:
    with pytest.raises(CellFault, match=r"^text where") as caught:
        cells.mark(cell)
    assert caught.value.code == "lists-text-mark"
    assert "astype(int)" in caught.value.hint


@pytest.mark.parametrize(
    "cell", [2, -1, 0.5, 1 + 1e-12, float("inf"), 10**400, b"1", date(2003, 1, 1), [1], 1j], ids=shown
)
def test_anything_else_is_no_mark(cell: Any) -> None:
    with pytest.raises(CellFault, match="neither 0 nor 1") as caught:
        cells.mark(cell)
    assert caught.value.code == "lists-bad-mark"


@pytest.mark.parametrize("cell", [0, 7, 7.0, np.uint64(7), Decimal(7), 2**53, float(2**53)], ids=shown)
def test_whole_numbers(cell: Any) -> None:
    assert cells.whole(cell, "count") == int(cell)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        *((cell, "a count cannot be missing") for cell in ABSENT),
        ("7", "a count cannot be text"),
        (True, "anything but a number"),
        (np.bool(1), "anything but a number"),
        ([7], "anything but a number"),
        (1j, "anything but a number"),
        (float("inf"), "infinite"),
        (Decimal("Infinity"), "infinite"),
        (-1, "negative"),
        (float("-inf"), "negative"),
        (2**53 + 1, "larger than 9,007,199,254,740,992"),
        (10**400, "larger than"),
        (1e300, "larger than"),
        (2.5, "a fraction"),
    ],
    ids=shown,
)
def test_what_is_no_count(cell: Any, rule: str) -> None:
    with pytest.raises(CellFault, match=rule) as caught:
        cells.whole(cell, "count")
    assert caught.value.code == "lists-bad-count"
    assert "whole number" in caught.value.hint


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("north", "north"),
        (2003, "2003"),
        (2003.0, "2003"),
        (date(2003, 5, 1), "2003-05-01"),
        (datetime(2003, 5, 1), "2003-05-01"),  # noqa: DTZ001 - pandas holds days so
        (pd.Timestamp("2003-05-01"), "2003-05-01"),
        (np.int64(4), "4"),
        (np.str_("x"), "x"),
    ],
    ids=shown,
)
def test_strata(cell: Any, name: str) -> None:
    assert cells.stratum(cell) == name


@pytest.mark.parametrize("cell", [*ABSENT, ""], ids=shown)
def test_missing_strata(cell: Any) -> None:
    with pytest.raises(CellFault, match="missing") as caught:
        cells.stratum(cell)
    assert caught.value.code == "lists-missing-stratum"


@pytest.mark.parametrize(
    "cell",
    [0.5, True, b"north", datetime(2003, 5, 1, 12, tzinfo=UTC), " north", "n\0rth", "n" * 101, "\u202enorth", " "],
    ids=shown,
)
def test_what_is_no_stratum(cell: Any) -> None:
    with pytest.raises(CellFault) as caught:
        cells.stratum(cell)
    assert caught.value.code == "lists-bad-stratum"


def test_what_has_no_hash_is_no_stratum() -> None:
    names, faults = cells.strata(objects(["north", ["north"], {}]))
    assert names == ["north", "", ""]
    assert {row: fault.code for row, fault in faults.items()} == {1: "lists-bad-stratum", 2: "lists-bad-stratum"}


NUMBERS = {
    np.float64: st.one_of(st.floats(), st.integers(-3, 3).map(float)),
    np.float32: st.floats(width=32),
    np.int64: st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1)),
    np.uint8: st.integers(0, 255),
    np.bool: st.booleans(),
}


def outcome(one: Any, cell: Any) -> tuple[int, str]:
    try:
        return one(cell), ""
    except CellFault as fault:
        return 0, fault.code


@pytest.mark.parametrize("kind", NUMBERS)
@given(st.data())
def test_arrays_are_read_as_their_cells(kind: Any, data: st.DataObject) -> None:
    array = np.array(data.draw(st.lists(NUMBERS[kind], min_size=1)), dtype=kind)
    count = partial(cells.whole, word="count")
    for column, one in ((cells.marks(array), cells.mark), (cells.counts(array), count)):
        codes = [column.faults[row].code if row in column.faults else "" for row in range(len(array))]
        assert list(zip(column.values.tolist(), codes, strict=True)) == [outcome(one, cell) for cell in array]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(2, "2"), (-1.5, "-1.5"), (True, "True"), (None, "None"), (float("inf"), "inf"), (float("nan"), "nan")],
    ids=shown,
)
def test_what_is_shown(cell: Any, text: str) -> None:
    assert cells.harmless(cell) == text


@pytest.mark.parametrize("cell", ["Layla", "1", 905123456, b"Layla", ["Layla"], date(1990, 1, 1), 10**5000], ids=shown)
def test_what_may_be_personal_is_not_shown(cell: Any) -> None:
    assert cells.harmless(cell) == ""
