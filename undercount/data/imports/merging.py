"""Records of several imports as one table: each counted once, whatever the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.incidents import FIELDS, record_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

KEY: Final = ("source", "record", "victims", "quantity")
"""What makes a record the same one, in whatever file it comes."""
FILE: Final = "file"
"""Field of a merged record: hash of the file that it came in."""
_LATER: Final = ("published", "high", "low", "end", "start", "actors", "area")
"""Of two records of one key that say different things, the one that is larger in these, in this order, stands."""


def merged_schema() -> pa.Schema:
    """Fields of a record, and the file that it came in."""
    import pyarrow as pa

    return record_schema().append(pa.field(FILE, "string", nullable=False))


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

    schema = merged_schema()
    whole = pa.concat_tables([schema.empty_table(), *tables])
    order = [(name, "ascending") for name in (*KEY, *_LATER, FILE, "row")]
    whole = whole.sort_by(order)
    if not whole.num_rows:
        return whole, 0
    is_last = np.append(_differs(whole, KEY), True)
    same_key = ~is_last[:-1]
    told = [name for name in FIELDS if name != "row" and name not in KEY]
    conflicts = np.flatnonzero(same_key & _differs(whole, told))
    keys = np.cumsum(np.append(True, is_last[:-1]))
    return whole.filter(pa.array(is_last)), int(np.unique(keys[conflicts]).size)


def _differs(table: pa.Table, names: Iterable[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(rows - 1,) whether a row is unlike the one before it in any of some fields; empty is like empty."""
    import pyarrow.compute as pc

    found = np.zeros(table.num_rows - 1, dtype=bool)
    for name in names:
        column = table[name].combine_chunks()
        one, other = column[:-1], column[1:]
        unlike = pc.fill_null(pc.not_equal(one, other), pc.xor(pc.is_null(one), pc.is_null(other)))
        found |= np.asarray(pc.fill_null(unlike, False).to_numpy(zero_copy_only=False), dtype=bool)
    return found
