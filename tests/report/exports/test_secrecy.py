"""No export of lists tells of a few persons."""

from __future__ import annotations

import json
import zipfile
from itertools import chain
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest

from tests.report.exports.conftest import COUNTS
from tests.report.exports.reading import rows_of, table_of
from undercount.data.lists import disclosure_safe, load_lists
from undercount.data.lists.export import SMALL
from undercount.errors import RunError
from undercount.estimators.overlap import LowerBound
from undercount.report.exports.front import tables_of
from undercount.report.overlap.tables import patterns_table

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators import Estimate
    from undercount.estimators.overlap import OverlapEstimate


def test_patterns_are_those_that_may_be_published(small: OverlapEstimate) -> None:
    table = patterns_table(small.lists)
    safe = disclosure_safe(small.lists)
    wanted = [None if pd.isna(count) else count for count in safe["count"]]
    assert [row[-1] for row in table.rows] == wanted
    assert sum(row[-1] is None for row in table.rows) == sum(0 < count <= SMALL for count in (*COUNTS, 1, 1, 1, 1, 1))


def test_no_exact_count_stands_beside_them(small: OverlapEstimate) -> None:
    tables = tables_of(small)
    for name in ("toll", "tables", "reporting_rates"):
        rows: list[dict[str, Any]] = table_of(tables, name)
        counted = [row.get("observed", row.get("size")) for row in rows]
        assert all(count is None or count % 5 == 0 for count in counted)
    finding: list[dict[str, Any]] = table_of(tables, "finding")
    toll, documented, undercount = (row["median"] for row in finding)
    assert documented % 5 == 0
    assert toll - undercount == documented


def test_shares_of_lists_do_not_give_the_sizes_back(small: OverlapEstimate) -> None:
    for row in table_of(tables_of(small), "reporting_rates"):
        size = float(row["median"]) * small.toll().median  # type: ignore[arg-type]
        assert round(size, 6) % 5 == 0


def test_a_stratum_of_a_few_persons_has_no_figures(small: OverlapEstimate) -> None:
    tables = tables_of(small)
    rows: list[dict[str, Any]] = table_of(tables, "toll")
    assert [(row["level"], row["median"] is None) for row in rows] == [(None, False), ("few", True), ("some", False)]
    assert {row["level"] for row in table_of(tables, "draws")} == {None, "some"}
    assert [row["median"] is None for row in table_of(tables, "tables")] == [True, False]


def test_a_gate_that_counts_persons_is_silent_where_they_are_few(small: OverlapEstimate) -> None:
    few = LowerBound(draws=50).fit(small.lists.select("few"))
    (gate,) = table_of(tables_of(few), "gates")
    assert (gate["name"], gate["value"], gate["passed"]) == ("victims on exactly two lists", None, True)
    (gate,) = table_of(tables_of(LowerBound(draws=50).fit(small.lists.select("some"))), "gates")
    assert gate["value"] == 44.0


def test_netcdf_is_refused_where_it_would_hold_small_counts(
    small: OverlapEstimate, matched: Estimate, tmp_path: Path
) -> None:
    for estimate in (small, matched):
        with pytest.raises(RunError) as caught:
            estimate.export(tmp_path / "out.nc")
        assert caught.value.code == "export-small-counts"
    assert [*tmp_path.iterdir()] == []
    LowerBound(draws=50).fit(load_lists("kosovo-1999")).export(tmp_path / "out.nc")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "json-ld", "bibtex"])
def test_counts_of_matched_lists_are_in_no_file(kind: str, matched: Estimate, tmp_path: Path) -> None:
    assert '"tables"' in json.dumps(matched.configuration)
    for path in matched.export(tmp_path / "out", kind):
        for content in contents(path):
            text = content.replace(b"&quot;", b'"').replace(b'""', b'"').replace(b'\\"', b'"')
            assert b'"tables"' not in text
            assert b'"counts"' not in text


def contents(path: Path) -> list[bytes]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            return [parts.read(name) for name in parts.namelist()]
    return [path.read_bytes()]


def test_what_is_said_of_matched_lists(matched: Estimate, tmp_path: Path) -> None:
    (path,) = matched.export(tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(path)["about"]
    told = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert told["matched lists"] == "ngo; un"
    assert "811" not in str(told["configuration"]).replace(matched.lists.lists.sha256 if matched.lists else "", "")


def test_hostile_names_of_lists_and_strata(small: OverlapEstimate, tmp_path: Path) -> None:
    files = small.export(tmp_path, "csv")
    cells = chain.from_iterable(row.items() for path in files if path.suffix == ".csv" for row in rows_of(path))
    assert not [cell for cell in chain.from_iterable(cells) if cell.startswith("=")]
