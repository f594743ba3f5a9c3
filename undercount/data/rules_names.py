"""Rules about names: each stands once, and every name that is used is declared."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from undercount.data.problems import plain, write_one_of
from undercount.data.schema import DIMENSIONS, Kind, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.draft import Draft
    from undercount.data.problems import Problem


def report_once(draft: Draft) -> Iterator[Problem]:
    """Each report identifier stands once."""
    seen: set[str] = set()
    for report in draft.reports:
        if report.report in seen:
            fault = (
                "another report has this identifier",
                "give each report an identifier of its own",
                "evidence-duplicate-report",
            )
            yield draft.in_report(report, "report", report.report, fault)
        seen.add(report.report)


def source_once(draft: Draft) -> Iterator[Problem]:
    """Each source identifier stands once."""
    seen: set[str] = set()
    for source in draft.sources:
        if source.source in seen:
            fault = ("another source has this identifier", "keep one of them", "evidence-duplicate-source")
            yield draft.in_source(source, "source", source.source, fault)
        seen.add(source.source)


def dimensions_known(draft: Draft) -> Iterator[Problem]:
    """Actor and area are declared, no dimension is invented, and a level is inside or outside."""
    for name, dimension in draft.case.dimensions.items():
        if name not in DIMENSIONS:
            fault = (
                "not a dimension that the model knows",
                write_one_of(name, list(DIMENSIONS)),
                "evidence-unknown-dimension",
            )
            yield draft.in_case("dimensions", name, fault)
        for level in dimension.levels.keys() & dimension.outside.keys():
            fault = (
                "both a level and outside",
                "keep it in one of the two tables",
                "evidence-level-inside-and-outside",
            )
            yield draft.in_case(f"dimensions.{name}.outside", level, fault)
    for name in ("actor", "area"):
        if name not in draft.case.dimensions:
            fault = (
                f"the dimension {name} is not declared",
                f"add [dimensions.{name}.levels]",
                "evidence-missing-dimension",
            )
            yield draft.in_case("dimensions", None, fault)


def report_sources_known(draft: Draft) -> Iterator[Problem]:
    """The source and the relay of a report are declared, and a relay is nobody's origin."""
    for report in draft.reports:
        for field, name in (("source", report.source), ("relay", report.relay)):
            if name is not None and name not in draft.known_sources:
                hint = f"add it to sources.csv, or {write_one_of(name, draft.source_choices)}"
                yield draft.in_report(report, field, name, ("not a declared source", hint, f"evidence-unknown-{field}"))
        source = draft.source.get(report.source)
        if report.used and source and source.kind is Kind.RELAY:
            hint = "write in source who counted and in relay who passed it on, or write no in used"
            yield draft.in_report(
                report,
                "source",
                report.source,
                ("a relay only passes figures on; it counts nobody", hint, "evidence-relay-as-source"),
            )


def source_sides_known(draft: Draft) -> Iterator[Problem]:
    """The side of a source is an actor of the case."""
    if "actor" not in draft.dimension:
        return
    actors = draft.dimension["actor"].levels
    for source in draft.sources:
        if source.side is not None and source.side not in actors:
            hint = write_one_of(source.side, list(actors))
            yield draft.in_source(
                source, "side", source.side, ("not an actor of this case", hint, "evidence-unknown-side")
            )


def report_levels_known(draft: Draft) -> Iterator[Problem]:
    """Actors, areas, victims and quantity are declared; a used report names none that lies outside the model."""
    for report in draft.reports:
        for name, dimension in draft.dimension.items():
            for value in _named(report, name):
                if value in dimension.levels:
                    continue
                if value not in dimension.outside:
                    outside = () if report.used else dimension.outside
                    hint = write_one_of(value, [*dimension.levels, *outside])
                    fault = (f"not a declared {name} of this case", hint, f"evidence-unknown-{name}")
                    yield draft.in_report(report, DIMENSIONS[name], value, fault)
                elif report.used:
                    allowed = ", ".join(map(plain, dimension.levels))
                    hint = f"write no in used and why in reason, or one of: {allowed}"
                    fault = (
                        "declared as outside the model, so the report cannot be used",
                        hint,
                        f"evidence-outside-{name}",
                    )
                    yield draft.in_report(report, DIMENSIONS[name], value, fault)


