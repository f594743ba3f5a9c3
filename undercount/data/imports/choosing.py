"""Which records somebody asks for, and under which names."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.imports.drafting import identifier
from undercount.data.imports.pools import changed, filled, one_pool
from undercount.errors import EvidenceError
from undercount.errors.naming import plain, write_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from undercount.data.imports.incidents import Incidents


def chosen(incidents: Incidents, since: date | None = None, until: date | None = None) -> Incidents:
    """Keep the records whose days lie between two days, both included; all others are dropped by that reason."""
    if since is not None:
        start = incidents.records["start"].to_numpy()
        incidents = incidents.only(start >= np.datetime64(since), f"not asked for: it may lie before {since}")
    if until is not None:
        end = incidents.records["end"].to_numpy()
        incidents = incidents.only(end <= np.datetime64(until), f"not asked for: it may lie after {until}")
    return incidents


def renamed(incidents: Incidents, same: Sequence[tuple[str, str, str]]) -> Incidents:
    """Call areas and actors by the names that other sources have for them.

    Parameters
    ----------
    incidents : Incidents
    same : sequence of (str, str, str)
        Dimension (area or actor), name in the file, name in the case.

    Raises
    ------
    EvidenceError
        If the file names no such area or actor.
    """
    names, table = {name: dict(known) for name, known in incidents.names.items()}, incidents.records
    for dimension, column in (("area", "area"), ("actor", "actors")):
        asked = {old: new for one, old, new in same if one == dimension}
        known = names.setdefault(dimension, {})
        to = {}
        for old, new in asked.items():
            if identifier(old) not in known:
                raise _unknown(dimension, old, tuple(known.values()))
            to[identifier(old)] = identifier(new)
            known[identifier(new)] = new
        if to:
            cells = filled(changed(one_pool(table[column]), partial(_renamed, to=to)))
            field = table.schema.field(column)
            table = table.set_column(table.schema.get_field_index(column), field, cells.cast(field.type))
    return replace(incidents, records=table, names=names)


def _renamed(cell: str, to: Mapping[str, str]) -> str:
    return ";".join(sorted({to.get(one, one) for one in cell.split(";")}))


def _unknown(dimension: str, name: str, known: Sequence[str]) -> EvidenceError:
    return EvidenceError(
        f"the file names no {dimension} {plain(name)}",
        code="import-unknown-name",
        where="--same",
        hint=write_one_of(name, known),
    )
