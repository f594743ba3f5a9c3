"""From parsed tables to the list of everything that is wrong with them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.data.cells import Parsed
from undercount.data.checking import check
from undercount.data.draft import REPORT_FILE, SOURCE_FILE, Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.problems import Problem
    from undercount.data.schema import Case, Report, Source


def all_problems(case: Case | None, sources: Parsed[Source], reports: Parsed[Report]) -> list[Problem]:
    """List what is wrong with the rows, and with how they stand to each other.

    Parameters
    ----------
    case : Case or None
        None where the case itself could not be read; then rows are not held against each other.
    sources, reports : Parsed
        The two tables.

    Returns
    -------
    list of Problem
        Those of sources, then of reports, then those between rows.
    """
    found = [*sources.problems, *reports.problems]
    if case is None or not (sources.complete and reports.complete):
        return found
    rows = {id(record): number for record, number in zip(sources.records, sources.numbers, strict=False)}
    rows |= {id(record): number for record, number in zip(reports.records, reports.numbers, strict=False)}
    draft = Draft(
        case=case,
        sources=sources.records,
        reports=reports.records,
        rows=rows,
        report_names=reports.names,
        source_names=sources.names,
        report_file=reports.file,
        source_file=sources.file,
    )
    return found + check(draft)


def parsed_reports(records: Sequence[Report]) -> Parsed[Report]:
    """Take reports that exist already, as if they came from a table."""
    return Parsed(REPORT_FILE, tuple(records), (), frozenset(), ())


def parsed_sources(records: Sequence[Source]) -> Parsed[Source]:
    """Take sources that exist already, as if they came from a table."""
    return Parsed(SOURCE_FILE, tuple(records), (), frozenset(), ())
