"""Sheets of .xlsx workbooks: values as a spreadsheet shows them, and no formula without its value."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.files import LONGEST_FIELD
from undercount.data.imports import limits
from undercount.data.imports.contents import most_unpacked
from undercount.data.imports.headers import SEEN, Cells, find_header
from undercount.data.imports.limits import refusal
from undercount.data.imports.raw import Body
from undercount.data.imports.workbook_parts import look_through
from undercount.data.problems import plain, shown, write_one_of

if TYPE_CHECKING:
    import pyarrow as pa
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from undercount.data.imports.contents import Content
    from undercount.data.imports.headers import Header
    from undercount.data.imports.workbook_parts import Parts

_CHUNK: Final = 200_000
_SHOWN_DIGITS: Final = 15
_ESCAPED: Final = re.compile(r"_x00([01][0-9A-Fa-f])_")
_MIDNIGHT: Final = time()
_BROKEN: Final = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl raises over a workbook that is not as it should be."""


def read_workbook(content: Content, asked: str | None) -> Body:
    """Read a sheet.

    Parameters
    ----------
    content : Content
        The workbook.
    asked : str or None
        Name of the sheet; by default the only visible one that holds a table.

    Returns
    -------
    Body
        Dates as YYYY-MM-DD, whole numbers without a point, at most 15 digits, as a spreadsheet has them.

    Raises
    ------
    EvidenceError
        If the workbook is damaged or passes a limit, the sheet is not clear, or a formula has no value.
    """
    parts = look_through(content)
    with _opened(content, data_only=True) as book:
        sheet, notes = _sheet(content, book, asked)
        formulas = _formulas(content, sheet, parts)
        table = _Reader(content, sheet, parts).read()
    if parts.links:
        others = f"{parts.links} other workbook{'s' if parts.links > 1 else ''}"
        notes.append(f"the workbook refers to {others}; nothing was fetched")
    if formulas:
        notes.append(f"{formulas:,} cells hold formulas; the values that were stored with them were read")
    return table._replace(notes=(*notes, *table.notes))


@contextmanager
def _opened(content: Content, *, data_only: bool) -> Iterator[Workbook]:
    from openpyxl import load_workbook

    with content.opened() as stream, warnings.catch_warnings():
        # What openpyxl leaves out of a workbook (formats, extensions) is not read anyway.
        warnings.simplefilter("ignore")
        book = None
        try:
            book = load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
            yield book
        except _BROKEN as error:
            hint = "open it in a spreadsheet and save it again, or export the sheet as csv"
            message = f"the workbook cannot be read: {type(error).__name__}"
            raise refusal(content.file, message, hint, "damaged-workbook") from None
        finally:
            if book is not None:
                book.close()


def _sheet(content: Content, book: Workbook, asked: str | None) -> tuple[ReadOnlyWorksheet, list[str]]:
    sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
    names = list(sheets)
    if asked is not None:
        if asked not in sheets:
            raise refusal(content.file, f"no sheet {shown(asked)}", write_one_of(asked, names), "unknown-sheet")
        chosen = asked
    else:
        tables = [name for name in names if sheets[name].sheet_state == "visible" and _holds_table(sheets[name])]
        if not tables:
            raise refusal(content.file, "no visible sheet holds a table", "name the sheet", "no-table")
        if len(tables) > 1:
            listed = ", ".join(map(plain, tables[:12]))
            message = f"{len(tables)} sheets hold a table: {listed}"
            raise refusal(content.file, message, "name one with sheet= (--sheet)", "many-tables")
        chosen = tables[0]
    notes = [f"sheet {plain(chosen)!r} of {len(names)}"] if len(names) > 1 else []
    if sheets[chosen].sheet_state != "visible":
        notes.append("the sheet is hidden")
    return sheets[chosen], notes


def _holds_table(sheet: ReadOnlyWorksheet) -> bool:
    return any(sum(cell is not None for cell in cells) > 1 for cells in islice(_rows(sheet), SEEN))


