"""Workbooks as spreadsheets write them: values, dates, formulas, merged cells, sheets, links."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.data.imports.broken_workbooks import changed, rows_replaced, workbook
from tests.data.imports.test_opening import cells, opened
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def saved(fill: Callable[[Worksheet], Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_values_are_what_a_spreadsheet_shows(tmp_path: Path) -> None:
    row = (
        3,
        3.0,
        0.1 + 0.2,
        1e20,
        True,
        dt.datetime(2017, 3, 17),  # noqa: DTZ001 - cells have no zone
        dt.datetime(2017, 3, 17, 14, 5),  # noqa: DTZ001 - cells have no zone
        dt.time(9, 30),
        "٣",
        "",
    )

    def fill(sheet: Worksheet) -> None:
        sheet.append(list("abcdefghij"))
        sheet.append(row)

    raw = opened(tmp_path, saved(fill), "x.xlsx")
    shown = ["3", "3", "0.3", "1e+20", "true", "2017-03-17", "2017-03-17T14:05:00", "09:30:00", "٣", None]
    assert (raw.kind, cells(raw), raw.rows.to_pylist()) == ("xlsx", [shown], [2])


def test_rows_are_those_of_the_sheet(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A2"], sheet["B2"] = "date", "killed"
        sheet["A5"], sheet["B5"] = "2017", 3
        sheet["B9"] = 4

    raw = opened(tmp_path, saved(fill), "x.xlsx")
    assert cells(raw) == [
        [None, None],
        [None, None],
        ["2017", "3"],
        [None, None],
        [None, None],
        [None, None],
        [None, "4"],
    ]
    assert raw.rows.to_pylist() == list(range(3, 10))


def test_merged_cells_group_columns(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Casualties", None, None, None])
        sheet.append([None, "Killed", None, None])
        sheet.append(["Place", "Men", "Women", "Children"])
        sheet.append(["Mosul", 1, 2, 3])
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("B2:D2")

    raw = opened(tmp_path, saved(fill), "x.xlsx")
    assert raw.columns == ("Place", "Killed / Men", "Killed / Women", "Killed / Children")
    assert raw.notes == ("1 row above the header was skipped", "the header is in rows 2 and 3")


_STRING = b'<c t="inlineStr"><is><t>%s</t></is></c>'
_HEADER = b'<row r="1">' + _STRING % b"a" + _STRING % b"b" + b"</row>"


def test_formulas_with_their_values(tmp_path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        row = b'<row r="2"><c r="A2"><f>1+2</f><v>3</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
        rows_replaced(_HEADER + row)(parts)
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")

    raw = opened(tmp_path, changed(change), "x.xlsx")
    assert cells(raw) == [["3", None]]
    assert raw.notes == ("2 cells hold formulas; the values that were stored with them were read",)


def test_a_formula_without_a_value_is_named(tmp_path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        rows_replaced(_HEADER + b'<row r="2"><c r="A2"><v>3</v></c><c r="B2"><f>A2</f></c></row>')(parts)
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")

    with pytest.raises(EvidenceError, match="cell B2 holds a formula without a value"):
        opened(tmp_path, changed(change), "x.xlsx")


def test_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first["A1"] = "Read me"
    for name in ("Data", "Hidden"):
        sheet = book.create_sheet(name)
        sheet.append(["place", "killed"])
        sheet.append([name, 3])
    book["Hidden"].sheet_state = "hidden"
    held = io.BytesIO()
    book.save(held)
    raw = opened(tmp_path, held.getvalue(), "x.xlsx")
    assert (cells(raw), raw.notes) == ([["Data", "3"]], ("sheet 'Data' of 3",))
    raw = opened(tmp_path, held.getvalue(), "x.xlsx", sheet="Hidden")
    assert (cells(raw), raw.notes) == ([["Hidden", "3"]], ("sheet 'Hidden' of 3", "the sheet is hidden"))
    with pytest.raises(EvidenceError, match="no sheet 'data'") as caught:
        opened(tmp_path, held.getvalue(), "x.xlsx", sheet="data")
    assert "did you mean Data?" in caught.value.hint


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"

    raw = opened(tmp_path, changed(change), "x.xlsx")
    assert raw.notes == ("the workbook refers to 1 other workbook; nothing was fetched",)


def test_what_the_file_format_escapes(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, workbook(("a", "b"), ("x_x000D_\ny", "_x0041_")), "x.xlsx")) == [
        ["x\r\ny", "_x0041_"]
    ]


def test_a_dimension_that_lies(tmp_path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"')
        assert b"XFD" in parts[name]

    assert len(opened(tmp_path, changed(change), "x.xlsx").table) == 1
