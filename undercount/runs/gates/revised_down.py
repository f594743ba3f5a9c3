"""A source that says less than it said: a report whose figure fell, or a later tally of more that counts fewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from undercount.data.problems import plain
from undercount.data.schema import Attribution, Kind, Qualifier, Report, Speakers
from undercount.estimators.gates import Check
from undercount.models.bounds import count_interval
from undercount.runs.gates.contract import Verdict, nothing_before

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.data.evidence import Evidence
    from undercount.runs.changes import Changes
    from undercount.runs.gates.contract import Candidate

_NAME = "figures that fell"


class Fall(NamedTuple):
    """An earlier figure, and a smaller one in its place."""

    earlier: Report
    later: Report


def revised_down(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure if a source revised down since the last release."""
    if candidate.released is None or candidate.changes is None:
        return nothing_before("revised down", _NAME)
    evidence = candidate.estimate.evidence
    falls = [*lowered(candidate.changes, evidence), *overtaken(candidate.changes, evidence)]
    if not falls:
        return (Verdict("revised down", Check(_NAME, 0, "= 0", passed=True), "no figure fell"),)
    return tuple(
        Verdict(
            "revised down", Check(_NAME, 1, "= 0", passed=False), _words(fall),
            tuple(dict.fromkeys((fall.later.source, fall.earlier.report, fall.later.report))),
        )
        for fall in falls
    )  # fmt: skip


def lowered(found: Changes, evidence: Evidence) -> Iterator[Fall]:
    """Reports that were revised to a smaller figure."""
    kinds = _kinds(evidence)
    for change in found.revised:
        before, after = change.before, change.after
        if before is None or after is None or not (before.used and after.used):
            continue
        if _fell(before, after, kinds[after.source]):
            yield Fall(before, after)


def _fell(before: Report, after: Report, kind: Kind) -> bool:
    """By the printed figures where both have one of the same unit, else by what each allows."""
    per_day = [report.qualifier is Qualifier.PER_DAY for report in (before, after)]
    if before.value is not None and after.value is not None and per_day[0] == per_day[1]:
        return after.value < before.value
    (low, high), (new_low, new_high) = count_interval(before, kind), count_interval(after, kind)
    return new_low < low or (new_high < high and new_low <= low)


def overtaken(found: Changes, evidence: Evidence) -> Iterator[Fall]:
    """Tallies that contain an earlier one of the same source and fall short of it, each beside the largest of these.

    One of the two is new or changed. Where several people speak for a source, none revises another.
    """
    kinds = _kinds(evidence)
    several = {source.source for source in evidence.sources if source.speakers is Speakers.SEVERAL}
    tallies: dict[tuple[str, ...], list[Report]] = defaultdict(list)
    for report in evidence.used:
        if report.source not in several and not report.derived_from:
            tallies[report.source, report.victims, report.quantity].append(report)
    for own in tallies.values():
        changed = [report for report in own if report.report in found.report]
        pairs = ((one, two) for new in changed for other in own for one, two in ((new, other), (other, new)))
        largest: dict[str, Fall] = {}
        for earlier, later in pairs:
            kind = kinds[later.source]
            low = count_interval(earlier, kind)[0]
            if _contains(later, earlier) and count_interval(later, kind)[1] < low:
                before = largest.get(later.report)
                if before is None or low > count_interval(before.earlier, kind)[0]:
                    largest[later.report] = Fall(earlier, later)
        yield from (largest[name] for name in sorted(largest))


def _contains(later: Report, earlier: Report) -> bool:
    return (
        earlier.published < later.published
        and later.incident in (None, earlier.incident)
        and later.window.contains(earlier.window)
        and {*earlier.areas} <= {*later.areas}
        and (later.attribution is Attribution.UNATTRIBUTED or _actors(earlier) <= _actors(later))
    )


def _actors(report: Report) -> set[str]:
    return {""} if report.attribution is Attribution.UNATTRIBUTED else {*report.actors}


def _kinds(evidence: Evidence) -> Mapping[str, Kind]:
    return {source.source: source.kind for source in evidence.sources}


def _words(fall: Fall) -> str:
    source, (earlier, later) = plain(fall.later.source), fall
    if earlier.report == later.report:
        told = f"{source} lowered {plain(later.report)} from {_figure(earlier)} to {_figure(later)}"
    else:
        told = (
            f"{plain(later.report)} of {source} counts {_figure(later)} where its earlier {plain(earlier.report)} "
            f"counted {_figure(earlier)} of the same deaths"
        )
    return f"{told}. Look whether it was corrected, counts other victims, or in another unit"


def _figure(report: Report) -> str:
    if report.value is not None:
        return f"{report.value:,}{' a day' if report.qualifier is Qualifier.PER_DAY else ''}"
    return f"{report.low or 0:,} to {report.high or 0:,}"
