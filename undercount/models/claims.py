"""From the evidence to claims: which reports enter the likelihood, and with what geometry.

A report that derives from another adds no information, and two reports of one source about the same
deaths are one: figures that agree are intersected, otherwise the latest published stands. Where several
speak for a source, each figure is a claim of its own.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from undercount.data.schema import Attribution, Report, Speakers
from undercount.errors import ModelError
from undercount.models.bounds import count_interval
from undercount.models.pieces import Claim
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.data.evidence import Evidence
    from undercount.models.strata import Strata


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
    """Claims of each stream, one per set of deaths, and why a report was joined to another.

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
    several = {source.source for source in evidence.sources if source.speakers is Speakers.SEVERAL}
    incidents = {name: i for i, name in enumerate(sorted(x.incident for x in evidence.case.incidents))}
    dropped: dict[str, str] = {}
    claims: dict[Stream, list[Claim]] = {}
    place = {report.report: i for i, report in enumerate(reports)}

    def scope(report: Report) -> tuple[object, ...]:
        return (*_same_deaths(report), report.report if report.source in several else "")

    for _, group in groupby(sorted(reports, key=scope), key=scope):
        intervals = [(report, *count_interval(report, kinds[report.source])) for report in group]
        standing, low, high = _joined(intervals, dropped)
        stated = strata.select(standing.actors, standing.areas, standing.victims, standing.quantity)
        everyone = strata.select((), standing.areas, standing.victims, standing.quantity)
        readings: tuple[tuple[float, frozenset[int]], ...] = ((1.0, stated),)
        if standing.attribution is Attribution.UNATTRIBUTED:
            readings = ((1.0, everyone),)
        elif standing.attribution is Attribution.CONTESTED and stated != everyone:
            p = evidence.case.contested.get(standing.report, contested)
            readings = ((p, stated), (1.0 - p, everyone)) if p < 1 else readings
        start = evidence.case.timeline.start
        claim = Claim(
            report=place[standing.report],
            start=(standing.window_start - start).days,
            end=(standing.window_end - start).days,
            low=low,
            high=high,
            readings=readings,
            incident=None if standing.incident is None else incidents[standing.incident],
        )
        claims.setdefault(Stream.of(standing), []).append(claim)
    return {stream: tuple(sorted(own, key=lambda c: c.report)) for stream, own in sorted(claims.items())}, dropped


def _same_deaths(report: Report) -> tuple[object, ...]:
    period = ("", "") if report.incident else (report.window_start.isoformat(), report.window_end.isoformat())
    whom = "" if report.attribution is Attribution.UNATTRIBUTED else ";".join(sorted(report.actors))
    return (
        report.source, report.victims, report.quantity, ";".join(sorted(report.areas)),
        whom, report.attribution.value if whom else "", report.incident or "", *period,
    )  # fmt: skip


def _joined(intervals: list[tuple[Report, float, float]], dropped: dict[str, str]) -> tuple[Report, float, float]:
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
            dropped[report.report] = f"superseded by {standing.report}, which {report.source} published later"
    return standing, low, high


__all__ = ["claims_by_stream", "select_reports"]
