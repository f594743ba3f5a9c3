"""From rows to tables: patterns are counted, and rows that do not fit together are named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.frames import LARGEST_WHOLE
from undercount.data.lists.columns import DEFAULT_COUNT, roles
from undercount.data.lists.places import ColumnProblem
from undercount.data.lists.rows import MOST_ALIKE, read_rows
from undercount.data.lists.table import Table
from undercount.data.problems import plain, raise_problems
from undercount.data.tables import MOST_PROBLEMS

if TYPE_CHECKING:
    from undercount.data.lists.columns import Columns, Layout, Roles
    from undercount.data.lists.rows import Rows, Whole
    from undercount.data.problems import Problem

MOST_CELLS: Final = 2**27
"""One GiB of counts."""


def assembled(columns: Columns, layout: Layout) -> tuple[Table, ...]:
    """Count the patterns of all rows.

    Parameters
    ----------
    columns : Columns
    layout : Layout

    Returns
    -------
    tuple of Table
        One for each stratum and replicate.

    Raises
    ------
    InvalidEvidenceError
        If anything is wrong; it lists every problem by column and row.
    """
    found = roles(columns, layout)
    rows, problems = read_rows(columns, found)
    problems += _unlisted(columns, rows)
    if found.count is not None and not layout.aggregate:
        problems += _repeated(columns, rows)
    if not problems:
        problems += _uncounted(columns, rows, found, layout)
        problems += _tables_faults(columns, rows, found)
    if problems:
        raise_problems(islice(problems, MOST_PROBLEMS))
    return _tables(rows)


def _uncounted(columns: Columns, rows: Rows, found: Roles, layout: Layout) -> Iterator[Problem]:
    """A table of patterns whose counts have another name would pass for a few records."""
    asked = {found.stratum, found.replicate, *found.lists}
    ignored = [name for name in dict.fromkeys(columns.names) if name not in asked]
    if layout.count == DEFAULT_COUNT and found.count is None and ignored and len(_again(rows)[0]) == 0:
        rule = "no pattern stands twice, as in a table of counts, but no column of counts is named"
        hint = f"write count=... if one of these holds the counts: {', '.join(map(plain, ignored[:12]))}; or count=None"
        yield ColumnProblem(columns.file, None, None, "", "", rule, hint, "lists-which-count")


def _unlisted(columns: Columns, rows: Rows) -> Iterator[Problem]:
    hint = "leave the row out: how many victims are on no list is what is asked for"
    found = np.flatnonzero((rows.patterns == 0) & rows.sound).tolist()
    yield from _row_problems(columns, found, "the row is on no list", hint, "lists-unlisted")


def _repeated(columns: Columns, rows: Rows) -> Iterator[Problem]:
    again, origin = _again(rows)
    hint = "let each pattern stand once; aggregate=True adds up the counts of rows with one pattern"
    for row in again[:MOST_ALIKE]:
        rule = f"the pattern {pattern_text(rows, row)} stands in row {columns.numbers[origin[row]]} already"
        yield from _row_problems(columns, [row], rule, hint, "lists-duplicate-pattern")
    if len(again) > MOST_ALIKE:
        rule = f"patterns stand twice, in {len(again) - MOST_ALIKE:,} more rows"
        yield ColumnProblem(columns.file, None, None, "", "", rule, hint, "lists-duplicate-pattern")


def _again(rows: Rows) -> tuple[list[int], Whole]:
    """Rows whose pattern stood in their table before, and for every row where it stood first."""
    key = np.where(rows.sound, rows.table * 2 ** len(rows.lists) + rows.patterns, -1)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    origin = first[place]
    return np.flatnonzero(rows.sound & (rows.patterns > 0) & (origin != np.arange(len(key)))).tolist(), origin


def pattern_text(rows: Rows, row: int) -> str:
    """Write the lists that a row is on, such as ``(EXH, HRW)``."""
    names = [plain(name) for bit, name in enumerate(rows.lists) if rows.patterns[row] >> bit & 1]
    return f"({', '.join(names)})"


def _row_problems(columns: Columns, rows: list[int], rule: str, hint: str, code: str) -> Iterator[Problem]:
    for row in rows[:MOST_ALIKE]:
        yield ColumnProblem(columns.file, columns.numbers[row], None, "", "", rule, hint, code)
    if len(rows) > MOST_ALIKE:
        more = f"{rule}, {len(rows) - MOST_ALIKE:,} more times"
        yield ColumnProblem(columns.file, None, None, "", "", more, hint, code)


def _tables_faults(columns: Columns, rows: Rows, found: Roles) -> Iterator[Problem]:
    def problem(column: str | None, rule: str, hint: str, code: str) -> Problem:
        return ColumnProblem(columns.file, None, None, column or "", "", rule, hint, code)

    tables, cells = len(rows.strata) * len(rows.replicates), 2 ** len(rows.lists)
    if tables * cells > MOST_CELLS:
        rule = f"{tables:,} tables of {cells:,} patterns are more than can be held"
        yield problem("", rule, "read fewer strata, replicates or lists at once", "lists-too-large")
        return
    totals = np.bincount(rows.table, rows.counts, tables)
    if totals.max() > LARGEST_WHOLE:
        hint = "write how many victims have each pattern"
        yield problem(found.count, f"more than {LARGEST_WHOLE:,} victims", hint, "lists-bad-count")
    if len(rows.strata) > 1 and totals.max() <= 1:
        rule = f"each of the {len(rows.strata):,} strata holds one victim: the column tells victims apart"
        hint = "name a column that many victims share, such as year or region"
        yield problem(found.stratum, rule, hint, "lists-stratum-of-one")
        return
    missing = np.flatnonzero(np.bincount(rows.table, minlength=tables) == 0).tolist()
    for table in missing[:MOST_PROBLEMS]:
        stratum, replicate = divmod(table, len(rows.replicates))
        rule = f"replicate {rows.replicates[replicate]} has no row of stratum {plain(rows.strata[stratum])}"
        hint = "give all replicates the same strata: leave the stratum out, or add a row of it with count 0"
        yield problem(found.replicate, rule, hint, "lists-missing-replicate")


def _tables(rows: Rows) -> tuple[Table, ...]:
    cells = 2 ** len(rows.lists)
    tables = len(rows.strata) * len(rows.replicates)
    counts: Whole = np.zeros((tables, cells), dtype=np.int64)
    np.add.at(counts, (rows.table, rows.patterns), rows.counts)
    replicates = len(rows.replicates)
    return tuple(
        Table(rows.strata[place // replicates], place % replicates, rows.lists, counts[place])
        for place in range(tables)
    )
