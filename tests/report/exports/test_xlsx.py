"""xlsx: the tables as sheets, read back: text is text, numbers are numbers, no formula and no link."""

from __future__ import annotations

import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.report.hostile import TEXTS
from undercount.report.exports import xlsx
from undercount.report.exports.front import tables_of
from undercount.report.exports.tables import LONGEST
from undercount.report.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook.workbook import Workbook

    from undercount.estimators import Estimate

BANNER = "GATES FAILED: do not quote"


@pytest.fixture(scope="module")
def file(attacked: Estimate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = attacked.export(tmp_path_factory.mktemp("written") / "attacked.xlsx")
    return path


@pytest.fixture(scope="module")
def book(file: Path) -> Workbook:
    return openpyxl.load_workbook(file)


def rows(book: Workbook, name: str) -> list[dict[str, Any]]:
    head, *body = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


def test_every_table_is_a_sheet(book: Workbook, attacked: Estimate) -> None:
    tables = tables_of(attacked)
    assert book.sheetnames == ["about", "columns", *(table.layout.name for table in tables)]
    for table in tables:
        found = rows(book, table.layout.name)
        assert len(found) == len(table.rows)
        assert found == [] or tuple(found[0]) == table.layout.names


def test_nothing_runs_or_leads_anywhere(book: Workbook, file: Path) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in "snd"
                assert cell.hyperlink is None
                assert cell.comment is None
    assert len(book.defined_names) == 0
    with zipfile.ZipFile(file) as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower() or "vba" in name.lower()]
        for name in parts.namelist():
            content = parts.read(name)
            assert b"TargetMode" not in content
            assert b"<f>" not in content
            assert b"<hyperlink" not in content


def test_hostile_texts_are_text(book: Workbook) -> None:
    quotes = [row["quote"] for row in rows(book, "evidence")]
    assert sorted(quotes) == sorted(visible(text, LONGEST) for text in TEXTS.values())


def test_columns_have_the_formats_of_their_kinds(book: Workbook, attacked: Estimate) -> None:
    sheet = book["toll"]
    head = {cell.value: place for place, cell in enumerate(sheet[1], start=1)}
    start, median = (sheet.cell(2, head[name]) for name in ("window_start", "median"))
    assert (start.value, start.number_format) == (datetime(2020, 1, 1), "yyyy-mm-dd")  # noqa: DTZ001 - as it reads them
    assert (median.value, median.number_format) == (attacked.toll().median, "#,##0")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")


def test_the_first_sheet_says_what_it_is(book: Workbook, attacked: Estimate) -> None:
    told = {row["what"]: row["value"] for row in rows(book, "about")}
    assert (told["gates"], told["seed"]) == ("all 9 passed", "2017")
    assert told["evidence sha256"] == attacked.evidence.sha256
    assert told["estimand"] == attacked.estimand


def test_failed_gates_are_marked_on_every_sheet(failed: Estimate, tmp_path: Path) -> None:
    (path,) = failed.export(tmp_path / "failed.xlsx")
    for sheet in openpyxl.load_workbook(path):
        assert sheet["A1"].value == BANNER
        colour = sheet.sheet_properties.tabColor
        assert colour is not None
        assert colour.rgb == "FFB00020"
        assert sheet["A2"].value is not None


def test_the_same_estimate_gives_the_same_bytes(file: Path, attacked: Estimate, tmp_path: Path) -> None:
    (again,) = attacked.export(tmp_path / "again.xlsx")
    assert again.read_bytes() == file.read_bytes()


def test_a_table_too_long_for_a_sheet_is_named(
    estimate: Estimate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 500)
    (path,) = estimate.export(tmp_path / "cut.xlsx")
    book = openpyxl.load_workbook(path)
    assert "draws" not in book.sheetnames
    assert rows(book, "about")[-1]["value"].startswith("draws: more than the 500 rows of a sheet")
