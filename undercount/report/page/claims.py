"""The evidence of a report: each claim as printed and as read, used or why not, and who disputes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from undercount.data.schema import Attribution
from undercount.errors import EvidenceError
from undercount.models.bounds import count_interval
from undercount.report.text import visible
from undercount.report.words import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undercount.data.schema import Case, Report, Source
    from undercount.estimators import Estimate
    from undercount.report.words import Words

MOST: Final = 1000
"""Claims of one report; of more, those that are used come first."""
MOST_WHOLE: Final = 100
"""Of more claims, those that quote nothing and that nobody disputes are rows of a table."""
LONGEST: Final = 4000
"""Characters of a quote or a note."""
QUALIFIERS: Final = {
    "exact": message("exactly this number"),
    "at_least": message("at least"),
    "more_than": message("more than"),
    "up_to": message("up to"),
    "about": message("about"),
    "range": message("a range"),
    "per_day": message("a number per day"),
    "words": message("a number in words"),
}
KINDS: Final = {
    "recorder": message("recorder: tallies cases one by one"),
    "claimant": message("claimant: states a figure"),
    "belligerent": message("belligerent: speaks for a side"),
    "relay": message("relay: passes on what others say"),
}
ATTRIBUTIONS: Final = {
    "stated": message("stated by the source"),
    "contested": message("contested"),
    "unattributed": message("nobody is named"),
}


@dataclass(frozen=True)
class Claim:
    """One report as a reader sees it; texts are one line each, with nothing that hides or reorders."""

    report: Report
    source: str
    kind: str
    relay: str
    counts: tuple[float, float] | None
    """Lowest and highest count that it is read as; None where it has no figure."""
    is_used: bool
    reason: str
    """Why it is used, or why not."""
    actors: tuple[str, ...]
    areas: tuple[str, ...]
    about: str
    """Victims and quantity."""
    incident: str

    @property
    def is_brief(self) -> bool:
        """Whether a row of a table holds all that there is to read."""
        return not (self.report.quote or self.report.disputed_by)

    @property
    def is_link(self) -> bool:
        """Whether the document is an address on the web."""
        return self.report.document.startswith("https://") and " " not in self.report.document

    @property
    def printed(self) -> Iterator[tuple[str, int]]:
        """The figures of the row, by field."""
        names = ("low", "high") if self.report.value is None else ("value",)
        fields = ((name, getattr(self.report, name)) for name in names)
        return ((name, value) for name, value in fields if value is not None)

    def text(self, field: str) -> str:
        """A text of the row, such as its quote."""
        return visible(str(getattr(self.report, field)), LONGEST)


def claims(estimate: Estimate, words: Words) -> Sequence[Claim]:
    """Give the claims in the order of their publication, at most `MOST`."""
    evidence = estimate.evidence
    sources = {source.source: source for source in evidence.sources}
    dropped = estimate.dropped
    found = [_claim(evidence.case, one, sources, dropped.get(one.report, ""), words) for one in evidence.reports]
    if len(found) > MOST:
        found = sorted(found, key=lambda claim: (not claim.is_used, claim.report.report))[:MOST]
    return sorted(found, key=lambda claim: (claim.report.published, claim.report.report))


def _claim(case: Case, report: Report, sources: dict[str, Source], dropped: str, words: Words) -> Claim:
    source = sources[report.source]

    def printed(dimension: str, level: str) -> str:
        known = case.dimension(dimension)
        return {**known.levels, **known.outside}.get(level, level)

    def named(dimension: str, levels: Sequence[str]) -> tuple[str, ...]:
        return tuple(visible(words.name(printed(dimension, level))) for level in levels)

    incidents = {one.incident: one.title for one in case.incidents}
    return Claim(
        report=report,
        source=source.name,
        kind=source.kind.value,
        relay="" if report.relay is None else sources[report.relay].name,
        counts=_counts(report, source),
        is_used=report.used and not dropped,
        reason=visible(dropped if report.used and dropped else report.reason, LONGEST),
        actors=() if report.attribution is Attribution.UNATTRIBUTED else named("actor", report.actors),
        areas=named("area", report.areas),
        about=visible(words.name(f"{printed('victims', report.victims)} {printed('quantity', report.quantity)}")),
        incident=incidents.get(report.incident or "", ""),
    )


def _counts(report: Report, source: Source) -> tuple[float, float] | None:
    try:
        return count_interval(report, source.kind)
    except EvidenceError:
        return None


def evidence_number(report: str, field: str, value: int, words: Any) -> Markup:
    """Write a number that the evidence states, with the row and the field that it stands in."""
    return Markup('<data value="{}" data-report="{}" data-field="{}">{}</data>').format(
        value, visible(report), field, words.count(value)
    )
