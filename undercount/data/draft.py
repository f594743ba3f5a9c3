"""Case, sources and reports that are each valid by themselves, on their way to becoming evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from undercount.data.case_file import CASE_FILE
from undercount.data.problems import Problem
from undercount.data.schema import DIMENSIONS, Case, Dimension, Report, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

REPORT_FILE = "reports.csv"
SOURCE_FILE = "sources.csv"


@dataclass(frozen=True)
class Draft:
    """What the rules between rows look at.

    Attributes
    ----------
    case : Case
    sources : tuple of Source
    reports : tuple of Report
    rows : mapping
        ``id()`` of a record -> row number, where the records came from a table.
    report_names, source_names : frozenset of str
        Identifiers of rows that exist but could not be read; they count as known.
    report_file, source_file : str
        Names for messages.
    """

    case: Case
    sources: tuple[Source, ...]
    reports: tuple[Report, ...]
    rows: Mapping[int, int]
    report_names: frozenset[str] = frozenset()
    source_names: frozenset[str] = frozenset()
    report_file: str = REPORT_FILE
    source_file: str = SOURCE_FILE

    @cached_property
    def report(self) -> dict[str, Report]:
        """Report by identifier; the first one of each."""
        return {report.report: report for report in reversed(self.reports)}

    @cached_property
    def source(self) -> dict[str, Source]:
        """Source by identifier; the first one of each."""
        return {source.source: source for source in reversed(self.sources)}

    @cached_property
    def known_reports(self) -> frozenset[str]:
        """Every report identifier that stands in the evidence."""
        return self.report_names | self.report.keys()

    @cached_property
    def report_choices(self) -> tuple[str, ...]:
        """Every report identifier, sorted: once, not for each problem."""
        return tuple(sorted(self.known_reports))

    @cached_property
    def known_sources(self) -> frozenset[str]:
        """Every source identifier that stands in the evidence."""
        return self.source_names | self.source.keys()

    @cached_property
    def source_choices(self) -> tuple[str, ...]:
        """Every source identifier, sorted."""
        return tuple(sorted(self.known_sources))

    @cached_property
    def dimension(self) -> dict[str, Dimension]:
        """The dimensions, those of a single level that need not be declared included."""
        declared = self.case.dimensions.keys() & DIMENSIONS.keys()
        return {name: self.case.dimension(name) for name in DIMENSIONS if name in declared | {"victims", "quantity"}}

    @cached_property
    def used(self) -> tuple[Report, ...]:
        """The reports that enter the model."""
        return tuple(report for report in self.reports if report.used)

    @cached_property
    def largest_population(self) -> dict[str, int]:
        """Area -> most people at risk on any date."""
        largest: dict[str, int] = {}
        for point in self.case.population:
            largest[point.area] = max(point.people, largest.get(point.area, 0))
        return largest

    def in_report(self, report: Report, field: str, value: object, fault: tuple[str, str, str]) -> Problem:
        """Problem of a report; `fault` is rule, hint and code."""
        return self._problem(self.report_file, self.rows.get(id(report)), report.report, field, value, fault)

    def in_source(self, source: Source, field: str, value: object, fault: tuple[str, str, str]) -> Problem:
        """Problem of a source; `fault` is rule, hint and code."""
        return self._problem(self.source_file, self.rows.get(id(source)), source.source, field, value, fault)

    def in_case(self, field: str, value: object, fault: tuple[str, str, str]) -> Problem:
        """Problem of the case; `fault` is rule, hint and code."""
        return self._problem(CASE_FILE, None, None, field, value, fault)

    @staticmethod
    def _problem(
        file: str, row: int | None, name: str | None, field: str, value: object, fault: tuple[str, str, str]
    ) -> Problem:
        rule, hint, code = fault
        return Problem(file, row, name, field, "" if value is None else str(value), rule, hint, code)
