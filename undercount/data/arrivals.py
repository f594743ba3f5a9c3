"""Files that arrive for a case that is known already: rows of reports or sources, or a case file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from undercount.data.assembly import all_problems
from undercount.data.case_file import CASE_FILE, read_case_file
from undercount.data.cells import Parsed, parse_reports, parse_sources
from undercount.data.draft import REPORT_FILE, SOURCE_FILE
from undercount.data.files import read_table, read_text
from undercount.data.problems import Problem, raise_problems
from undercount.data.schema import NEEDED_SOURCE_COLUMNS, REPORT_COLUMNS, SOURCE_COLUMNS, Case, Report, Source


@dataclass(frozen=True)
class Arrival:
    """What stands in one file; all but one of the three are empty."""

    path: Path
    case: Case | None = None
    sources: Parsed[Source] | None = None
    reports: Parsed[Report] | None = None


def files_of_case(folder: Path) -> tuple[Path, ...]:
    """The files of a case folder that hold evidence."""
    return tuple(folder / name for name in (CASE_FILE, SOURCE_FILE, REPORT_FILE))


def read_arrival(path: Path) -> Arrival:
    """Read a file: a ``.toml`` as a case, a csv by its columns as reports or as sources.

    Raises
    ------
    EvidenceError
        If it is none of them, or a row cannot be read; one error that lists every problem.
    """
    if path.suffix == ".toml":
        case, problems = read_case_file(path)
        if problems:
            raise_problems(problems)
        return Arrival(path, case=case)
    columns = _columns(path)
    if "report" in columns:
        reports = parse_reports(read_table(path, REPORT_COLUMNS, REPORT_COLUMNS))
        return Arrival(path, reports=_sound(reports))
    if {"source", "kind"} <= {*columns}:
        table = read_table(path, SOURCE_COLUMNS, NEEDED_SOURCE_COLUMNS)
        return Arrival(path, sources=_sound(parse_sources(table)))
    return _refuse(path)


def _refuse(path: Path) -> NoReturn:
    hint = "give a csv with the columns of reports.csv or of sources.csv, or a case.toml"
    rule = "neither reports nor sources: it has no column report, and not both source and kind"
    raise_problems([Problem(path.name, 1, None, "", "", rule, hint, "evidence-unknown-file")])


def _columns(path: Path) -> list[str]:
    text = read_text(path)
    if isinstance(text, Problem):
        raise_problems([text])
    return next(csv.reader([text.partition("\n")[0]]), [])


def _sound[R: (Report, Source)](parsed: Parsed[R]) -> Parsed[R]:
    if parsed.problems:
        raise_problems(parsed.problems)
    return parsed


def problems_together(
    case: Case, known: tuple[Sequence[Source], Sequence[Report]], arrivals: Iterable[Arrival]
) -> list[Problem]:
    """What is wrong with a case, what is known of it, and what arrives, taken together.

    Parameters
    ----------
    case : Case
    known : tuple of sources and reports
        Those that no arrival stands for.
    arrivals : iterable of Arrival

    Returns
    -------
    list of Problem
        With the file and row of what arrived.
    """
    files = [*arrivals]
    sources = [one.sources for one in files if one.sources is not None]
    reports = [one.reports for one in files if one.reports is not None]
    found: dict[tuple[object, ...], Problem] = {}
    # The rules name one file: of several, each takes its turn, and a problem is kept with the row that it stands on.
    for number in range(max(1, len(sources), len(reports))):
        together = all_problems(case, _first(sources, number, known[0], SOURCE_FILE),
                                _first(reports, number, known[1], REPORT_FILE))  # fmt: skip
        for problem in together:
            same = (problem.report, problem.field, problem.value, problem.code)
            if same not in found or (found[same].row is None and problem.row is not None):
                found[same] = problem
    return [*found.values()]


def _first[R: (Report, Source)](parsed: Sequence[Parsed[R]], number: int, known: Sequence[R], file: str) -> Parsed[R]:
    """One table of all rows, with the row numbers of one file."""
    records: list[R] = []
    for place, one in enumerate(parsed):
        if place != number:
            records += one.records
    records += known
    if number >= len(parsed):
        return Parsed(file, tuple(records), (), frozenset(), ())
    first = parsed[number]
    return Parsed(first.file, first.records + tuple(records), first.numbers, first.names, ())
