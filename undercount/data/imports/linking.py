"""Records with their reports, and which of these only repeat what another source counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.imports.citations import derived_from
from undercount.data.imports.pools import without
from undercount.data.imports.windows import REPORT, grouped, reports_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pyarrow as pa

    from undercount.data.schema import Report, Source

    type Key = tuple[str, str, str]
    """Source, victims and quantity."""


def reported(
    records: pa.Table, sources: Sequence[Source], window: str, published: date
) -> tuple[pa.Table, tuple[Report, ...]]:
    """Make reports of records.

    Parameters
    ----------
    records : pyarrow.Table
        Merged records.
    sources : sequence of Source
    window : str
        One of `windows.WINDOWS`.
    published : date
        Of records that do not say it.

    Returns
    -------
    pyarrow.Table, tuple of Report
        The records with their reports. A report of records that were taken from one other source names the reports of
        that source which it repeats. Where there are none, its source counted them itself.
    """
    derived = derived_from(records, sources)
    table = grouped(records, window, derived)
    reports, orphans = _linked(table, tuple(reports_of(table, published)))
    if orphans:
        names = table[REPORT].combine_chunks()
        is_alone = np.array([name in orphans for name in names.dictionary.to_pylist()])[names.indices.to_numpy()]
        table = grouped(records, window, without(derived, is_alone))
        reports, _ = _linked(table, tuple(reports_of(table, published)))
    return table, reports


def _linked(table: pa.Table, reports: tuple[Report, ...]) -> tuple[tuple[Report, ...], set[str]]:
    """Let derived reports name what they repeat, and tell which of them repeat nothing."""
    names = table[REPORT].combine_chunks()
    codes, examples = np.unique(names.indices.to_numpy(), return_index=True)
    taken = {
        names.dictionary[code].as_py(): origin
        for code, origin in zip(codes.tolist(), table["derived"].take(examples).to_pylist(), strict=True)
    }
    own: dict[Key, list[Report]] = {}
    for report in sorted(reports, key=lambda report: (report.window_start, report.report)):
        if not taken[report.report]:
            own.setdefault((report.source, report.victims, report.quantity), []).append(report)
    longest = {key: max(one.window_end - one.window_start for one in those) for key, those in own.items()}
    linked, orphans = list(reports), set()
    for place, report in enumerate(reports):
        if taken[report.report]:
            key = (taken[report.report], report.victims, report.quantity)
            origins = _meeting(report, own.get(key, []), longest.get(key, timedelta()))
            linked[place] = report.model_copy(update={"derived_from": origins})
            orphans |= set() if origins else {report.report}
    return tuple(linked), orphans


def _meeting(report: Report, those: Sequence[Report], longest: timedelta) -> tuple[str, ...]:
    """Those, sorted by their first day, whose days meet those of a report; none of them lasts longer than `longest`."""
    first = bisect_left(those, report.window_start - longest, key=lambda one: one.window_start)
    last = bisect_right(those, report.window_end, key=lambda one: one.window_start)
    return tuple(sorted(one.report for one in those[first:last] if one.window_end >= report.window_start))
