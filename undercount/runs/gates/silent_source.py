"""A source that published at its pace, and then did not.

Time is the time of the evidence: the newest publication in it. A rerun years later gives the same verdict.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from undercount.data.problems import plain
from undercount.estimators.gates import Check
from undercount.runs.gates.contract import Verdict, nothing_before

if TYPE_CHECKING:
    from datetime import date

    from undercount.data.evidence import Evidence
    from undercount.runs.gates.contract import Candidate
    from undercount.runs.gates.settings import GateSettings

_NAME = "days of silence"


@dataclass(frozen=True)
class Silence:
    """A source that has not published for long."""

    source: str
    last: date
    """The day on which it published last."""
    days: int
    """From then to the newest publication of anybody."""
    gap: float
    """Usual days between two of its publications: their median."""
    allowed: float


def silences(evidence: Evidence, settings: GateSettings) -> dict[str, Silence]:
    """Sources that are silent at the end of the evidence.

    Parameters
    ----------
    evidence : Evidence
        Every report counts as a publication, used or not, but for copies: those its source did not publish.
    settings : GateSettings
    """
    days: dict[str, set[date]] = defaultdict(set)
    for report in evidence.reports:
        if not report.derived_from:
            days[report.source].add(report.published)
    newest = max((report.published for report in evidence.reports), default=None)
    found = {}
    for source, published in sorted(days.items()):
        if newest is None or len(published) < settings.silent_publications:
            continue
        gap = float(median((b - a).days for a, b in pairwise(sorted(published))))
        silence = Silence(
            source, max(published), (newest - max(published)).days, gap,
            max(float(settings.silent_days), settings.silent_gaps * gap),
        )  # fmt: skip
        if silence.days > silence.allowed:
            found[source] = silence
    return found


def silent_source(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure if a source went silent since the last release."""
    if candidate.released is None:
        return nothing_before("silent source", _NAME)
    now = silences(candidate.estimate.evidence, candidate.settings)
    before = silences(candidate.released.evidence, candidate.settings)
    went = [one for one in now.values() if one.source not in before or before[one.source].last < one.last]
    if not went:
        return (Verdict("silent source", Check(_NAME, 0.0, "= 0", passed=True), "no source went silent"),)
    return tuple(
        Verdict(
            "silent source", Check(_NAME, one.days, f"<= {one.allowed:g}", passed=False), _words(one), (one.source,)
        )
        for one in went
    )


def _words(silence: Silence) -> str:
    return (
        f"{plain(silence.source)} published every {silence.gap:g} days and has been silent for {silence.days}, since "
        f"{silence.last}: silence is no count of zero. Look whether it stopped, moved, or its feed broke"
    )
