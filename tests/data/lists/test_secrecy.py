"""Whatever is wrong with a frame, the name of a victim gets into no message and into no `Lists`."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.lists.tables import good
from undercount.data.lists import Lists
from undercount.errors import EvidenceError

CANARY = "Layla-Haddad"
COLUMNS = ["A", "B", "C", "count", "victim", "draw"]
CELLS = st.one_of(
    st.just(CANARY),
    st.just(f"{CANARY} 1"),
    st.just(CANARY.encode()),
    st.just([CANARY]),
    st.sampled_from([0, 1, 2, -1, None, 1.5, 10**20]),
)


def told(error: EvidenceError) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__) + str(error)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            "count": st.sampled_from([None, "victim", "count"]),
            "replicate": st.sampled_from(["victim", "draw"]),
            "lists": st.lists(st.sampled_from(COLUMNS), min_size=2, max_size=4),
            "aggregate": st.booleans(),
        },
    ),
)
def test_no_message_repeats_a_cell(rows: list[dict[str, Any]], arguments: dict[str, Any]) -> None:
    try:
        said = repr(Lists.from_frame(rows, **arguments))
    except EvidenceError as error:
        said = told(error)
    assert CANARY not in said


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist], ids=["pandas", "polars", "pyarrow"]
)
def test_no_kind_of_frame_tells(make: Any) -> None:
    rows = [{**row, "victim": f"{CANARY} {number}", "A": 7} for number, row in enumerate(good().to_dict("records"))]
    for arguments in ({}, {"lists": ["A", "B", "victim"]}, {"count": "victim"}, {"replicate": "victim"}):
        with pytest.raises(EvidenceError) as caught:
            Lists.from_frame(make(rows), **arguments)
        assert CANARY not in told(caught.value)


def test_what_is_read_holds_no_name() -> None:
    frame = good().assign(victim=[f"{CANARY} {number}" for number in range(6)])
    lists = Lists.from_frame(frame, lists=["A", "B", "C"])
    assert CANARY.encode() not in pickle.dumps(lists)
    for text in (repr(lists), lists._repr_html_(), lists.to_frame().to_csv(), str(lists.problems())):
        assert CANARY not in text
