"""Records of victims out of a file, with their names in one form. What is said of a file never holds a cell of it."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from undercount.data.files import read_table
from undercount.data.lists.places import ColumnProblem, name_fault
from undercount.data.matching.names import normalised
from undercount.data.matching.units import MOST_SOURCES
from undercount.data.problems import Problem, raise_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from undercount.data.tables import Table

NEEDED: Final = ("name", "list")
MOST_ROWS: Final = 500_000
MOST_PROBLEMS: Final = 20
OLDEST: Final = 120
_SEXES: Final = {"f": "f", "female": "f", "woman": "f", "girl": "f", "m": "m", "male": "m", "man": "m", "boy": "m",
                 "أنثى": "f", "انثى": "f", "ذكر": "m"}  # fmt: skip
_AGE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")


@dataclass(frozen=True, eq=False, repr=False)
class Persons:
    """Records of victims, sorted by list and by what they say: the order of the file does not matter.

    Parameters
    ----------
    sources : tuple of str
        The lists, sorted.
    source : ndarray of int64, shape (records,)
        Place of the list.
    names, places, sexes : sequence of str
        In one form; empty where it is not known.
    ages, days : ndarray, shape (records,)
        Years, and days since 1970-01-01; NaN where it is not known.
    told : tuple of bytes
        All that each record says, for its key; no two are alike.
    """

    sources: tuple[str, ...]
    source: NDArray[np.int64]
    names: Sequence[str]
    places: Sequence[str]
    sexes: Sequence[str]
    ages: NDArray[np.float64]
    days: NDArray[np.float64]
    told: tuple[bytes, ...]

    def __reduce__(self) -> NoReturn:
        raise TypeError("records with names are not pickled")


class _Fault(Exception):  # noqa: N818 - it never leaves this module
    """A cell that cannot be read: column, rule and hint."""


def persons_of(path: Path) -> Persons:
    """Read the records of a file.

    Raises
    ------
    InvalidEvidenceError
        If anything is wrong; it names rows and columns, and no cell.
    """
    table = read_table(path, most_rows=MOST_ROWS)
    if table.problems:
        raise_problems(map(_discreet, table.problems))
    if problems := list(missing_columns(table, NEEDED, "import-bad-victims")):
        raise_problems(problems)
    rows = []
    for row in table.rows:
        try:
            rows.append(_person(row.cells))
        except _Fault as fault:
            column, rule, hint = fault.args
            problems.append(ColumnProblem(table.file, row.number, None, column, "", rule, hint, "import-bad-victims"))
        if len(problems) >= MOST_PROBLEMS:
            break
    problems += [] if problems else _lists_problems(table.file, {row[0] for row in rows})
    if problems:
        raise_problems(problems)
    return _sorted(rows)


def missing_columns(table: Table, needed: Sequence[str], code: str) -> Iterator[Problem]:
    """Tell which columns a table lacks, without the names of those that it has."""
    found = table.rows[0].cells if table.rows else {}
    for name in needed:
        if name not in found:
            rule, hint = "the column is missing, or there is no row", f"give the columns {', '.join(needed)}"
            yield ColumnProblem(table.file, None, None, name, "", rule, hint, code)


def _discreet(problem: Problem) -> Problem:
    """Say a fault of a file without its cells, which may be names."""
    rule = problem.rule if problem.code != "evidence-bad-csv" else "not a well-formed csv row"
    return ColumnProblem(problem.file, problem.row, None, "", "", rule, problem.hint, problem.code)


def _lists_problems(file: str, lists: set[str]) -> Iterator[Problem]:
    if not 2 <= len(lists) <= MOST_SOURCES:
        rule, hint = f"{len(lists)} lists", f"link the records of 2 to {MOST_SOURCES} lists"
        yield ColumnProblem(file, None, None, "list", "", rule, hint, "import-bad-victims")


def _person(cells: Mapping[str, str]) -> tuple[Any, ...]:
    """List, name, sex, place, age and day of a record."""
    source, name = cells["list"].strip(), normalised(cells["name"])
    if not source or name_fault(source):
        raise _Fault("list", "not a name of a list", "write a short name of the list, without control characters")
    if not name:
        raise _Fault("name", "no name", "leave the row out: without a name it cannot be linked")
    sex = cells.get("sex", "").strip().casefold()
    if sex and sex not in _SEXES:
        raise _Fault("sex", "neither female nor male", "write f, m or nothing")
    return source, name, _SEXES.get(sex, ""), normalised(cells.get("place", "")), _age(cells), _day(cells)


def _age(cells: Mapping[str, str]) -> float:
    text = cells.get("age", "").strip()
    if not text:
        return math.nan
    if not _AGE.fullmatch(text) or float(text) > OLDEST:
        raise _Fault("age", "not an age in years", f"write a number up to {OLDEST}, or nothing")
    return float(text)


def _day(cells: Mapping[str, str]) -> float:
    text = cells.get("date", "").strip()
    if not text:
        return math.nan
    try:
        return float((date.fromisoformat(text) - date(1970, 1, 1)).days)
    except ValueError:
        pass
    # Outside of the handler: the error at hand would repeat the cell.
    raise _Fault("date", "not a day", "write it as YYYY-MM-DD, or nothing")


def _sorted(rows: list[tuple[Any, ...]]) -> Persons:
    rows = sorted(rows, key=lambda row: tuple(map(str, row)))
    sources = tuple(sorted({row[0] for row in rows}))
    again: Counter[tuple[str, ...]] = Counter()
    told = []
    for row in rows:
        key = tuple(map(str, row))
        again[key] += 1
        told.append("\0".join([*key, str(again[key])]).encode())
    columns = [list(column) for column in zip(*rows, strict=True)]
    return Persons(
        sources=sources, source=np.array([sources.index(one) for one in columns[0]], dtype=np.int64),
        names=columns[1], sexes=columns[2], places=columns[3], ages=np.array(columns[4], dtype=np.float64),
        days=np.array(columns[5], dtype=np.float64), told=tuple(told),
    )  # fmt: skip
