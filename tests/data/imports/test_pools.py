"""Columns of texts held once each: what their cells say never changes, whatever their chunks and pools."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.data.imports.parsed import cleaned, texts
from undercount.data.imports.pools import (
    changed,
    filled,
    one_pool,
    places_of,
    pool_of,
    pooled,
    ranks_of,
    spelled,
    without,
)

CELL = st.one_of(st.none(), st.sampled_from(["", "a", "b", " a ", "ä", "a\u0308", "\u200bb", "é\n", "z"]), st.text())
CHUNKS = st.lists(st.lists(CELL, max_size=8), min_size=1, max_size=4)


def column(chunks: list[list[str | None]]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks])


@settings(deadline=None)
@given(chunks=CHUNKS)
def test_a_pool_has_each_text_once_in_the_order_of_cells(chunks: list[list[str | None]]) -> None:
    plain = column(chunks)
    cells = plain.to_pylist()
    for given_ in (plain, column(chunks).dictionary_encode(), plain.combine_chunks()):
        found = one_pool(given_)
        assert found.to_pylist() == cells
        assert found.dictionary.to_pylist() == list(dict.fromkeys(cell for cell in cells if cell is not None))
    table = pooled(pa.table({"text": plain, "number": np.arange(len(cells))}))
    assert spelled(table)["text"].to_pylist() == cells
    assert spelled(table, ["text"]).schema == table.schema


@settings(deadline=None)
@given(chunks=CHUNKS)
def test_cells_are_filled_emptied_and_changed(chunks: list[list[str | None]]) -> None:
    found = one_pool(column(chunks))
    cells = found.to_pylist()
    gone = np.arange(len(cells)) % 2 == 0
    assert filled(found).to_pylist() == [cell or "" for cell in cells]
    kept = [cell if place % 2 else "" for place, cell in enumerate(cells)]
    assert without(found, gone).to_pylist() == [cell or "" for cell in kept]
    upper = changed(found, lambda text: text[:1])
    assert upper.to_pylist() == [None if cell is None else cell[:1] for cell in cells]
    assert len({*upper.dictionary.to_pylist()}) == len(upper.dictionary)


@settings(deadline=None)
@given(chunks=CHUNKS)
def test_ranks_are_those_of_the_texts(chunks: list[list[str | None]]) -> None:
    cells = column(chunks).to_pylist()
    ranks = ranks_of(column(chunks))
    texts_ = sorted({cell for cell in cells if cell is not None})
    assert ranks.tolist() == [len(texts_) if cell is None else texts_.index(cell) for cell in cells]
    assert (places_of(column(chunks)) < 0).tolist() == [cell is None for cell in cells]


@settings(deadline=None)
@given(chunks=CHUNKS)
def test_clean_texts_are_those_that_are_cleaned_one_by_one(chunks: list[list[str | None]]) -> None:
    plain = column(chunks)
    one_by_one = [texts(pa.array([cell], pa.string())).values[0].as_py() for cell in plain.to_pylist()]
    assert cleaned(plain).to_pylist() == one_by_one
    assert texts(plain).values.to_pylist() == one_by_one
    assert len({*cleaned(plain).dictionary.to_pylist()}) == len(cleaned(plain).dictionary)


def test_a_text_may_be_given_twice() -> None:
    found = pool_of(["x", "y", "x"], np.array([2, 1, 0]))
    assert found.to_pylist() == ["x", "y", "x"]
    assert found.dictionary.to_pylist() == ["x", "y"]
