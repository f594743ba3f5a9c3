"""Bytes and text of files that may be anything: bounded, and with a problem instead of a traceback."""

from __future__ import annotations

import csv
import io
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from undercount.data.problems import Problem, shown
from undercount.data.tables import MOST_PROBLEMS, Row, Table, header_problems
from undercount.errors import reason_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

LARGEST_FILE: Final = 512 * 2**20
LARGEST_CASE_FILE: Final = 16 * 2**20
LONGEST_FIELD: Final = 2**20
MOST_ROWS: Final = 200_000
_STOPPED: Final = frozenset({"evidence-field-too-long", "evidence-bad-csv", "evidence-too-many-rows"})
_field_limit_lock = threading.Lock()


def read_text(path: Path, largest: int = LARGEST_FILE) -> str | Problem:
    """Read a UTF-8 file, with or without a byte order mark.

    Parameters
    ----------
    path : Path
        The file.
    largest : int
        Most bytes that it may have.

    Returns
    -------
    str or Problem
        The text, or why there is none.
    """

    def problem(rule: str, hint: str, code: str, row: int | None = None) -> Problem:
        return Problem(path.name, row, None, "", "", rule, hint, code)

    try:
        # A pipe or a device would block or never end.
        if not path.exists():
            return problem(f"there is no file {shown(str(path))}", "add the file, or mend the path", "evidence-no-file")
        if not path.is_file():
            return problem(f"{shown(str(path))} is not a file", "put a plain file in its place", "evidence-not-a-file")
        with path.open("rb") as stream:
            raw = stream.read(largest + 1)
    except (OSError, ValueError) as error:
        return problem(
            f"cannot be read: {reason_of(error)}", "check the path and its permissions", "evidence-unreadable-file"
        )
    if len(raw) > largest:
        return problem(
            f"larger than {largest // 2**20} MiB", "leave out what is not evidence", "evidence-file-too-large"
        )
    if not raw.strip():
        return problem("the file is empty", "`undercount init` writes an example", "evidence-empty-file")
    if b"\0" in raw:
        offset = raw.index(b"\0")
        rule = f"a NUL byte at byte offset {offset}: this is not a text file"
        return problem(rule, "save it as plain text in UTF-8", "evidence-nul-byte", raw.count(b"\n", 0, offset) + 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rule = f"not UTF-8 text: byte 0x{raw[error.start]:02x} at byte offset {error.start}"
        return problem(rule, "save it as UTF-8", "evidence-not-text", raw.count(b"\n", 0, error.start) + 1)


def read_table(
    path: Path, known: Sequence[str] = (), required: Collection[str] = (), most_rows: int | None = None
) -> Table:
    """Read a csv file.

    Parameters
    ----------
    path : Path
        The file.
    known : sequence of str
        The columns of the schema; empty to take any.
    required : collection of str
        Those that must be there.
    most_rows : int, optional
        How many rows are read; by default `MOST_ROWS`.

    Returns
    -------
    Table
        Rows and problems; without rows where the header is wrong.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        return Table(path.name, (), (text,), complete=False)
    most = MOST_ROWS if most_rows is None else most_rows
    loose: set[str] = set()
    rows: list[Row] = []
    problems: list[Problem] = []
    columns: list[str] | None = None
    with long_fields():
        for line, cells in _records(path.name, text, problems):
            if columns is None:
                columns = cells
                problems += header_problems(path.name, columns, known or list(dict.fromkeys(columns)), required, line)
                if problems:
                    return Table(path.name, (), tuple(problems), complete=False)
            elif len(cells) != len(columns):
                problems.append(_wrong_width(path.name, line, cells, columns))
                loose.update(cells)
            else:
                rows.append(Row(line, dict(zip(columns, cells, strict=True))))
            if len(rows) > most:
                problems.append(_too_long(path.name, line, most))
            if len(rows) > most or len(problems) >= MOST_PROBLEMS:
                break
    complete = len(problems) < MOST_PROBLEMS and not any(problem.code in _STOPPED for problem in problems)
    return Table(path.name, tuple(rows), tuple(problems), complete, frozenset(loose))


def _records(file: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            rule, code = f"a field is longer than {LONGEST_FIELD:,} characters", "evidence-field-too-long"
            hint = "shorten it, or close the quotation mark that is still open"
        else:
            rule, code = f"not a well-formed csv row: {error}", "evidence-bad-csv"
            hint = "close every '\"', and write '\"\"' for a quotation mark inside a quoted cell"
        problems.append(Problem(file, line, None, "", "", rule, hint, code))


def _too_long(file: str, line: int, most: int) -> Problem:
    hint = "leave out what is not evidence on this case"
    return Problem(file, line, None, "", "", f"more than {most:,} rows", hint, "evidence-too-many-rows")


def _wrong_width(file: str, line: int, cells: list[str], columns: list[str]) -> Problem:
    many = len(cells) > len(columns)
    rule = f"the row has {len(cells)} cells, the header {len(columns)}"
    hint = "put '\"' around a cell that holds a comma" if many else "add the missing cells, even if they are empty"
    code = "evidence-too-many-cells" if many else "evidence-too-few-cells"
    start = ",".join(cells[:3])[:80]
    return Problem(file, line, cells[0] or None, "", start, rule, hint, code)


@contextmanager
def long_fields() -> Iterator[None]:
    """Let the csv module read fields of up to `LONGEST_FIELD` characters."""
    # The limit of the csv module is one for the whole process.
    with _field_limit_lock:
        before = csv.field_size_limit(LONGEST_FIELD)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows of text as csv, UTF-8, one line feed after each row."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)
