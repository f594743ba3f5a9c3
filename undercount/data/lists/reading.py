"""Lists on disk: a csv or Parquet file with a column of 0 and 1 for each list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.files import LARGEST_FILE, read_table
from undercount.data.lists.assembly import assembled
from undercount.data.lists.collection import Lists
from undercount.data.lists.columns import DEFAULT_COUNT, Columns, Layout, from_frame, objects
from undercount.data.lists.places import ColumnProblem
from undercount.data.problems import raise_problems

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.problems import Problem

MOST_ROWS: Final = 2**24
MOST_CSV_ROWS: Final = 1_000_000
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_WORDS: Final = {
    "": None,
    "NA": None,
    "NaN": None,
    "nan": None,
    "TRUE": True,
    "True": True,
    "true": True,
    "FALSE": False,
    "False": False,
    "false": False,
}


def read_lists(
    path: str | os.PathLike[str],
    count: str | None = DEFAULT_COUNT,
    stratum: str | None = None,
    replicate: str | None = None,
    lists: Sequence[str] | None = None,
    *,
    aggregate: bool = False,
) -> Lists:
    """Read lists from a file.

    Parameters
    ----------
    path : path
        A csv file (UTF-8, separated by commas, with a header) or a Parquet file.
    count, stratum, replicate, lists, aggregate
        As for `Lists.from_frame`.

    Returns
    -------
    Lists
        Named as the file is.

    Raises
    ------
    EvidenceError
        If anything is wrong; it lists every problem by column and row: of a csv file its line, of a Parquet file its
        place, counted from 0.
    """
    file = Path(path)
    layout = Layout(count, stratum, replicate, lists, aggregate)
    columns = _parquet(file) if file.suffix.lower() in {".parquet", ".pq"} else _csv(file, layout)
    return Lists(file.stem, assembled(columns, layout))


def _csv(file: Path, layout: Layout) -> Columns:
    table = read_table(file, most_rows=MOST_CSV_ROWS)
    names = tuple(table.rows[0].cells) if table.rows else ()
    repeated = [problem.field for problem in table.problems if problem.code == "evidence-duplicate-column"]
    if any(map(_NUMBER.fullmatch, (*names, *repeated))):
        hint = "let the first line name the columns"
        raise_problems(
            [_problem(file, "the first line holds numbers, not the names of columns", hint, "lists-no-header")]
        )
    if table.problems:
        raise_problems(map(_discreet, table.problems))
    kept = {layout.stratum}

    def cells(name: str) -> NDArray[Any]:
        texts = [row.cells[name] for row in table.rows]
        return objects([text or None for text in texts] if name in kept else list(map(_typed, texts)))

    return Columns(table.file, names, cells, [row.number for row in table.rows])


def _discreet(problem: Problem) -> Problem:
    """Say a fault of a file without its cells, which may be names of victims."""
    hint = (
        "write a header, and a row for each pattern or victim" if problem.code.endswith("empty-file") else problem.hint
    )
    return ColumnProblem(problem.file, problem.row, None, problem.field, "", problem.rule, hint, problem.code)


def _problem(file: Path, rule: str, hint: str, code: str) -> Problem:
    return ColumnProblem(file.name, None, None, "", "", rule, hint, code)


def _typed(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _parquet(file: Path) -> Columns:
    fault, names, rows = _parquet_extent(file)
    if fault:
        raise_problems([fault])

    def cells(name: str) -> NDArray[Any]:
        # Column by column, so that those which are no lists are not even read.
        table = _parquet_column(file, name)
        if table is None or table.column_names != [name] or len(table) != rows:
            raise_problems([_unreadable(file)])
        return from_frame(table).cells(name)

    return Columns(f"{file.name} as a frame", names, cells, range(rows))


# What pyarrow says of a file may quote it: nothing is raised while its error is at hand.
def _parquet_extent(file: Path) -> tuple[Problem | None, tuple[str, ...], int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fault: Problem | None = None
    names: tuple[str, ...] = ()
    rows = 0
    try:
        if not file.is_file():
            fault = _problem(file, "there is no such file", "mend the path", "evidence-no-file")
        elif file.stat().st_size > LARGEST_FILE:
            rule, hint = f"larger than {LARGEST_FILE // 2**20} MiB", "leave out columns that are no lists"
            fault = _problem(file, rule, hint, "evidence-file-too-large")
        else:
            with pq.ParquetFile(file) as opened:
                rows, names = opened.metadata.num_rows, tuple(opened.schema_arrow.names)
    except (OSError, ValueError, pa.ArrowException):
        fault = _unreadable(file)
    if rows > MOST_ROWS:
        fault = _problem(file, f"more than {MOST_ROWS:,} rows", "count the patterns first", "evidence-too-many-rows")
    # What pandas writes of an index that has no name is no column.
    return fault, tuple(name for name in names if not name.startswith("__index_level_")), rows


def _parquet_column(file: Path, name: str) -> pa.Table | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(file, columns=[name], page_checksum_verification=True)
    except (OSError, ValueError, pa.ArrowException):
        return None


def _unreadable(file: Path) -> Problem:
    return _problem(file, "it cannot be read as Parquet", "write it anew", "evidence-unreadable-file")
