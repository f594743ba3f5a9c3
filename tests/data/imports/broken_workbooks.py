"""Workbooks that are damaged, unfinished or mean harm: how each is made, and the code of its refusal."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import xlsxwriter

from tests.data.imports.broken_texts import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.data.imports.broken_texts import Maker

SHEET = "xl/worksheets/sheet1.xml"
_LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"ha") for level in range(10)
)


def workbook(*rows: tuple[object, ...]) -> bytes:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate(rows or (("date", "killed"), ("2017-03-17", 3))):
        sheet.write_row(place, 0, row)
    book.close()
    return held.getvalue()


def changed(change: Callable[[dict[str, bytes]], None], data: bytes | None = None) -> bytes:
    """Write a workbook anew with other parts."""
    with zipfile.ZipFile(io.BytesIO(data or workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return held.getvalue()


def _made(change: Callable[[dict[str, bytes]], None], data: bytes | None = None) -> Maker:
    def make(folder: Path) -> Path:
        return text(changed(change, data), "incidents.xlsx")(folder)

    return make


def rows_replaced(rows: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts[SHEET] = re.sub(
            rb"<sheetData>.*</sheetData>", b"<sheetData>" + rows + b"</sheetData>", parts[SHEET], flags=re.S
        )

    return change


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def _put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        parts[name] = data

    return change


def _entities(declared: bytes, used: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        rows_replaced(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + used + b"</t></is></c></row>")(parts)
        parts[SHEET] = b"<!DOCTYPE worksheet [" + declared + b"]>" + re.sub(rb"^<\?xml[^>]*>", b"", parts[SHEET])

    return change


def _not_computed(parts: dict[str, bytes]) -> None:
    header = b'<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
    rows_replaced(header + b'<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>1+2</f><v></v></c></row>')(parts)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")


def _macros(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0"


def _unnamed_cells(count: int) -> bytes:
    return b'<row r="1">' + b"<c><v>1</v></c>" * count + b"</row>"


def _referred(parts: dict[str, bytes]) -> None:
    """One text of 1 MiB that a hundred thousand cells show."""
    parts["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a</t></si><si><t>b</t></si><si><t>'
        + b"x" * 2**20
        + b"</t></si></sst>"
    )
    cells = b'<c t="s"><v>2</v></c><c t="s"><v>2</v></c>'
    header = b'<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    rows_replaced(header + b"".join(b'<row r="%d">%s</row>' % (row, cells) for row in range(2, 50_000)))(parts)


def _many_rows(parts: dict[str, bytes]) -> None:
    rows_replaced(b"<row><c><v>1234567</v></c></row>" * 1_048_000)(parts)
    parts["xl/worksheets/sheet2.xml"] = parts[SHEET]


def _two_sheets() -> bytes:
    book = openpyxl.Workbook()
    for name in ("incidents", "victims"):
        sheet = book.create_sheet(name)
        sheet.append(["date", "killed"])
        sheet.append(["2017-03-17", 3])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


_FORMULA = workbook(("date", "killed"), ("2017-03-17", "=1+2"))

WORKBOOKS: dict[str, tuple[Maker, str]] = {
    "workbook cut off": (text(workbook()[:-50], "incidents.xlsx"), "damaged-archive"),
    "workbook without its sheet": (_made(_without(SHEET)), "no-table"),
    "workbook without its workbook": (_made(_without("xl/workbook.xml")), "damaged-workbook"),
    "workbook without its list of parts": (_made(_without("[Content_Types].xml")), "damaged-workbook"),
    "workbook without its texts": (_made(_without("xl/sharedStrings.xml")), "damaged-workbook"),
    "sheet that is no XML": (_made(_put(SHEET, b"<worksheet><sheetData>")), "damaged-workbook"),
    "sheet that is noise": (_made(_put(SHEET, b"\x01\x02" * 100)), "damaged-workbook"),
    "sheet in UTF-16": (_made(_put(SHEET, "<worksheet/>".encode("utf-16"))), "damaged-workbook"),
    "sheet in another encoding": (
        _made(_put(SHEET, b'<?xml version="1.0" encoding="cp037"?>\x4c\xa6')),
        "damaged-workbook",
    ),
    "formula never computed": (text(_FORMULA, "incidents.xlsx"), "formula-without-value"),
    "formula without a value": (_made(_not_computed), "formula-without-value"),
    "macros": (_made(_macros), "macros"),
    "billion laughs": (_made(_entities(_LAUGHS, b"&l9;")), "unsafe-workbook"),
    "entity of a file": (_made(_entities(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;")), "unsafe-workbook"),
    "quadratic entity": (_made(_entities(b'<!ENTITY x "' + b"x" * 10**5 + b'">', b"&x;" * 10**4)), "unsafe-workbook"),
    "a million columns": (_made(rows_replaced(_unnamed_cells(10**6))), "too-many-columns"),
    "three thousand columns": (_made(rows_replaced(_unnamed_cells(3000))), "too-many-columns"),
    "row beyond the last": (_made(rows_replaced(b'<row r="99999999999"><c><v>1</v></c></row>')), "damaged-workbook"),
    "rows out of order": (
        _made(rows_replaced(b'<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>')),
        "damaged-workbook",
    ),
    "cell of a row that is none": (_made(rows_replaced(b'<row r="1"><c r="A"><v>1</v></c></row>')), "damaged-workbook"),
    "text that is not there": (_made(rows_replaced(b'<row r="1"><c t="s"><v>999</v></c></row>')), "damaged-workbook"),
    "number that is none": (_made(rows_replaced(b'<row r="1"><c><v>12x</v></c></row>')), "damaged-workbook"),
    "one text in every cell": (_made(_referred), "archive-too-large"),
    "sheet bomb": (_made(_many_rows), "archive-too-large"),
    "empty sheet": (text(workbook((None,)), "incidents.xlsx"), "no-table"),
    "only a header in a sheet": (text(workbook(("date", "killed")), "incidents.xlsx"), "no-rows"),
    "same column twice in a sheet": (text(workbook(("a", "a"), (1, 2)), "incidents.xlsx"), "duplicate-columns"),
    "two sheets with tables": (text(_two_sheets(), "incidents.xlsx"), "many-tables"),
    "cell beside the table": (
        text(workbook(("a", "b"), *((1, 2) for _ in range(300)), (1, 2, 3)), "incidents.xlsx"),
        "ragged-row",
    ),
}
