"""Numbers and ranges, with every digit, mark and word that exports have for them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.data.imports.texts import numbers, ranges


def read(*cells: str | None, decimal: str | None = None) -> list[object]:
    found = numbers(pa.array(cells, pa.string()), decimal)  # type: ignore[arg-type] # one of two marks
    return list(found.values.to_pylist())


def faults(*cells: str) -> dict[str, str]:
    return dict(numbers(pa.array(cells, pa.string())).faults)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("007", 7),
        ("+3", 3),
        ("−3", -3),
        ("١٢٣", 123),
        ("۱۲۳", 123),
        ("\u200f١٢\u200e", 12),
        ("١٬٢٣٤", 1234),
        ("١٢٫٥", 12.5),
        ("1 234", 1234),
        ("1\u202f234\u2009567", 1234567),
        ("1'234", 1234),
        ("1’234", 1234),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1234.567", 1234.567),
        ("12.0", 12),
        ("1e3", 1000),
        ("2.5E-1", 0.25),
    ],
)
def test_a_number_alone(text: str, value: float) -> None:
    assert read(text) == [value]
    assert not faults(text)


@pytest.mark.parametrize(
    "text",
    """
    12_civilians (5) 45% inf 1,23,456 12. 12_13 1.2.3 1,2,3 twelve 12345678901234567890 2017-05-07 5-7 10+ 1e999 ½ 3²
    """.split(),
)
def test_no_number(text: str) -> None:
    printed = text.replace("_", " ")
    assert read(printed) == [None]
    assert list(faults(printed)) == [printed]


def test_nothing_is_known() -> None:
    found = numbers(pa.array(["n/a", "-", "", None, " Unknown ", "غير معروف", "5"]))
    assert found.values.to_pylist() == [None] * 6 + [5]
    assert not found.faults
    assert found.notes == ("6 cells are empty or say that nothing is known ('n/a', '-', 'Unknown', …)",)


def test_what_a_mark_means_is_refused_or_shown_by_the_column() -> None:
    assert faults("1.234", "12") == {"1.234": "1234 or 1.234: nothing in the column shows what '.' means"}
    assert read("1.234", "12,5") == [1234, 12.5]
    assert read("1.234", "12.5") == [1.234, 12.5]
    assert read("1,234", "12.5") == [1234, 12.5]
    assert read("1,234", "1,234,567") == [1234, 1234567]
    assert read("1.234", "1,234,567") == [1.234, 1234567]
    assert list(faults("1,234", "1.5", "1,5")) == ["1,234"]
    assert read("1.234", decimal=".") == [1.234]
    assert read("1.234", decimal=",") == [1234]
    assert read("1.5", decimal=",") == [None]


def test_thousands_by_habit_need_more_than_one_number() -> None:
    assert read("1,234", "2,345", "9,876", "12") == [1234, 2345, 9876, 12]
    assert list(faults("1,234", "2,345", "12")) == ["1,234", "2,345"]
    assert list(faults("36.345", "43.145", "36.111")) == ["36.345", "43.145", "36.111"]
    assert list(faults("1,234", "2,345", "9,876", "12", "1500")) == ["1,234", "2,345", "9,876"]


def test_whole_numbers_are_integers() -> None:
    assert numbers(pa.array(["1", "2.0", None])).values.type == pa.int64()
    assert numbers(pa.array(["1", "2.5"])).values.type == pa.float64()
    assert numbers(pa.array([None], pa.string())).values.to_pylist() == [None]
    assert len(numbers(pa.chunked_array([["1"], ["2", "1"]])).values) == 3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**14), 10**14), min_size=1), st.sampled_from(["", ",", ".", " ", "٬", "'"]))
def test_whole_numbers_read_back(values: list[int], mark: str) -> None:
    # A million shows what the mark is.
    written = [f"{value:,}".replace(",", mark) for value in [*values, 1_000_000]]
    assert read(*written) == [*values, 1_000_000]


@given(
    st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1), st.sampled_from([(",", "."), (".", ","), (" ", ",")])
)
def test_decimals_read_back(values: list[object], marks: tuple[str, str]) -> None:
    written = [f"{value:,}".translate(str.maketrans(",.", "".join(marks))) for value in values]
    assert read(*written) == [float(value) for value in values]  # type: ignore[arg-type] # decimals


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_number_nothing_or_a_fault(text: str) -> None:
    found = numbers(pa.array([text]))
    bounds = ranges(pa.array([text]))
    known = found.values[0].is_valid
    assert not (known and found.faults)
    if known:
        assert bounds.low.to_pylist() == bounds.high.to_pylist() == found.values.to_pylist()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("12", 12, 12),
        ("-5", -5, -5),
        ("5-7", 5, 7),
        ("5 – 7", 5, 7),
        ("5 to 7", 5, 7),
        ("between 5 and 7", 5, 7),
        ("من ٥ إلى ٧", 5, 7),
        ("1,200 to 1,500,000", 1200, 1500000),
        ("10+", 10, None),
        (">=10", 10, None),
        ("at least 10", 10, None),
        ("10 or more", 10, None),
        (">10", 11, None),
        ("more than 10", 11, None),
        ("أكثر من ١٠", 11, None),
        ("up to 20", None, 20),
        ("≤ 20", None, 20),
        ("<20", None, 19),
        ("fewer than 20", None, 19),
    ],
)
def test_a_range(text: str, low: int | None, high: int | None) -> None:
    found = ranges(pa.array([text]))
    assert (found.low.to_pylist(), found.high.to_pylist(), dict(found.faults)) == ([low], [high], {})


def test_a_long_text_takes_no_time() -> None:
    for sign in ",1 -.+<٠":
        assert list(ranges(pa.array([sign * 200_000 + "x"])).faults.values()) == ["not a number"]


@pytest.mark.parametrize("text", "dozens 7-5 >2.5 2017-07-05 5-6-7 about_10 5-x +".split())
def test_no_range(text: str) -> None:
    printed = text.replace("_", " ")
    found = ranges(pa.array([printed]))
    assert (found.low.to_pylist(), found.high.to_pylist(), list(found.faults)) == ([None], [None], [printed])
