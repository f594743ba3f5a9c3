"""Cases on disk: a folder with `case.toml`, `reports.csv` and `sources.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.data.assembly import all_problems
from undercount.data.case_file import CASE_FILE, read_case_file
from undercount.data.cells import parse_reports, parse_sources
from undercount.data.draft import REPORT_FILE, SOURCE_FILE
from undercount.data.evidence import Evidence
from undercount.data.files import read_table
from undercount.data.problems import Problem, raise_problems, shown
from undercount.data.schema import NEEDED_SOURCE_COLUMNS, REPORT_COLUMNS, SOURCE_COLUMNS

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from undercount.data.schema import Case, Report, Source

VALIDATION_FILE: Final = "validation.csv"


@dataclass(frozen=True, slots=True)
class _Folder:
    case: Case | None
    sources: tuple[Source, ...]
    reports: tuple[Report, ...]
    validation: tuple[Mapping[str, str], ...]
    problems: tuple[Problem, ...]


def read_case(folder: str | os.PathLike[str]) -> Evidence:
    """Read and validate the evidence in a folder.

    Parameters
    ----------
    folder : path
        Holds ``case.toml``, ``reports.csv``, ``sources.csv`` and, if there is one, ``validation.csv``: totals
        to hold an estimate against, which are no evidence and enter neither the estimate nor the hash.

    Returns
    -------
    Evidence
        Frozen and valid.

    Raises
    ------
    EvidenceError
        If anything is wrong; one error that lists every problem.
    """
    read = _read(Path(folder))
    if read.case is None or read.problems:
        raise_problems(read.problems)
    return Evidence(case=read.case, sources=read.sources, reports=read.reports, validation=read.validation)


def check_case(folder: str | os.PathLike[str]) -> list[Problem]:
    """Find everything that is wrong with the evidence in a folder.

    Parameters
    ----------
    folder : path
        As for `read_case`.

    Returns
    -------
    list of Problem
        Empty where `read_case` succeeds.
    """
    return list(_read(Path(folder)).problems)


def _read(folder: Path) -> _Folder:
    fault = _folder_problem(folder)
    if fault:
        return _Folder(None, (), (), (), (fault,))
    case, problems = read_case_file(folder / CASE_FILE)
    # A file is an archive: a column that got lost on the way would change what the evidence says.
    sources = parse_sources(read_table(folder / SOURCE_FILE, SOURCE_COLUMNS, NEEDED_SOURCE_COLUMNS))
    reports = parse_reports(read_table(folder / REPORT_FILE, REPORT_COLUMNS, REPORT_COLUMNS))
    problems += all_problems(case, sources, reports)
    validation: tuple[Mapping[str, str], ...] = ()
    if (folder / VALIDATION_FILE).exists():
        table = read_table(folder / VALIDATION_FILE)
        problems += table.problems
        validation = tuple(row.cells for row in table.rows)
    return _Folder(case, sources.records, reports.records, validation, tuple(problems))


def _folder_problem(folder: Path) -> Problem | None:
    try:
        exists, is_folder = folder.exists(), folder.is_dir()
    except (OSError, ValueError):
        exists = is_folder = False
    if is_folder:
        return None
    if exists:
        hint, code = "give the folder that holds case.toml, reports.csv and sources.csv", "evidence-not-a-folder"
        return Problem(shown(str(folder)), None, None, "", "", "this is not a folder", hint, code)
    hint = "mend the path, or write a new case with `undercount init`"
    return Problem(shown(str(folder)), None, None, "", "", "there is no such folder", hint, "evidence-no-folder")
