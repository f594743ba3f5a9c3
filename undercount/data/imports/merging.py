"""Records of several imports as one table: each counted once, whatever the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.incidents import FIELDS, record_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

    type Places = NDArray[np.int64]

KEY: Final = ("source", "record", "victims", "quantity")
"""What makes a record the same one, in whatever file it comes."""
FILE: Final = "file"
"""Field of a merged record: hash of the file that it came in."""
_RANK: Final = "rank"
_LATER: Final = ("published", "high", "low", "end", "start", "actors", "area")
"""Of two records of one key that say different things, the one that is larger in these, in this order, stands."""


def merged_schema() -> pa.Schema:
    """Fields of a record, and the file that it came in."""
    import pyarrow as pa

    return record_schema().append(pa.field(FILE, pa.dictionary(pa.int32(), pa.string()), nullable=False))


def from_file(records: pa.Table, sha256: str) -> pa.Table:
    """Say of records in which file they came."""
    import pyarrow as pa

    places = pa.array(np.zeros(records.num_rows, dtype=np.int32))
    named = pa.DictionaryArray.from_arrays(places, pa.array([sha256], pa.string()))
    return records.append_column(merged_schema().field(FILE), named)


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

    whole = pa.concat_tables([merged_schema().empty_table(), *tables]).unify_dictionaries()
    if not whole.num_rows:
        return whole, 0
    ranked = whole.drop_columns(FILE).append_column(_RANK, pa.array(_ranks(whole)))
    order = pc.sort_indices(ranked, [(name, "ascending") for name in (*KEY, *_LATER, _RANK, "row")]).to_numpy()
    same_key = ~_differs(whole, KEY, order[:-1], order[1:])
    doubled = np.flatnonzero(same_key)
    told = [name for name in FIELDS if name != "row" and name not in KEY]
    is_other = _differs(whole, told, order[doubled], order[doubled + 1])
    groups = np.cumsum(np.append(True, ~same_key))[doubled]
    return whole.take(order[np.append(~same_key, True)]), int(np.unique(groups[is_other]).size)


def _ranks(whole: pa.Table) -> NDArray[np.int32]:
    """(rows,) place of the file of each record among all files, by their hashes."""
    column = whole[FILE].combine_chunks()
    hashes = column.dictionary.to_pylist()
    rank = np.argsort(np.argsort(hashes)).astype(np.int32)
    return np.asarray(rank[column.indices.to_numpy()])


def _differs(table: pa.Table, names: Iterable[str], one: Places, other: Places) -> NDArray[np.bool_]:
    """Whether rows at some places are unlike those at others in any of some fields; empty is like empty."""
    import pyarrow.compute as pc

    found = np.zeros(one.size, dtype=bool)
    for name in names:
        left, right = table[name].take(one), table[name].take(other)
        unlike = pc.fill_null(pc.not_equal(left, right), pc.xor(pc.is_null(left), pc.is_null(right)))
        found |= np.asarray(unlike.to_numpy(), dtype=bool)
    return found
