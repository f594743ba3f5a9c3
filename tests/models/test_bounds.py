"""Qualifier by kind of source: the interval that a count lies in."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_report
from undercount.data.schema import Kind, Qualifier
from undercount.errors import EvidenceError
from undercount.models.bounds import count_interval, unit

TALLIED = (Kind.RECORDER, Kind.BELLIGERENT)
START = date(2020, 1, 1)


def interval(kind: Kind, **fields: Any) -> tuple[float, float]:
    return count_interval(make_report(**fields), kind)


@pytest.mark.parametrize(
    ("qualifier", "value", "tally", "claim"),
    [
        ("exact", 531, (531, 531), (531, 531)),
        ("exact", 530, (530, 530), (525, 534)),
        ("exact", 600, (600, 600), (550, 649)),
        ("exact", 40_000, (40_000, 40_000), (35_000, 44_999)),
        ("exact", 0, (0, 0), (0, 0)),
        ("at_least", 307, (307, 307), (307, inf)),
        ("at_least", 0, (0, 0), (0, inf)),
        ("more_than", 120, (121, 132), (121, inf)),
        ("more_than", 100, (101, 200), (101, inf)),
        ("more_than", 7, (8, 8), (8, inf)),
        ("more_than", 0, (1, 1), (1, inf)),
        ("up_to", 5805, (0, 5805), (0, 5805)),
        ("about", 426, (404, 448), (404, 448)),
        ("about", 400, (300, 500), (300, 500)),
        ("about", 10, (0, 20), (0, 20)),
        ("about", 0, (0, 1), (0, 1)),
    ],
)
def test_table_of_bounds(qualifier: str, value: int, tally: tuple[float, float], claim: tuple[float, float]) -> None:
    fields = {"qualifier": Qualifier(qualifier), "value": value}
    for kind in TALLIED:
        assert interval(kind, **fields) == tally
    assert interval(Kind.CLAIMANT, **fields) == claim


@pytest.mark.parametrize("kind", [*TALLIED, Kind.CLAIMANT])
@pytest.mark.parametrize("qualifier", [Qualifier.RANGE, Qualifier.WORDS])
def test_limits_are_taken_as_printed(kind: Kind, qualifier: Qualifier) -> None:
    assert interval(kind, qualifier=qualifier, value=5805, low=3706, high=5805) == (3706, 5805)
    assert interval(kind, qualifier=qualifier, value=None, low=200, high=200) == (200, 200)


@pytest.mark.parametrize(
    ("value", "days", "expected"),
    [(12, 10, (115, 124)), (12, 1, (12, 12)), (10, 31, (155, 464)), (0, 7, (0, 3)), (1, 2, (1, 2))],
)
def test_a_daily_rate_counts_its_days(value: int, days: int, expected: tuple[float, float]) -> None:
    fields = {"value": value, "window_start": START, "window_end": START + timedelta(days=days - 1)}
    for kind in (*TALLIED, Kind.CLAIMANT):
        assert interval(kind, qualifier=Qualifier.PER_DAY, **fields) == expected


def test_a_missing_figure_is_refused() -> None:
    with pytest.raises(EvidenceError, match="needs value") as refusal:
        interval(Kind.RECORDER, qualifier=Qualifier.EXACT, value=None)
    assert (refusal.value.code, refusal.value.where) == ("evidence-no-figure", "report r1")
    for missing in ("low", "high"):
        with pytest.raises(EvidenceError, match="needs low and high"):
            interval(Kind.CLAIMANT, **({"qualifier": Qualifier.RANGE, "low": 1, "high": 2} | {missing: None}))


figures = st.integers(0, 10**9) | st.integers(0, 99_999).map(lambda x: x * 1000)


@given(
    figures,
    st.sampled_from([q for q in Qualifier if q not in (Qualifier.RANGE, Qualifier.WORDS)]),
    st.sampled_from(Kind),
    st.integers(1, 400),
)
def test_bounds_are_ordered_whole_numbers(value: int, qualifier: Qualifier, kind: Kind, days: int) -> None:
    low, high = interval(kind, qualifier=qualifier, value=value, window_end=START + timedelta(days=days - 1))
    assert 0 <= low <= high
    assert low == int(low)
    assert high == inf or high == int(high)
    figure = value * days if qualifier is Qualifier.PER_DAY else value
    assert low <= figure + (qualifier is Qualifier.MORE_THAN) <= high


@given(figures, st.sampled_from(Kind))
def test_a_claimed_figure_stands_for_what_rounds_to_it(value: int, kind: Kind) -> None:
    size = unit(value)
    assert value % size == 0
    assert value == 0 or value % (10 * size) != 0
    low, high = interval(kind, qualifier=Qualifier.EXACT, value=value)
    if kind is Kind.CLAIMANT:
        inside = {low, high, float(value)}
        assert all(value - size / 2 <= x < value + size / 2 for x in inside)
        assert not value - size / 2 <= low - 1
        assert not high + 1 < value + size / 2
    else:
        assert low == high == value
