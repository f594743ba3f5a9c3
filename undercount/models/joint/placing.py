"""From matched lists and a case to the arrays of a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import ModelError
from undercount.models.joint.scopes import Overlap

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.lists import AnyMatched
    from undercount.data.schema import Source
    from undercount.models.design import Incidents, Scopes
    from undercount.models.strata import Strata
    from undercount.models.streams import Stream


def place_lists(evidence: Evidence, lists: AnyMatched | None, strata: Strata, incidents: Incidents) -> Overlap:
    """Find the strata, days and incidents that each table is about.

    Raises
    ------
    EvidenceError
        If the lists cannot be about the deaths of the case.
    """
    listed = () if lists is None else lists.listed(evidence)
    first, day = evidence.case.timeline.start, incidents.day[incidents.cell_incident]
    days, members, cells = [], [], []
    for _, scope in listed:
        own = slice((scope.window.start - first).days, (scope.window.end - first).days + 1)
        chosen = np.array(sorted(strata.select(scope.actors, scope.areas, scope.victims, scope.quantity)))
        is_inside = (day >= own.start) & (day < own.stop) & np.isin(incidents.cell_stratum, chosen)
        days.append(own)
        members.append(chosen)
        cells.append(np.flatnonzero(is_inside))
    return Overlap.of([table for table, _ in listed], days, members, cells)


def refuse_larger(
    overlap: Overlap, scopes: Scopes, streams: Sequence[Stream], reports: Sequence[str], sources: Mapping[str, Source]
) -> None:
    """Refuse a list of more names than its source counted in all of the list's scope, or more.

    Raises
    ------
    ModelError
        With code ``"model-list-exceeds-report"``.
    """
    for s, table in enumerate(overlap.tables):
        for name, size in zip(table.names, table.list_sizes.tolist(), strict=True):
            for p in np.flatnonzero((scopes.high < size) & (scopes.probability == 1.0)).tolist():
                is_theirs = streams[scopes.pieces.stream[p]].source == name and sources[name].verifies
                if is_theirs and _holds(scopes, p, overlap, s):
                    raise _exceeds(name, size, reports[scopes.pieces.report[p]], int(scopes.high[p]))


def _holds(scopes: Scopes, p: int, overlap: Overlap, s: int) -> bool:
    """Whether claim p is about all deaths that table s is about."""
    pieces = scopes.pieces
    is_whole = (pieces.cell_piece == p) & (pieces.cell_start <= overlap.start[s]) & (pieces.cell_end >= overlap.end[s])
    return set(overlap.strata[s].tolist()) <= set(pieces.cell_stratum[is_whole].tolist())


def _exceeds(name: str, size: int, report: str, count: int) -> ModelError:
    return ModelError(
        f"the list of {name} has {size:,} names, and by {report} it counted {count:,} in all of its scope",
        code="model-list-exceeds-report",
        where=f"lists, report {report}",
        hint="cut the list to what it covered then, give the later count as a report, or mark the report used = no",
    )
