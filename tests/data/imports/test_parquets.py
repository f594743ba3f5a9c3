"""Parquet: every flat type as the text that a person would have written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from tests.data.imports.broken_parquets import parquet
from tests.data.imports.test_opening import cells, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_types(tmp_path: Path) -> None:
    day = dt.datetime(2017, 3, 17)  # noqa: DTZ001 - cells have no zone
    columns = {
        "whole": pa.array([3, None]),
        "float": [3.0, float("nan")],
        "share": [0.1, 2.5],
        "yes": [True, False],
        "text": ["", "الموصل"],
        "day": pa.array([day.date(), None]),
        "instant": pa.array([day, day.replace(hour=14)], pa.timestamp("us")),
        "zoned": pa.array([day, day.replace(hour=14)], pa.timestamp("us", "UTC")),
        "money": pa.array([Decimal("1.50"), None]),
        "category": pa.array(["x", "y"]).dictionary_encode(),
    }
    raw = opened(tmp_path, parquet(columns), "x.parquet")
    assert (raw.kind, raw.columns, raw.rows.to_pylist(), raw.notes) == ("parquet", tuple(columns), [1, 2], ())
    assert cells(raw) == [
        ["3", "3", "0.1", "true", None, "2017-03-17", "2017-03-17", "2017-03-17T00:00:00Z", "1.50", "x"],
        [None, None, "2.5", "false", "الموصل", None, "2017-03-17T14:00:00", "2017-03-17T14:00:00Z", None, "y"],
    ]


def test_an_index_of_pandas_is_left_out(tmp_path: Path) -> None:
    raw = opened(tmp_path, parquet({"a": ["x"], "__index_level_0__": [7]}), "x.parquet")
    assert raw.columns == ("a",)
    assert raw.notes == ("1 column of row numbers (pandas) was left out",)


def test_many_row_groups(tmp_path: Path) -> None:
    raw = opened(tmp_path, parquet({"a": [str(place % 7) for place in range(5000)]}, row_group_size=100), "x.parquet")
    assert raw.table.column("a").to_pylist() == [str(place % 7) for place in range(5000)]
