"""Fewer reports: what remains must still hang together when some are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from undercount.data.schema import Case, Report


def reports_without(reports: Sequence[Report], gone: Collection[str]) -> tuple[Report, ...]:
    """Drop reports, and link those that named them to what these named themselves.

    Nesting and derivation are transitive: a part of a part is a part, a copy of a copy a copy.

    Parameters
    ----------
    reports : sequence of Report
        All of them, free of circles.
    gone : collection of str
        Identifiers to drop.

    Returns
    -------
    tuple of Report
    """
    if not gone:
        return tuple(reports)
    within: dict[str, tuple[str, ...]] = {
        report.report: () if report.within is None else (report.within,) for report in reports
    }
    derived_from = {report.report: report.derived_from for report in reports}
    kept = []
    for report in reports:
        if report.report in gone:
            continue
        parents = _remaining(within[report.report], within, gone)
        links = {"within": parents[0] if parents else None, "derived_from": report.derived_from}
        if any(name in gone for name in report.derived_from):
            links["derived_from"] = _remaining(report.derived_from, derived_from, gone)
        kept.append(report.model_copy(update=links))
    return tuple(kept)


def _remaining(names: Sequence[str], links: dict[str, tuple[str, ...]], gone: Collection[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [*reversed(names)]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in gone:
            waiting.extend(reversed(links[name]))
        else:
            found[name] = None
    return tuple(found)


def derived(reports: Sequence[Report], origins: frozenset[str]) -> frozenset[str]:
    """Give the reports that add nothing to `origins`: these, and all that were derived from them."""
    children: dict[str, list[str]] = {}
    for report in reports:
        for parent in report.derived_from:
            children.setdefault(parent, []).append(report.report)
    found, waiting = set(origins), [*origins]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def case_without(case: Case, gone: Collection[str]) -> Case:
    """Drop the names of reports that are gone; the figures and incidents stay."""
    if not gone:
        return case

    def left(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in gone)

    return case.model_copy(
        update={
            "population": tuple(p.model_copy(update={"reports": left(p.reports)}) for p in case.population),
            "incidents": tuple(i.model_copy(update={"reports": left(i.reports)}) for i in case.incidents),
            "contested": {name: chance for name, chance in case.contested.items() if name not in gone},
        }
    )
