"""Text tables: rows of cells by column name, as they come from a csv file or from a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undercount.data.problems import Problem, shown, write_one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MOST_PROBLEMS: Final = 1000
"""Rows are read on until so many of them are faulty."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, and its cells as text; an empty cell is ``""``."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text.

    Attributes
    ----------
    file : str
        The name that messages give to their origin.
    rows : tuple of Row
        Rows whose cells are known.
    problems : tuple of Problem
        What is wrong with the header or with other rows.
    complete : bool
        Whether every row was seen, so that a name which is not in the table can be called unknown.
    loose : frozenset of str
        Cells of rows that were seen but not understood: any of them may be an identifier.
    """

    file: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    loose: frozenset[str] = frozenset()


def header_problems(
    file: str, columns: Sequence[str], known: Sequence[str], required: Collection[str], row: int | None
) -> list[Problem]:
    """Compare a header with the columns that the schema knows.

    Parameters
    ----------
    file : str
        Name for messages.
    columns : sequence of str
        The header.
    known : sequence of str
        All columns of the schema, in their order.
    required : collection of str
        Those that must be there.
    row : int or None
        Line of the header.

    Returns
    -------
    list of Problem
        Missing, unknown and repeated columns.
    """

    def problem(column: str, rule: str, hint: str, code: str) -> Problem:
        return Problem(file, row, None, column, "", rule, hint, code)

    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        hint = "save it with ',' between the columns, UTF-8, and '\"' around cells that hold a comma"
        return [problem("", "the columns are not separated by ','", hint, "evidence-bad-separator")]
    absent = [name for name in known if name not in columns]
    found = [
        problem(
            name,
            f"{shown(name)} is not a column of this table",
            write_one_of(name, absent or list(known)),
            "evidence-unknown-column",
        )
        for name in dict.fromkeys(columns)
        if name not in known
    ]
    found += [
        problem(
            name,
            "the column is missing",
            f"add the column {name}; its cells may be empty where the row says nothing",
            "evidence-missing-column",
        )
        for name in absent
        if name in required
    ]
    found += [
        problem(name, f"the column stands {columns.count(name)} times", "keep one of them", "evidence-duplicate-column")
        for name in dict.fromkeys(columns)
        if name in known and columns.count(name) > 1
    ]
    return found
