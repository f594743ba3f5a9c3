"""Evidence as it would be without one of its changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from undercount.data.evidence import Evidence
from undercount.data.subsets import case_without
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.schema import Case, Report, Source
    from undercount.runs.changes import Changes


class Key(NamedTuple):
    """One change: of a report, of a source, or of the case."""

    what: str
    """report, source or case."""
    name: str
    source: str
    """Whose report it is, or the source itself; empty for the case."""


@dataclass(frozen=True)
class Without:
    """The newer evidence without some of its changes."""

    keys: tuple[Key, ...]
    """What was asked for, and what depends on it."""
    evidence: Evidence | None
    reason: str = ""
    """Why there is none."""


def keys_of(found: Changes) -> tuple[Key, ...]:
    """Every change that can move a figure: a source that came or went does so by its reports."""
    reports = [Key("report", change.name, change.standing.source) for change in found.reports]
    sources = [Key("source", change.name, change.name) for change in found.sources if change.kind == "revised"]
    return (*reports, *sources, *([Key("case", found.case.name, "")] if found.case is not None else []))


def taken_back(before: Evidence, after: Evidence, found: Changes, wanted: tuple[Key, ...]) -> Without:
    """Take changes back, and with them those that depend on them.

    A report that names one that goes, and one that is named by one that comes back, follow it. Where the rest breaks
    a rule of the evidence all the same, the changes of the reports at fault follow, or that of the case, or those of
    the sources.

    Parameters
    ----------
    before, after : Evidence
    found : Changes
        From `before` to `after`.
    wanted : tuple of Key
        Some of `keys_of(found)`.

    Returns
    -------
    Without
    """
    keys, undone = keys_of(found), {*wanted}
    while True:
        undone = _with_links(after, found, undone)
        try:
            return Without(_ordered(undone, keys), _made(before, after, found, undone))
        except EvidenceError as error:
            more = _to_blame(error, keys, undone)
            if not more:
                return Without(_ordered({*wanted}, keys), None, error.message.splitlines()[0])
            undone |= more


def _to_blame(error: EvidenceError, keys: tuple[Key, ...], undone: set[Key]) -> set[Key]:
    """Changes that may mend the rest: of the reports at fault, else of the case, else of the sources."""
    at_fault = {problem.report for problem in getattr(error, "problems", ())}
    left = [key for key in keys if key not in undone]
    for more in (
        {key for key in left if key.what == "report" and key.name in at_fault},
        {key for key in left if key.what == "case"},
        {key for key in left if key.what == "source"},
    ):
        if more:
            return more
    return set()


def _ordered(chosen: set[Key], keys: tuple[Key, ...]) -> tuple[Key, ...]:
    return tuple(key for key in keys if key in chosen)


def _with_links(after: Evidence, found: Changes, undone: set[Key]) -> set[Key]:
    by_name = {key.name: key for key in keys_of(found) if key.what == "report"}
    while True:
        reports = _reports(after, found, undone)
        more = {by_name[name] for name in _at_fault(reports) if name in by_name} - undone
        if not more:
            return undone
        undone = undone | more


def _at_fault(reports: Mapping[str, Report]) -> Iterator[str]:
    """Of each link to a report that is not there, both ends."""
    for report in reports.values():
        for name in (*report.derived_from, *(() if report.within is None else (report.within,))):
            if name not in reports:
                yield from (name, report.report)


def _reports(after: Evidence, found: Changes, undone: set[Key]) -> dict[str, Report]:
    reports = {report.report: report for report in after.reports}
    for key in undone:
        if key.what == "report":
            old = found.report[key.name].before
            reports.pop(key.name, None)
            if old is not None:
                reports[key.name] = old
    return reports


def _made(before: Evidence, after: Evidence, found: Changes, undone: set[Key]) -> Evidence:
    reports = _reports(after, found, undone)
    base: Case = before.case if any(key.what == "case" for key in undone) else after.case
    cited = [point.reports for point in base.population] + [incident.reports for incident in base.incidents]
    named = {*base.contested}.union(*cited)
    case = _contested(case_without(base, named - reports.keys()), reports)
    return Evidence(case=case, sources=_sources(before, after, undone, reports), reports=tuple(reports.values()))


def _contested(case: Case, reports: Mapping[str, Report]) -> Case:
    kept = {name: chance for name, chance in case.contested.items() if reports[name].attribution == "contested"}
    return case.model_copy(update={"contested": kept})


def _sources(before: Evidence, after: Evidence, undone: set[Key], reports: Mapping[str, Report]) -> tuple[Source, ...]:
    """Those of the newer evidence; changed back where that is asked, and brought back where a report needs it."""
    old = {source.source: source for source in before.sources}
    sources = {source.source: source for source in after.sources}
    needed: set[Any] = {name for report in reports.values() for name in (report.source, report.relay)}
    sources |= {name: source for name, source in old.items() if name in needed and name not in sources}
    sources |= {key.name: old[key.name] for key in undone if key.what == "source"}
    return tuple(sources.values())
