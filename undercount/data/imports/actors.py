"""Who is told apart in a case: whoever killed most. All others are one.

An export may name hundreds of groups. Each actor of a case is a course of deaths in every area, and thousands of strata
could neither be told apart by their counts nor held in memory.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.pools import changed, one_pool, places_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

MOST: Final = 5
"""Actors of a case where no other number was asked for."""
OTHERS: Final = "unknown"
"""Actor of a case for whoever is not named, or not told apart."""


def told_apart(records: pa.Table, most: int) -> tuple[pa.Table, int]:
    """Let all actors but those who killed most be one.

    Parameters
    ----------
    records : pyarrow.Table
        Merged records.
    most : int
        Actors that are told apart. They are compared by the lowest numbers of the records that name them, those of
        several actors in full for each.

    Returns
    -------
    pyarrow.Table, int
        The records with fewer actors, and how many actors they named before. Where these were no more than `most`, the
        records are as they were.
    """
    cells = one_pool(records["actors"])
    # Nobody is named in an empty cell, which comes first.
    dead = np.bincount(places_of(cells) + 1, records["low"].to_numpy(), minlength=len(cells.dictionary) + 1)[1:]
    killed: dict[str, float] = {}
    for cell, number in zip(cells.dictionary.to_pylist(), dead.tolist(), strict=True):
        for actor in filter(None, cell.split(";")):
            killed[actor] = killed.get(actor, 0.0) + number
    if len(killed) <= most:
        return records, len(killed)
    kept = frozenset(sorted(killed, key=lambda actor: (-killed[actor], actor))[:most])
    fewer = changed(cells, partial(_among, kept=kept))
    place = records.schema.get_field_index("actors")
    field = records.schema.field(place)
    return records.set_column(place, field, fewer.cast(field.type)), len(killed)


def _among(cell: str, kept: Collection[str]) -> str:
    return ";".join(sorted({one if one in kept else OTHERS for one in cell.split(";") if one}))
