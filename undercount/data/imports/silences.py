"""What a list of events says by having no record: that its source counted nobody there on those days.

Such a list holds every event that its source knows. On days between its first and its last record on which none can
lie, its count is therefore none, which is a count like any other. If these days were taken for unknown, those with
records would speak for them: the shorter the windows that records are added up to, the more would seem to have died.

A source says so of the areas, classes of victims and actors that it names in some record. What it never names it may
not look at; that stays unknown.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from undercount.data.imports.windows import RECORDS, report_name
from undercount.data.schema import Attribution, Qualifier, Report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    type Span = tuple[int, int]
    """First and last day."""

NOTE: Final = "No record of these days."


def silences(reports: Sequence[Report], sources: Collection[str]) -> tuple[Report, ...]:
    """Say where lists of events have no record.

    Parameters
    ----------
    reports : sequence of Report
        Of all records.
    sources : collection of str
        Those whose records are lists of events.

    Returns
    -------
    tuple of Report
        Counts of none, one for each run of days: of everybody whom the source names, or of one actor on days with
        records of others. None of them shares a day of its scope with a record.
    """
    own: dict[str, list[Report]] = {source: [] for source in sorted(sources)}
    for report in reports:
        if report.source in own:
            own[report.source].append(report)
    return tuple(one for those in own.values() if those for one in _of_source(those))


def _of_source(own: Sequence[Report]) -> Iterator[Report]:
    whole = min(_days(report)[0] for report in own), max(_days(report)[1] for report in own)
    published = max(report.published for report in own)
    named: set[tuple[str, ...]] = {report.areas for report in own if len(report.areas) == 1} or {own[0].areas}
    for victims, quantity in sorted({(report.victims, report.quantity) for report in own}):
        told = [report for report in own if (report.victims, report.quantity) == (victims, quantity)]
        everybody, by_area = _everybody(told), dict[tuple[str, ...], list[Report]]()
        for report in told:
            by_area.setdefault(report.areas, []).append(report)
        anywhere = [report for areas, those in by_area.items() if areas not in named for report in those]
        for areas in sorted(named):
            for actors, days in _silent([*by_area.get(areas, []), *anywhere], everybody, whole):
                yield _none(days, published, source=own[0].source, areas=areas, actors=actors, victims=victims,
                            quantity=quantity)  # fmt: skip


def _everybody(told: Iterable[Report]) -> tuple[str, ...]:
    """Actors that some record may be about; empty: anybody."""
    if any(report.attribution is not Attribution.STATED for report in told):
        return ()
    return tuple(sorted({actor for report in told for actor in report.actors}))


def _silent(there: Sequence[Report], everybody: tuple[str, ...], whole: Span) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Actors and runs of days without a record that may be about them."""
    for run in _gaps((_days(report) for report in there), whole):
        yield everybody, run
    stated = [report for report in there if report.attribution is Attribution.STATED]
    for actor in sorted({actor for report in stated for actor in report.actors}):
        others = [_days(report) for report in stated if actor not in report.actors]
        if others:
            may = [_days(r) for r in there if r.attribution is not Attribution.STATED or actor in r.actors]
            for run in _gaps([*may, *_gaps(others, whole)], whole):
                yield (actor,), run


def _days(report: Report) -> Span:
    return report.window_start.toordinal(), report.window_end.toordinal()


def _gaps(spans: Iterable[Span], whole: Span) -> list[Span]:
    """Runs of days of the whole that are in no span."""
    first, last = whole
    edges = [(first - 1, first - 1), *sorted(spans), (last + 1, last + 1)]
    reached, found = first - 1, []
    for (_, before), (start, _) in pairwise(edges):
        reached = max(reached, before)
        if start > reached + 1:
            found.append((reached + 1, start - 1))
    return found


def _none(days: Span, published: date, **scope: Any) -> Report:
    start, end = map(date.fromordinal, days)
    scope["attribution"] = Attribution.STATED if scope["actors"] else Attribution.UNATTRIBUTED
    area = scope["areas"][0] if len(scope["areas"]) == 1 else ""
    key = {**scope, "area": area, "actors": ";".join(scope["actors"]), "derived": "", "from": start, "to": end}
    return Report(
        report=report_name(key), document=RECORDS, published=published, window_start=start, window_end=end,
        published_basis="latest day of the records of its source", window_basis="days without a record",
        used=True, value=0, qualifier=Qualifier.EXACT, note=NOTE, **scope,
    )  # fmt: skip
