"""From the evidence to claims: which reports enter the likelihood, and with what geometry.

A report that derives from another adds no information, and two reports of one source about the same
deaths are one: figures that agree are intersected, otherwise the latest published stands. Where several
speak for a source, each figure is a claim of its own. So is, of a source with a lag, what it counted by each day of
publication: later vintages are the same tally, grown. One that fell withdraws those before it, and a relay that
prints the last one again says nothing new.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from undercount.data.schema import Attribution, Lag, Report, Speakers
from undercount.errors import ModelError
from undercount.models.bounds import count_interval
from undercount.models.pieces import Claim
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from undercount.data.evidence import Evidence
    from undercount.models.strata import Strata

Figure = tuple[Report, float, float]
"""A report, with the least and the largest count that it stands for."""


def select_reports(evidence: Evidence) -> tuple[tuple[Report, ...], Mapping[str, str]]:
    """Used reports that say something of their own, and why the others do not enter.

    Returns
    -------
    tuple
        Reports in canonical order, and a reason for each used report left out.

    Raises
    ------
    ModelError
        If no report is left.
    """
    present = {report.report for report in evidence.reports}
    dropped: dict[str, str] = {}
    kept = []
    for report in evidence.reports:
        if not report.used:
            continue
        origins = [origin for origin in report.derived_from if origin in present]
        if origins:
            dropped[report.report] = f"derived from {', '.join(origins)}"
        else:
            kept.append(report)
    if not kept:
        raise ModelError(
            "no usable report: nothing would inform the toll",
            code="model-none-usable",
            where=evidence.case.case,
            hint="mark at least one report used = yes that does not derive from another",
        )
    return tuple(kept), dropped


def claims_by_stream(
    evidence: Evidence, reports: Sequence[Report], strata: Strata, contested: float
) -> tuple[Mapping[Stream, tuple[Claim, ...]], Mapping[str, str]]:
    """Claims of each stream, one per set of deaths (and day of publication), and why a report was joined to another.

    Parameters
    ----------
    evidence : Evidence
    reports : sequence of Report
        From `select_reports`; a claim names its report by its place in this sequence.
    strata : Strata
    contested : float
        Probability that a contested attribution is right, where the case states none.
    """
    kinds = {source.source: source.kind for source in evidence.sources}
    lagged = {source.source for source in evidence.sources if source.lag is Lag.FITTED}
    several = {source.source for source in evidence.sources if source.speakers is Speakers.SEVERAL}
    incidents = {name: i for i, name in enumerate(sorted(x.incident for x in evidence.case.incidents))}
    happened = {x.incident: x.date for x in evidence.case.incidents}
    dropped: dict[str, str] = {}
    claims: dict[Stream, list[Claim]] = {}
    place = {report.report: i for i, report in enumerate(reports)}

    def scope(report: Report) -> tuple[object, ...]:
        return (*_same_deaths(report), report.report if report.source in several else "")

    def claim_of(report: Report, low: float, high: float, is_lagged: bool) -> Claim:
        start = evidence.case.timeline.start
        published = (report.published - start).days
        end = (report.window_end - start).days
        if is_lagged and report.incident is not None and report.published < happened[report.incident]:
            raise _foreseen(report, happened[report.incident])
        return Claim(
            report=place[report.report],
            start=(report.window_start - start).days,
            end=min(end, published) if is_lagged else end,
            low=low,
            high=high,
            readings=_readings(report, strata, evidence.case.contested.get(report.report, contested)),
            incident=None if report.incident is None else incidents[report.incident],
            published=published if is_lagged else None,
        )

    for _, group in groupby(sorted(reports, key=scope), key=scope):
        intervals = [(report, *count_interval(report, kinds[report.source])) for report in group]
        is_lagged = intervals[0][0].source in lagged
        for standing, low, high in _vintages(intervals, dropped) if is_lagged else [_joined(intervals, dropped)]:
            claim = claim_of(standing, low, high, is_lagged)
            claims.setdefault(Stream.of(standing), []).append(claim)
    return {stream: tuple(sorted(own, key=lambda c: c.report)) for stream, own in sorted(claims.items())}, dropped


def _readings(report: Report, strata: Strata, contested: float) -> tuple[tuple[float, frozenset[int]], ...]:
    """Strata of a report, with the probability of each reading of its attribution."""
    stated = strata.select(report.actors, report.areas, report.victims, report.quantity)
    everyone = strata.select((), report.areas, report.victims, report.quantity)
    if report.attribution is Attribution.UNATTRIBUTED:
        return ((1.0, everyone),)
    if report.attribution is Attribution.CONTESTED and stated != everyone and contested < 1:
        return ((contested, stated), (1.0 - contested, everyone))
    return ((1.0, stated),)


def _same_deaths(report: Report) -> tuple[object, ...]:
    period = ("", "") if report.incident else (report.window_start.isoformat(), report.window_end.isoformat())
    whom = "" if report.attribution is Attribution.UNATTRIBUTED else ";".join(sorted(report.actors))
    return (
        report.source, report.victims, report.quantity, ";".join(sorted(report.areas)),
        whom, report.attribution.value if whom else "", report.incident or "", *period,
    )  # fmt: skip


def _foreseen(report: Report, happened: date) -> ModelError:
    return ModelError(
        f"{report.report} was published on {report.published}, and '{report.incident}' happened on {happened}: "
        f"{report.source} cannot have documented it",
        code="model-published-before-incident",
        where=f"report {report.report}",
        hint="mend the date of publication or that of the incident, or write none in lag for the source",
    )


def _vintages(intervals: list[Figure], dropped: dict[str, str]) -> list[Figure]:
    """The figures of one set of deaths that stand, one per day of publication, none below one before it."""

    def day(figure: Figure) -> date:
        return figure[0].published

    standing: list[Figure] = []
    for _, group in groupby(sorted(intervals, key=day), key=day):
        report, low, high = _joined(list(group), dropped)
        if standing and report.relay is not None and standing[-1][1:] == (low, high):
            dropped[report.report] = f"{report.relay} printed {standing[-1][0].report} again: one figure"
            continue
        while standing and standing[-1][1] > high:
            withdrawn = standing.pop()[0]
            dropped[withdrawn.report] = _superseded(report)
        standing.append((report, low, high))
    return standing


def _superseded(report: Report) -> str:
    return f"superseded by {report.report}, which {report.source} published later"


def _joined(intervals: list[Figure], dropped: dict[str, str]) -> Figure:
    latest_first = sorted(intervals, key=lambda item: (item[0].published, item[0].report), reverse=True)
    standing, low, high = latest_first[0]
    for report, other_low, other_high in latest_first[1:]:
        if max(low, other_low) <= min(high, other_high):
            low, high = max(low, other_low), min(high, other_high)
            dropped[report.report] = f"the same deaths by the same source as {standing.report}: one figure"
        elif report.published == standing.published:
            raise ModelError(
                f"{report.report} and {standing.report} are two figures of {report.source} for the same deaths, "
                "published on the same day, that exclude each other",
                code="model-contradictory-reports",
                where=f"reports {report.report}, {standing.report}",
                hint="mark the wrong one used = no with a reason, or give one of them as a range",
            )
        else:
            dropped[report.report] = _superseded(standing)
    return standing, low, high


__all__ = ["claims_by_stream", "select_reports"]
