"""An export as a spreadsheet: one sheet a table, cells of text that are text, no formula and no link."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from undercount.report.charts.page import BANNER
from undercount.report.exports.about import about_table, dictionary
from undercount.report.exports.tables import LONGEST, Filled
from undercount.report.text import count, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from undercount.report.exports.about import Exported
    from undercount.report.exports.tables import Cell

MOST_ROWS: Final = 1_048_570
"""Of a sheet; a table that is longer is left out, and `about` says so."""
_CREATED: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the same estimate gives the same bytes
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_NUMBERS: Final = {"day": "yyyy-mm-dd", "whole": "0", "number": "#,##0.0##", "text": "@", "flag": "@"}
_PERSONS: Final = "#,##0"
_WIDEST: Final = 60


def write_xlsx(estimate: Exported, tables: Sequence[Filled], path: Path) -> None:
    """Write tables as the sheets of one file.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate
        Where its gates failed, every sheet says so above its columns.
    tables : sequence of Filled
        The sheets `about` and `columns` are put before them.
    path : Path
    """
    import xlsxwriter

    taken = [table for table in tables if len(table.rows) <= MOST_ROWS]
    left = [table.layout.name for table in tables if len(table.rows) > MOST_ROWS]
    first = about_table(estimate)
    if left:
        words = f"{', '.join(left)}: more than the {count(MOST_ROWS)} rows of a sheet; csv and parquet hold them"
        first = Filled(first.layout, [*first.rows, ("left out", words)])
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties({"title": visible(estimate.title), "created": _CREATED})
        for table in (first, dictionary(taken), *taken):
            _Sheet(book, table, is_failed=not estimate.check().passed).write()


class _Sheet:
    """One sheet, written row by row."""

    def __init__(self, book: Workbook, table: Filled, *, is_failed: bool) -> None:
        self.table, self.is_failed = table, is_failed
        self.sheet: Worksheet = book.add_worksheet(table.layout.name)
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.banner = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#B00020"})
        is_first = table.layout.name == "about"
        looks: dict[str, Any] = {"text_wrap": True, "valign": "top"} if is_first else {}
        self.formats = [book.add_format({"num_format": _number(column), **looks}) for column in table.layout.columns]

    def write(self) -> None:
        layout, top = self.table.layout, int(self.is_failed)
        self._dress(top)
        if self.is_failed:
            self.sheet.write_string(0, 0, BANNER, self.banner)
        for place, name in enumerate(layout.names):
            self.sheet.write_string(top, place, visible(name, LONGEST), self.head)
        for number, row in enumerate(self.table.rows, start=top + 1):
            for place, value in enumerate(row):
                self._put(number, place, value, self.formats[place])

    def _dress(self, top: int) -> None:
        layout, rows = self.table.layout, self.table.rows
        if self.is_failed:
            self.sheet.set_tab_color("#B00020")
        self.sheet.freeze_panes(top + 1, 0)
        if rows:
            self.sheet.autofilter(top, 0, top + len(rows), len(layout.columns) - 1)
        for place, column in enumerate(layout.columns):
            longest = max((len(str(row[place])) for row in rows[:50] if row[place] is not None), default=0)
            width = longest if column.kind == "text" else 11
            self.sheet.set_column(place, place, min(max(width, len(column.name)) + 2, _WIDEST))

    def _put(self, row: int, column: int, value: Cell, look: Format) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self.sheet.write_string(row, column, "yes" if value else "no", look)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, visible(value, LONGEST), look)
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, look)
        else:
            self.sheet.write_number(row, column, value, look)


def _number(column: Any) -> str:
    """How a spreadsheet shows the figures of a column: persons whole, ratios with decimals."""
    return _PERSONS if column.unit == "persons" else _NUMBERS[column.kind]