def _named(report: Report, dimension: str) -> tuple[str, ...]:
    value: str | tuple[str, ...] = getattr(report, DIMENSIONS[dimension])
    return (value,) if isinstance(value, str) else value


def estimand_levels_known(draft: Draft) -> Iterator[Problem]:
    """The estimand names declared levels only."""
    estimand = draft.case.estimand
    named = {
        "actor": estimand.actors,
        "area": estimand.areas,
        "victims": (estimand.victims,),
        "quantity": (estimand.quantity,),
    }
    for name, dimension in draft.dimension.items():
        for value in named[name]:
            if value not in dimension.levels:
                fault = (
                    f"not a level of {name}",
                    write_one_of(value, list(dimension.levels)),
                    f"evidence-unknown-{name}",
                )
                yield draft.in_case(f"estimand.{DIMENSIONS[name]}", value, fault)


def population_known(draft: Draft) -> Iterator[Problem]:
    """Each figure of people at risk is for a declared area, stands once per date, and names known reports."""
    points = Counter((point.area, point.date) for point in draft.case.population)
    for (area, date), times in points.items():
        if times > 1:
            fault = (
                f"{times} figures for {plain(area)} on this date",
                "keep one of them",
                "evidence-duplicate-population",
            )
            yield draft.in_case("population.date", date, fault)
    for point in draft.case.population:
        levels = draft.dimension["area"].levels if "area" in draft.dimension else {point.area: ""}
        if point.area not in levels:
            fault = ("not an area of this case", write_one_of(point.area, list(levels)), "evidence-unknown-area")
            yield draft.in_case("population.area", point.area, fault)
        yield from _reports_known(draft, "population.reports", point.reports)


def incidents_known(draft: Draft) -> Iterator[Problem]:
    """Each incident stands once and names declared actors, a declared area and known reports."""
    names = Counter(incident.incident for incident in draft.case.incidents)
    for name, times in names.items():
        if times > 1:
            fault = (
                f"{times} incidents have this identifier",
                "give each one of its own",
                "evidence-duplicate-incident",
            )
            yield draft.in_case("incidents.incident", name, fault)
    for incident in draft.case.incidents:
        place = f"incidents.{incident.incident}"
        for dimension, values in (("actor", tuple(incident.actors)), ("area", (incident.area,))):
            levels = draft.dimension[dimension].levels if dimension in draft.dimension else dict.fromkeys(values)
            for value in values:
                if value not in levels:
                    fault = (
                        f"not a level of {dimension}",
                        write_one_of(value, list(levels)),
                        f"evidence-unknown-{dimension}",
                    )
                    yield draft.in_case(f"{place}.{'actors' if dimension == 'actor' else 'area'}", value, fault)
        yield from _reports_known(draft, f"{place}.reports", incident.reports)


def _reports_known(draft: Draft, field: str, names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        if name not in draft.known_reports:
            fault = (
                "no report has this identifier",
                write_one_of(name, draft.report_choices),
                "evidence-unknown-report",
            )
            yield draft.in_case(field, name, fault)


def contested_known(draft: Draft) -> Iterator[Problem]:
    """A probability of being right is given only for reports whose attribution is contested."""
    yield from _reports_known(draft, "contested", tuple(draft.case.contested))
    for name in draft.case.contested:
        report = draft.report.get(name)
        if report and report.attribution != "contested":
            hint = "write contested in the attribution of the report, or delete this entry"
            yield draft.in_case(
                "contested",
                name,
                (f"the attribution of this report is {report.attribution}", hint, "evidence-not-contested"),
            )
