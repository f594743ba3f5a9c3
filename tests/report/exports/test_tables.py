"""The tables: the figures of the estimate, each cell of the kind that its column states."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.report.exports.reading import table_of
from undercount.data import load_case
from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS
from undercount.report.exports import layouts
from undercount.report.exports.about import about, dictionary
from undercount.report.exports.front import tables_of

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.report.exports.tables import Filled

KINDS: dict[str, type] = {"text": str, "day": date, "whole": int, "number": float, "flag": bool}


@pytest.fixture(scope="module")
def tables(extended: Estimate) -> tuple[Filled, ...]:
    return tables_of(extended)


@pytest.mark.parametrize("name", ["extended", "failed", "attacked", "hostile", "matched", "small", "large"])
def test_every_cell_is_of_the_kind_of_its_column(name: str, request: pytest.FixtureRequest) -> None:
    for table in tables_of(request.getfixturevalue(name)):
        kinds = [KINDS[column.kind] for column in table.layout.columns]
        for row in table.rows:
            assert len(row) == len(kinds)
            wrong = [cell for cell, kind in zip(row, kinds, strict=True) if cell is not None and type(cell) is not kind]
            assert wrong == []
            assert all(np.isfinite(cell) for cell in row if isinstance(cell, float))
        described = [column for column in table.layout.columns if column.name and column.meaning]
        assert described == list(table.layout.columns)


def test_tolls_are_those_of_the_estimate(tables: tuple[Filled, ...], extended: Estimate) -> None:
    rows: list[dict[str, Any]] = table_of(tables, "toll")
    for key in ("actor", "area", "week", "month"):
        found = [(row["level"], row["median"], row["lower"], row["upper"]) for row in rows if row["by"] == key]
        frame = extended.toll(by=key)
        assert found == [*zip(frame[key].astype(str), frame["median"], frame["lower"], frame["upper"], strict=True)]
    total = extended.toll()
    assert [(row["mean"], row["sd"]) for row in rows if row["by"] == "total"] == [(total.mean, total.sd)]


def test_periods_cover_the_window_without_gaps(tables: tuple[Filled, ...], extended: Estimate) -> None:
    rows: list[dict[str, Any]] = table_of(tables, "toll")
    for key in ("week", "month"):
        windows = [(row["window_start"], row["window_end"]) for row in rows if row["by"] == key]
        assert windows[0][0] == extended.scope.window.start
        assert windows[-1][1] == extended.scope.window.end
        assert all((later[0] - earlier[1]).days == 1 for earlier, later in pairwise(windows))


def test_draws_give_the_figures_again(tables: tuple[Filled, ...], extended: Estimate) -> None:
    rows: list[dict[str, Any]] = table_of(tables, "draws")
    deaths = np.array([row["deaths"] for row in rows if row["by"] == "total"])
    assert float(np.median(deaths)) == extended.toll().median
    keys = [(row["chain"], row["draw"]) for row in rows if row["by"] == "total"]
    assert len(set(keys)) == len(keys) == extended.toll().draws.size
    by_actor: dict[tuple[int, int], int] = {}
    for row in rows:
        if row["by"] == "actor":
            by_actor[row["chain"], row["draw"]] = by_actor.get((row["chain"], row["draw"]), 0) + row["deaths"]
    assert [by_actor[key] for key in keys] == deaths.tolist()


def test_every_report_says_whether_it_informs(tables: tuple[Filled, ...], extended: Estimate) -> None:
    rows: list[dict[str, Any]] = table_of(tables, "reports")
    assert [row["report"] for row in rows] == [report.report for report in extended.evidence.reports]
    informing = {row["report"] for row in extended.rows.reports()}
    assert {row["report"] for row in rows if row["in_likelihood"]} == informing
    assert all(bool(row["why_not"]) is not row["in_likelihood"] for row in rows)
    assert all((row["predicted_median"] is not None) is row["in_likelihood"] for row in rows)


def test_evidence_is_as_given(tables: tuple[Filled, ...]) -> None:
    evidence = load_case("mosul-2017-extended")
    rows: list[dict[str, Any]] = table_of(tables, "evidence")
    assert layouts.EVIDENCE.names == REPORT_COLUMNS
    assert layouts.SOURCES.names == SOURCE_COLUMNS
    for row, report in zip(rows, evidence.reports, strict=True):
        assert (row["quote"], row["value"], row["published"]) == (report.quote or None, report.value, report.published)
        assert row["actors"] == (";".join(report.actors) or None)
        assert row["used"] is report.used


def test_the_dictionary_describes_every_column(tables: tuple[Filled, ...]) -> None:
    named = [(table.layout.name, column) for table in tables for column in table.layout.names]
    assert [row[:2] for row in dictionary(tables).rows] == named
    assert len(set(named)) == len(named)


def test_failed_gates_are_in_every_table_of_figures(failed: Estimate) -> None:
    for table in tables_of(failed):
        if "gates_passed" in table.layout.names:
            place = table.layout.names.index("gates_passed")
            assert {row[place] for row in table.rows} <= {False}
    assert next(iter(about(failed).values())).startswith("GATES FAILED: do not quote (")


def test_a_few_persons_are_not_documented(matched: Estimate, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [row["measure"] for row in table_of(tables_of(matched), "finding")] == ["toll", "documented", "undercount"]
    monkeypatch.setattr(type(matched), "documented", lambda *_: 5)
    assert [row["measure"] for row in table_of(tables_of(matched), "finding")] == ["toll"]
