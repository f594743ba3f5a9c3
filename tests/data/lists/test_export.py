"""Frames on their way out."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings

from tests.data.lists.tables import good, roles, some_lists
from undercount.data.lists import Lists, disclosure_safe, load_lists


@settings(max_examples=25, deadline=None)
@given(some_lists())
def test_a_frame_reads_back(lists: Lists) -> None:
    frame = lists.to_frame()
    assert list(frame.columns) == [*roles(lists), *lists.names, "count"]
    again = Lists.from_frame(frame, **roles(lists))
    assert again == lists
    assert again.to_frame().equals(frame)


def test_the_columns_and_rows_of_a_frame() -> None:
    frame = Lists.from_frame(good()).to_frame()
    assert frame.to_dict("list") == {
        "A": [1, 0, 1, 0, 1, 0],
        "B": [0, 1, 1, 0, 0, 1],
        "C": [0, 0, 0, 1, 1, 1],
        "count": [5, 4, 2, 3, 2, 1],
    }
    parts = pd.concat([good().assign(area=area, draw=draw) for area in "xy" for draw in (1, 2)])
    frame = Lists.from_frame(parts, stratum="area", replicate="draw").to_frame()
    assert list(frame.columns) == ["stratum", "replicate", "A", "B", "C", "count"]
    assert frame["replicate"].unique().tolist() == [0, 1]


def test_lists_that_were_all_left_out_still_have_a_frame() -> None:
    lists = Lists.from_frame([{"a": 1, "b": 1, "count": 3}]).usable()
    assert lists.names == ()
    assert lists.to_frame()["count"].tolist() == [0]


def test_small_counts_are_suppressed_and_others_rounded() -> None:
    """Cells of 1 to 7 are suppressed, the others rounded to 5."""
    counts = [0, 1, 7, 8, 12, 13, 99]
    rows = [{name: index >> place & 1 for place, name in enumerate("abc")} for index in range(1, 8)]
    lists = Lists.from_frame([{**row, "count": count} for row, count in zip(rows, counts, strict=True)])
    safe = disclosure_safe(lists)
    assert [None if pd.isna(count) else count for count in safe["count"]] == [None, None, 10, 10, 15, 100]
    assert lists.to_frame().drop(columns="count").equals(safe.drop(columns="count"))


def test_one_table_may_be_given() -> None:
    parts = pd.concat([good().assign(draw=draw, count=20 * draw) for draw in (1, 2)])
    lists = Lists.from_frame(parts, replicate="draw")
    safe = disclosure_safe(lists.tables[1])
    assert list(safe.columns) == ["replicate", "A", "B", "C", "count"]
    assert safe["count"].tolist() == [40] * 6
    assert disclosure_safe(lists)["count"].tolist() == [20] * 6 + [40] * 6


def test_no_small_count_of_a_bundled_table_gets_out() -> None:
    safe = disclosure_safe(load_lists("uk-2013"))["count"].dropna()
    assert safe.min() >= 10
    assert (safe % 5 == 0).all()