def _rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    # The size that a sheet says it has may be anything.
    sheet.reset_dimensions()
    rows: Iterator[tuple[object, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _formulas(content: Content, sheet: Any, parts: Parts) -> int:
    """Count the cells with a formula, each of which must have a value."""
    part = sheet._worksheet_path
    if part not in parts.formulas:
        return 0
    if parts.is_recalculated:
        message = "its formulas are to be computed when it is opened, and were not yet"
        raise refusal(content.file, message, "open it in a spreadsheet, and save it", "formula-without-value")
    count = 0
    with _opened(content, data_only=False) as book:
        written: Any = book[sheet.title]
        written.reset_dimensions()
        sheet.reset_dimensions()
        for formulas, values in zip(written.iter_rows(), sheet.iter_rows(), strict=True):
            for formula, value in zip(formulas, values, strict=True):
                if formula.data_type != "f":
                    continue
                count += 1
                # A formula may give an empty text; its cell then says so.
                if value.value is None and value.data_type != "str":
                    message = f"cell {formula.coordinate} holds a formula without a value"
                    hint = "open it in a spreadsheet and save it, so that values are stored"
                    raise refusal(content.file, message, hint, "formula-without-value", formula.row)
    return count


class _Reader:
    def __init__(self, content: Content, sheet: Any, parts: Parts) -> None:
        self._content, self._sheet = content, sheet
        self._merged = parts.merged.get(sheet._worksheet_path, [])
        self._left = most_unpacked(content.size)

    def read(self) -> Body:
        rows = (self._texts(number, cells) for number, cells in enumerate(_rows(self._sheet), start=1))
        first = list(islice(rows, SEEN))
        numbers = list(range(1, len(first) + 1))
        width = max(map(len, first), default=0)
        first = [cells + (None,) * (width - len(cells)) for cells in first]
        header = find_header(self._content.file, first, numbers, self._grouped(first))
        table = self._table(header, first, rows)
        lines = np.arange(len(table), dtype=np.int64) + header.data + 1
        return Body(header.columns, header.unnamed, table, lines, header.notes(numbers))

    def _grouped(self, rows: list[Cells]) -> frozenset[int]:
        """Rows in which a merged cell stands above some of the columns; above all of them it is a title."""
        found = set()
        for row, first, last in self._merged:
            cells = rows[row - 1] if row <= len(rows) else ()
            filled = sum(cell is not None for cell in cells)
            if (first > 1 or filled > 1) and last - first + 1 < len(cells):
                found.add(row - 1)
        return frozenset(found)

    def _table(self, header: Header, first: list[Cells], rows: Iterator[Cells]) -> pa.Table:
        import pyarrow as pa

        width = len(header.columns)
        held, parts, count = first[header.data :], [], 0
        most = max(1, _CHUNK // width)
        for number, cells in enumerate(rows, start=len(first) + 1):
            if len(cells) > width and any(cell is not None for cell in cells[width:]):
                hint = "name the column in the header, or clear the cell"
                raise refusal(self._content.file, "a cell stands beyond the last column", hint, "ragged-row", number)
            held.append(cells[:width] + (None,) * (width - len(cells)))
            if len(held) >= most:
                count += len(held)
                if count * width > limits.MOST_CELLS:
                    message = f"more than {limits.MOST_CELLS:,} cells"
                    raise refusal(self._content.file, message, "leave out columns", "too-many-cells", number)
                parts.append(_texts_table(held, width))
                held = []
        return pa.concat_tables([*parts, _texts_table(held, width)])

    def _texts(self, number: int, cells: tuple[object, ...]) -> Cells:
        found = tuple(map(_text, cells))
        while found and found[-1] is None:
            found = found[:-1] if found[-2:-1] != (None,) else _trimmed(found)
        if len(found) > limits.MOST_COLUMNS:
            message = f"more than {limits.MOST_COLUMNS:,} columns"
            raise refusal(self._content.file, message, "leave out columns", "too-many-columns", number)
        longest = 0
        for text in found:
            if text is not None:
                longest = max(longest, len(text))
                self._left -= len(text)
        if longest > LONGEST_FIELD:
            message = f"a cell is longer than {LONGEST_FIELD:,} characters"
            raise refusal(self._content.file, message, "shorten it", "cell-too-long", number)
        if self._left < 0:
            message = "the texts of its cells take far more than the file"
            raise refusal(self._content.file, message, "export the sheet as csv", "archive-too-large", number)
        return found


def _trimmed(cells: Cells) -> Cells:
    last = max((place for place, cell in enumerate(cells) if cell is not None), default=-1)
    return cells[: last + 1]


def _texts_table(rows: list[Cells], width: int) -> pa.Table:
    import pyarrow as pa

    columns = zip(*rows, strict=True) if rows else [()] * width
    return pa.Table.from_arrays(
        [pa.array(column, pa.string()) for column in columns], names=list(map(str, range(width)))
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) or None if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.{_SHOWN_DIGITS}g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)
