"""Rules about one report's figures and days, held against the case."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from undercount.data.problems import plain, write_one_of
from undercount.data.schema import Attribution, Qualifier, Report, Speakers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.draft import Draft
    from undercount.data.problems import Problem

_BY_LIMITS: Final = frozenset({Qualifier.RANGE, Qualifier.WORDS})
LONGEST_TIMELINE: Final = 36_600


def some_report_used(draft: Draft) -> Iterator[Problem]:
    """At least one report is used."""
    # Rows that could not be read may have been the used ones.
    if not draft.used and draft.known_reports <= draft.report.keys():
        hint = "write yes in used for at least one report that can enter the model"
        yield draft.in_case(
            "", None, ("no report is used, so there is nothing to estimate from", hint, "evidence-none-usable")
        )


def areas_told(draft: Draft) -> Iterator[Problem]:
    """Of each area that the estimand is about, a used report or its people at risk are known."""
    area = draft.dimension.get("area")
    if not draft.used or area is None or not draft.known_reports <= draft.report.keys():
        return
    known = draft.largest_population.keys() | {name for report in draft.used for name in report.areas}
    for name in draft.case.estimand.areas or area.levels:
        if name in area.levels and name not in known:
            hint = (
                "use a report about it, state its people in population, or leave it out: of dimensions.area, or of "
                "those that estimand.areas names"
            )
            rule = "no used report is about this area, and its people at risk are not known: the toll would be a guess"
            yield draft.in_case("estimand.areas", name, (rule, hint, "evidence-area-untold"))


def used_is_complete(draft: Draft) -> Iterator[Problem]:
    """A used report says who, where and how many; an unused one says why it is not used."""
    for report in draft.reports:
        if not report.used:
            if not report.reason.strip():
                fault = ("a report that is not used says why", "write the reason in reason", "evidence-no-reason")
                yield draft.in_report(report, "reason", None, fault)
            continue
        if not report.areas:
            fault = ("a used report names its areas", "write the areas that the figure covers", "evidence-no-areas")
            yield draft.in_report(report, "areas", None, fault)
        if not report.actors and report.attribution is Attribution.STATED:
            hint = "write who killed in actors, or unattributed in attribution"
            yield draft.in_report(
                report, "actors", None, ("attribution is stated, but no actor is named", hint, "evidence-no-actors")
            )
        yield from _has_figure(draft, report)


def _has_figure(draft: Draft, report: Report) -> Iterator[Problem]:
    needed = ("low", "high") if report.qualifier in _BY_LIMITS else ("value",)
    for field in needed:
        if getattr(report, field) is None:
            hint = f"fill in {field}, choose another qualifier, or write no in used"
            fault = (f"a used report with qualifier {report.qualifier} needs it", hint, "evidence-no-figure")
            yield draft.in_report(report, field, None, fault)


def limits_in_order(draft: Draft) -> Iterator[Problem]:
    """Low is at most high, and the value lies between them."""
    for report in draft.reports:
        if report.low is not None and report.high is not None and report.low > report.high:
            fault = (
                f"low is above high ({report.high})",
                "swap low and high, or mend the wrong one",
                "evidence-low-above-high",
            )
            yield draft.in_report(report, "low", report.low, fault)
            continue
        low = 0 if report.low is None else report.low
        if report.value is not None and (
            report.value < low or (report.high is not None and report.value > report.high)
        ):
            limits = f"{low} to {'any' if report.high is None else report.high}"
            fault = (
                f"the value lies outside low to high ({limits})",
                "mend value, low or high",
                "evidence-value-outside-limits",
            )
            yield draft.in_report(report, "value", report.value, fault)


def windows_in_order(draft: Draft) -> Iterator[Problem]:
    """A window ends after it starts, a used one lies in the timeline, and nothing is published before it begins."""
    timeline = draft.case.timeline
    for report in draft.reports:
        if report.window_end < report.window_start:
            fault = (
                f"the window ends before it starts ({report.window_start})",
                "swap the two dates, or mend the wrong one",
                "evidence-window-reversed",
            )
            yield draft.in_report(report, "window_end", report.window_end, fault)
        elif report.used and not (timeline.start <= report.window_start and report.window_end <= timeline.end):
            field = "window_start" if report.window_start < timeline.start else "window_end"
            hint = "extend the timeline in case.toml, mend the window, or write no in used"
            rule = f"the window of a used report lies within the timeline {timeline.start} to {timeline.end}"
            yield draft.in_report(
                report, field, getattr(report, field), (rule, hint, "evidence-window-outside-timeline")
            )
        if report.published < report.window_start:
            hint = "mend the date of publication, or the start of the window"
            rule = f"published before its window starts ({report.window_start})"
            yield draft.in_report(
                report, "published", report.published, (rule, hint, "evidence-published-before-window")
            )


def case_windows(draft: Draft) -> Iterator[Problem]:
    """The timeline can be modelled day by day, and holds the estimand's window and every incident."""
    case, timeline = draft.case, draft.case.timeline
    if timeline.days > LONGEST_TIMELINE:
        fault = (
            f"the timeline has {timeline.days:,} days, more than {LONGEST_TIMELINE:,}",
            "mend its dates",
            "evidence-timeline-too-long",
        )
        yield draft.in_case("timeline", f"{timeline.start} to {timeline.end}", fault)
    span = f"the timeline {timeline.start} to {timeline.end}"
    hint = "extend the timeline, or mend the dates"
    if not timeline.contains(case.estimand.window):
        value = f"{case.estimand.window.start} to {case.estimand.window.end}"
        yield draft.in_case("estimand.window", value, (f"not within {span}", hint, "evidence-window-outside-timeline"))
    for incident in case.incidents:
        if not timeline.start <= incident.date <= timeline.end:
            field = f"incidents.{incident.incident}.date"
            yield draft.in_case(
                field, incident.date, (f"not within {span}", hint, "evidence-incident-outside-timeline")
            )


