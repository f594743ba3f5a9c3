"""Records of several imports as one table: each counted once, whatever the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.incidents import FIELDS, record_schema
from undercount.data.imports.pools import (
    places_of,
    pool_of,
    pooled,
    pooled_schema,
    pooled_type,
    ranks_of,
    reordered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

    type Places = NDArray[np.int64]

KEY: Final = ("source", "record", "victims", "quantity")
"""What makes a record the same one, in whatever file it comes."""
FILE: Final = "file"
"""Field of a merged record: hash of the file that it came in."""
_LATER: Final = ("published", "high", "low", "end", "start", "actors", "area")
"""Of two records of one key that say different things, the one that is larger in these, in this order, stands."""
_ORDER: Final = (*KEY, *_LATER, FILE, "row")


def merged_schema() -> pa.Schema:
    """Fields of a record, and the file that it came in; texts are pooled."""
    import pyarrow as pa

    return pooled_schema(record_schema()).append(pa.field(FILE, pooled_type(), nullable=False))


def from_file(records: pa.Table, sha256: str) -> pa.Table:
    """Say of records in which file they came."""
    named = pool_of([sha256], np.zeros(records.num_rows, dtype=np.int64))
    return pooled(records).append_column(merged_schema().field(FILE), named)


def merged(tables: Iterable[pa.Table]) -> tuple[pa.Table, int]:
    """Put records together, each once.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        With `merged_schema`.

    Returns
    -------
    pyarrow.Table, int
        Sorted by key; and how many keys had records that say different things. Of these the one that was published
        last stands, or else the one that says most: the order of the tables has no say.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = [table for table in tables if table.num_rows]
    if not filled:
        return merged_schema().empty_table(), 0
    whole = pooled(pa.concat_tables(filled))
    del tables, filled
    order = pc.sort_indices(_ranked(whole), [(name, "ascending") for name in _ORDER]).to_numpy()
    same_key = ~_differs(whole, KEY, order[:-1], order[1:])
    doubled = np.flatnonzero(same_key)
    told = [name for name in FIELDS if name != "row" and name not in KEY]
    is_other = _differs(whole, told, order[doubled], order[doubled + 1])
    groups = np.cumsum(np.append(True, ~same_key))[doubled]
    columns = dict(zip(whole.column_names, whole.columns, strict=True))
    del whole
    kept = order[np.append(~same_key, True)]
    return reordered(columns, kept).cast(merged_schema()), int(np.unique(groups[is_other]).size)


def _ranked(whole: pa.Table) -> pa.Table:
    """What records are sorted by, with the ranks of texts for texts."""
    import pyarrow as pa

    is_text = {field.name for field in whole.schema if pa.types.is_dictionary(field.type)}
    return pa.table({name: pa.array(ranks_of(whole[name])) if name in is_text else whole[name] for name in _ORDER})


def _differs(table: pa.Table, names: Iterable[str], one: Places, other: Places) -> NDArray[np.bool_]:
    """Whether rows at some places are unlike those at others in any of some fields; empty is like empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = np.zeros(one.size, dtype=bool)
    for name in names:
        if pa.types.is_dictionary(table.schema.field(name).type):
            places = places_of(table[name])
            found |= places[one] != places[other]
            continue
        left, right = table[name].take(one), table[name].take(other)
        unlike = pc.fill_null(pc.not_equal(left, right), pc.xor(pc.is_null(left), pc.is_null(right)))
        found |= np.asarray(unlike.to_numpy(), dtype=bool)
    return found
