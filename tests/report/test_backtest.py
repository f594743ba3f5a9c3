"""The picture, the text and the files of a backtest hold its rows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.text import Text

from tests.builders import make_evidence, make_report
from tests.report.charts.drawn import artists, draw, texts
from tests.report.hostile import FORMULA, SCRIPT, hostile_evidence
from undercount.data import load_case
from undercount.report.backtest import backtest_csv, backtest_json, backtest_text, write_backtest
from undercount.report.charts import style
from undercount.report.charts.vintages import published
from undercount.report.terminal import console
from undercount.runs.backtest import COLUMNS, Backtest

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data import Evidence


def row(day: date, **changes: Any) -> dict[str, Any]:
    figures = {"median": 3000.0, "lower": 900.0, "upper": 9000.0, "ci_prob": 0.95, "ci_kind": "eti"}
    counts = {"date": day, "reports": 4, "sources": 3, "evidence_sha256": "ab" * 32}
    return {
        **dict.fromkeys(COLUMNS),
        **figures,
        **counts,
        "gates_passed": True,
        "failed_gates": (),
        "reason": "",
    } | changes


EMPTY: dict[str, Any] = {
    "median": None, "lower": None, "upper": None, "ci_prob": None, "ci_kind": None, "gates_passed": None,
    "reason": f"no report is used {FORMULA}", "reports": 0, "sources": 0, "evidence_sha256": None,
}  # fmt: skip


def made(evidence: Evidence, *rows: dict[str, Any]) -> Backtest:
    return Backtest(evidence, rows, 7, {"undercount": "0.1.0"})


@pytest.fixture
def mosul() -> Backtest:
    return made(
        load_case("mosul-2017"),
        row(date(2017, 3, 20), **EMPTY),
        row(date(2017, 3, 28)),
        row(date(2017, 6, 2), gates_passed=False, failed_gates=("largest R-hat = 1.02 (< 1.01)", "chains = 1 (>= 4)")),
        row(date(2017, 7, 13), median=3700.0),
    )


def test_every_day_has_its_interval_and_median_or_a_cross(mosul: Backtest) -> None:
    figure = mosul.plot()
    days = {"2017-03-28", "2017-06-02", "2017-07-13"}
    assert set(artists(figure, "interval-")) == set(artists(figure, "median-")) == days
    assert set(artists(figure, "none-")) == {"2017-03-20"}
    medians = artists(figure, "median-")
    assert medians["2017-07-13"].get_ydata()[0] == 3700.0
    assert medians["2017-06-02"].get_markerfacecolor() == style.PAGE
    assert draw(figure)[:4] == b"\x89PNG"


def test_published_counts_stand_at_their_day(mosul: Backtest) -> None:
    figure = mosul.plot()
    assert set(artists(figure, "report-")) == {"S000-01", "S000-03", "S000-04", "S001-03", "S003-02", "S004-01"}
    assert artists(figure, "report-")["S000-03"].get_ydata()[0] == 307
    assert {"ohchr 307", "ohchr 140", "iraqi-officials 531", "amnesty 200–9,999"} <= set(texts(figure))
    last = published(mosul.evidence, date(2017, 7, 20))[-1]
    assert (last[0].report, *last[1:]) == ("S002-04", "recorder", 3706.0, 5805.0)


def test_a_day_that_failed_marks_the_picture(mosul: Backtest) -> None:
    assert artists(mosul.plot(), "banner")
    assert not artists(replace(mosul, rows=mosul.rows[:2]).plot(), "banner")


def test_figures_that_are_near_each_other_have_a_linear_axis(mosul: Backtest) -> None:
    near = made(make_evidence([make_report()]), row(date(2020, 4, 5), median=150.0, lower=110.0, upper=400.0))
    assert near.plot().axes[0].get_yscale() == "linear"
    assert mosul.plot().axes[0].get_yscale() == "log"


def test_hostile_names_do_no_harm() -> None:
    backtest = made(hostile_evidence(), row(date(2030, 1, 1), **EMPTY), row(date(2030, 2, 1)))
    figure = backtest.plot()
    draw(figure)
    assert all(text.get_text().replace("\n", "").isprintable() for text in figure.findobj(Text))
    assert "\x1b" not in backtest_text(backtest, console(io.StringIO()))
    reasons = [line["reason"] for line in csv.DictReader(io.StringIO(backtest_csv(backtest)))]
    assert not any(reason.startswith(("=", "+", "-", "@")) for reason in reasons)
    assert SCRIPT not in backtest_csv(backtest)


def test_csv_and_json_hold_every_row(mosul: Backtest) -> None:
    rows = list(csv.DictReader(io.StringIO(backtest_csv(mosul))))
    assert [line["gates_passed"] for line in rows] == ["", "yes", "no", "yes"]
    assert rows[2]["failed_gates"] == "largest R-hat = 1.02 (< 1.01); chains = 1 (>= 4)"
    assert rows[0]["median"] == ""
    content = json.loads(backtest_json(mosul))
    assert [day["median"] for day in content["days"]] == [None, 3000.0, 3000.0, 3700.0]
    assert content["passed"] is False
    assert content["seed"] == 7


def test_text(mosul: Backtest) -> None:
    told = backtest_text(mosul, console(io.StringIO()))
    lines = told.splitlines()
    assert lines[0] == "West Mosul, February to July 2017 (mosul-2017)"
    assert any(line.split() == ["2017-06-02", "4", "3", "3,000", "900", "to", "9,000", "FAILED:", "do", "not", "quote"]
               for line in lines)  # fmt: skip
    assert any(line.startswith("2017-03-20: no report is used") for line in lines)


def test_files_come_together(mosul: Backtest, tmp_path: Path) -> None:
    files = write_backtest(mosul, tmp_path / "out")
    assert [path.name for path in files] == ["backtest.csv", "backtest.json", "backtest.png"]
    assert b"GATES FAILED" in files[2].read_bytes()
    assert files[0].read_text() == backtest_csv(mosul)
