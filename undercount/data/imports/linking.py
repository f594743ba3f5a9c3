"""Records with their reports, and which of these only repeat what another source counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.citations import derived_from
from undercount.data.imports.pools import without
from undercount.data.imports.windows import REPORT, grouped, reports_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import pyarrow as pa

    from undercount.data.schema import Report, Source

    type Key = tuple[str, str, str]
    """Source, victims and quantity."""


_ANY: Final = ""


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
        # Not two sets of reports at once.
        del table, reports
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
    own: dict[Key, _Origins] = {}
    for report in sorted(reports, key=lambda report: (report.window_start, report.report)):
        if not taken[report.report]:
            own.setdefault((report.source, report.victims, report.quantity), _Origins()).add(report)
    linked, orphans = list(reports), set()
    for place, report in enumerate(reports):
        if taken[report.report]:
            key = (taken[report.report], report.victims, report.quantity)
            origins = own[key].repeated_by(report) if key in own else ()
            linked[place] = report.model_copy(update={"derived_from": origins})
            orphans |= set() if origins else {report.report}
    return tuple(linked), orphans


class _Origins:
    """Reports of one source, one class of victims and one quantity, found by their areas and days."""

    def __init__(self) -> None:
        self._by_area: dict[str, list[Report]] = {}
        self._longest: dict[str, timedelta] = {}

    def add(self, report: Report) -> None:
        """Add a report that begins no earlier than those before it."""
        for area in (*report.areas, _ANY):
            self._by_area.setdefault(area, []).append(report)
            self._longest[area] = max(self._longest.get(area, timedelta()), report.window_end - report.window_start)

    def repeated_by(self, report: Report) -> tuple[str, ...]:
        """Those whose days and areas meet its own; of any area where there are none: it may be called otherwise."""
        found = {one for area in report.areas for one in self._meeting(report, area)}
        return tuple(sorted(found or {*self._meeting(report, _ANY)}))

    def _meeting(self, report: Report, area: str) -> Iterator[str]:
        those, longest = self._by_area.get(area, []), self._longest.get(area, timedelta())
        first = bisect_left(those, report.window_start - longest, key=lambda one: one.window_start)
        last = bisect_right(those, report.window_end, key=lambda one: one.window_start)
        return (one.report for one in those[first:last] if one.window_end >= report.window_start)