def fewer_deaths_than_people(draft: Draft) -> Iterator[Problem]:
    """A used report does not claim more deaths than there are people in its areas."""
    people = draft.largest_population
    for report in draft.used:
        figure = _claimed(report)
        if report.quantity != draft.case.estimand.quantity or figure is None or not report.areas:
            continue
        if not all(area in people for area in report.areas):
            continue
        limit = sum(people[area] for area in report.areas)
        if figure[1] > limit:
            field, deaths = figure
            hint = "mend the figure or the population in case.toml, or write no in used"
            rule = f"more deaths ({deaths:,}) than people: {limit:,} in {', '.join(map(plain, report.areas))}"
            yield draft.in_report(
                report, field, getattr(report, field), (rule, hint, "evidence-more-deaths-than-people")
            )


def _claimed(report: Report) -> tuple[str, int] | None:
    if report.window_end < report.window_start or report.qualifier is Qualifier.UP_TO:
        return None  # "up to" claims no death at all
    field = "low" if report.qualifier in _BY_LIMITS or report.value is None else "value"
    figure: int | None = getattr(report, field)
    if figure is None:
        return None
    return field, figure * (report.window.days if report.qualifier is Qualifier.PER_DAY else 1)


def printed_qualifier_kept(draft: Draft) -> Iterator[Problem]:
    """A qualifier that differs from the printed one says why."""
    known = {str(member) for member in Qualifier}
    for report in draft.reports:
        printed = "_".join(report.qualifier_printed.lower().split())
        if printed in known and printed != report.qualifier and not report.qualifier_reason.strip():
            hint = f"write {printed} in qualifier, or in qualifier_reason why it was changed"
            rule = f"printed as {printed}, but the qualifier is {report.qualifier}"
            yield draft.in_report(
                report, "qualifier", str(report.qualifier), (rule, hint, "evidence-qualifier-changed-silently")
            )


def incident_of_report(draft: Draft) -> Iterator[Problem]:
    """A report that names an incident covers its day and its area."""
    incidents = {incident.incident: incident for incident in draft.case.incidents}
    for report in draft.reports:
        if report.incident is None:
            continue
        incident = incidents.get(report.incident)
        if incident is None:
            fault = (
                "not an incident of this case",
                write_one_of(report.incident, list(incidents)),
                "evidence-unknown-incident",
            )
            yield draft.in_report(report, "incident", report.incident, fault)
            continue
        slack = timedelta(days=report.window_uncertainty_days)
        if not report.window_start - slack <= incident.date <= report.window_end + slack:
            hint = "mend the window, its uncertainty in days, or the incident"
            rule = f"the incident's day {incident.date} is not in the report's window"
            yield draft.in_report(report, "incident", report.incident, (rule, hint, "evidence-incident-outside-window"))
        if report.areas and incident.area not in report.areas:
            hint = f"add {plain(incident.area)} to areas, or mend the incident"
            rule = f"the incident's area {plain(incident.area)} is not among the report's areas"
            yield draft.in_report(report, "incident", report.incident, (rule, hint, "evidence-incident-outside-areas"))


def one_source_one_figure(draft: Draft) -> Iterator[Problem]:
    """A source with one speaker does not state two exact figures for one scope on one day.

    What it took from another source is not what it counted itself.
    """
    several = {source.source for source in draft.sources if source.speakers is Speakers.SEVERAL}
    groups: dict[tuple[object, ...], list[Report]] = defaultdict(list)
    for report in draft.used:
        if report.qualifier is Qualifier.EXACT and report.value is not None and report.source not in several:
            scope = (report.window_start, report.window_end, frozenset(report.actors), frozenset(report.areas))
            what = (report.victims, report.quantity, report.incident, report.published)
            origins = {draft.report[name].source for name in report.derived_from if name in draft.report}
            groups[report.source, scope, what, frozenset(origins - {report.source})].append(report)
    for first, *others in groups.values():
        for other in others:
            if other.value != first.value:
                hint = (
                    "mend one of them, make it a range, or write no in used for the one that was withdrawn; "
                    "if several people speak for this source, write several in its speakers"
                )
                rule = (
                    f"contradicts report {plain(first.report)} ({first.value}): same source, scope and publication day"
                )
                yield draft.in_report(other, "value", other.value, (rule, hint, "evidence-contradictory"))
