"""csv: the tables, described, with no text that a spreadsheet runs."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.report.exports.reading import rows_of
from tests.report.hostile import EVERY, KINDS, TEXTS
from undercount.report.exports.csv_files import csv_text
from undercount.report.exports.front import tables_of
from undercount.report.exports.layouts import Column, Layout
from undercount.report.exports.tables import LONGEST, Filled
from undercount.report.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators import Estimate

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NAMES = {
    "README.txt", "columns.csv", "draws.csv", "evidence.csv", "finding.csv", "gates.csv", "lags.csv", "reports.csv",
    "reporting_rates.csv", "sources.csv", "timeline.csv", "toll.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(attacked: Estimate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("written") / "new" / "csv"
    assert {path.name for path in attacked.export(place, "csv")} == NAMES
    return place


def test_rows_and_columns_are_all_there(folder: Path, attacked: Estimate) -> None:
    assert {path.name for path in folder.iterdir()} == NAMES
    for table in tables_of(attacked):
        rows = rows_of(folder / f"{table.layout.name}.csv")
        assert len(rows) == len(table.rows)
        assert all(tuple(row) == table.layout.names for row in rows)


def test_no_cell_is_a_formula(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        for row in rows_of(path):
            for name, value in row.items():
                assert not name.startswith(STARTS)
                assert not value.startswith(STARTS) or is_number(value)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_hostile_texts_are_there_to_read(folder: Path) -> None:
    quotes = [row["quote"].removeprefix("'") for row in rows_of(folder / "evidence.csv")]
    wanted = [visible(text, LONGEST).removeprefix("'") for text in TEXTS.values()]
    assert sorted(quotes) == sorted(wanted)


@pytest.mark.parametrize("text", EVERY, ids=KINDS)
def test_neither_a_header_nor_a_cell_runs(text: str) -> None:
    layout = Layout("x", "x", (Column(text, "text", "", "x"), Column("y", "text", "", "x")))
    lines = csv_text(Filled(layout, [(text, None), (f" {text}", text)])).splitlines()
    assert len(lines) == 3
    assert not any(cell.startswith(STARTS) for line in lines for cell in line.strip('"').split('","'))
    assert not any(letter in "".join(lines) for letter in "\0\r\x1b\a\u202e\u2028\ufeff")


def test_flags_days_and_numbers(folder: Path, attacked: Estimate) -> None:
    (first, *_) = rows_of(folder / "toll.csv")
    assert float(first["median"]) == attacked.toll().median
    assert (first["window_start"], first["gates_passed"]) == ("2020-01-01", "yes")
    report = rows_of(folder / "reports.csv")[1]
    assert (report["used"], report["low"], report["high"]) == ("no", "", "")


def test_the_readme_names_what_the_figures_stand_on(folder: Path, attacked: Estimate) -> None:
    text = (folder / "README.txt").read_text(encoding="utf-8")
    for words in (
        attacked.evidence.sha256,
        attacked.estimand,
        "seed: 2017",
        "gates: all 9 passed",
        "reports.csv (60 rows)",
    ):
        assert words in text
    assert "\u202e" not in text
    described = {(row["table"], row["column"]) for row in rows_of(folder / "columns.csv")}
    for table, column in described:
        assert f"\n{table}.csv (" in text
        assert f"  - {column} (" in text


def test_failed_gates_are_said_first_and_in_every_row(failed: Estimate, tmp_path: Path) -> None:
    failed.export(tmp_path, "csv")
    assert "gates: GATES FAILED: do not quote" in (tmp_path / "README.txt").read_text().splitlines()[3]
    for name in ("finding", "toll", "timeline", "reporting_rates", "reports", "draws"):
        assert {row["gates_passed"] for row in rows_of(tmp_path / f"{name}.csv")} == {"no"}


def test_an_archive_holds_the_same_bytes_and_is_the_same_again(
    folder: Path, attacked: Estimate, tmp_path: Path
) -> None:
    for name in ("a.zip", "b.zip"):
        assert attacked.export(tmp_path / name) == (tmp_path / name,)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == NAMES
        assert all(archive.read(name) == (folder / name).read_bytes() for name in NAMES)
