"""Columns of texts in which each different text is held once, beside the place of it in each cell.

A million rows hold few different areas, sources and days. Arrow calls such a column a dictionary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

    type Places = NDArray[np.int64]


def pooled_type() -> pa.DataType:
    """Type of a column of texts, each held once."""
    import pyarrow as pa

    return pa.dictionary(pa.int32(), pa.string())


def pooled_schema(schema: pa.Schema) -> pa.Schema:
    """Types of the same columns, with texts held once."""
    import pyarrow as pa

    return pa.schema([
        field.with_type(pooled_type()) if pa.types.is_string(field.type) else field for field in schema
    ])  # fmt: skip


def pooled(table: pa.Table) -> pa.Table:
    """Hold each different text of a column of texts once, column by column: no more than one is held twice."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type):
            one = one_pool(table.column(place))
            table = table.set_column(place, field.with_type(pooled_type()), pa.chunked_array([one]))
    return table


def spelled(table: pa.Table, but: Collection[str] = ()) -> pa.Table:
    """Write every text out again in its cells, but for some columns."""
    import pyarrow as pa

    is_pooled = {field.name for field in table.schema if pa.types.is_dictionary(field.type)}
    fields = [field.with_type(pa.string()) if field.name in is_pooled - {*but} else field for field in table.schema]
    return table.cast(pa.schema(fields))


def one_pool(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """Give a column as one array, with every text once."""
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.table({"": column}).unify_dictionaries().column(0).combine_chunks()


def pool_of(texts: Iterable[str | None], places: Places) -> pa.DictionaryArray:
    """Give each cell the text of its place; texts may come more than once."""
    import pyarrow as pa

    found = pa.array(texts, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices.take(pa.array(places)), found.dictionary)


def changed(column: pa.DictionaryArray, change: Callable[[str], str]) -> pa.DictionaryArray:
    """Change each different text; empty cells stay so."""
    import pyarrow as pa

    found = pa.array([change(text) for text in column.dictionary.to_pylist()], pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices.take(column.indices), found.dictionary)


def filled(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Put an empty text into empty cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not column.null_count:
        return column
    place, texts = pc.index(column.dictionary, "").as_py(), column.dictionary
    if place < 0:
        place, texts = len(texts), pa.concat_arrays([texts, pa.array([""])])
    return pa.DictionaryArray.from_arrays(column.indices.fill_null(place), texts)


def without(column: pa.DictionaryArray, gone: NDArray[np.bool_]) -> pa.DictionaryArray:
    """Put an empty text into some cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.if_else(pa.array(gone), pa.scalar(None, pa.int32()), column.indices)
    return filled(pa.DictionaryArray.from_arrays(places, column.dictionary))


def reordered(columns: dict[str, pa.ChunkedArray], places: Places) -> pa.Table:
    """Take rows of columns; `columns` is emptied on the way, so that no more than one column is held twice."""
    import pyarrow as pa

    order = pa.array(places)
    return pa.table({name: columns.pop(name).take(order) for name in [*columns]})


def give_back() -> None:
    """Give the memory back that a large table took and that no table needs any more."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def places_of(column: pa.ChunkedArray | pa.Array) -> Places:
    """(cells,) which text of its pool each cell holds; -1 where it is empty."""
    found: Places = one_pool(column).indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def ranks_of(column: pa.ChunkedArray | pa.Array) -> NDArray[np.int32]:
    """(cells,) place of the text of each cell in the order of all texts; empty cells come last."""
    import pyarrow.compute as pc

    whole = one_pool(column)
    order = pc.sort_indices(whole.dictionary).to_numpy()
    ranks = np.full(order.size + 1, order.size, dtype=np.int32)
    ranks[order] = np.arange(order.size, dtype=np.int32)
    return np.asarray(ranks[places_of(whole)])
