"""Results in a notebook: figures, verdict, and every name escaped."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.report.hostile import EVERY, KINDS, TEXTS
from tests.report.markup import Reader, read
from undercount.data import load_case
from undercount.data.lists import Lists, load_lists
from undercount.estimators import Quantity
from undercount.estimators.batches import Batch
from undercount.estimators.batches.parquet import table_of
from undercount.estimators.overlap import Comparison, LowerBound, compare
from undercount.report.html import MOST_ROWS, Card, Grid
from undercount.report.text import visible
from undercount.runs.backtest import COLUMNS, Backtest

if TYPE_CHECKING:
    from collections.abc import Callable

    from undercount.estimators import Estimate

ALARM = "GATES FAILED: do not quote"
NAMES = [text for text in TEXTS.values() if text.isprintable() and len(text) <= 90 and text == text.strip()]


def hostile_lists(names: tuple[str, ...] = ("<svg/onload=alert(1)>", "{{ 7 * 7 }}", "=cmd")) -> Lists:
    patterns = [[pattern >> place & 1 for place in range(len(names))] for pattern in range(1, 2 ** len(names))]
    rows = [{**dict(zip(names, marks, strict=True)), "count": 20 + sum(marks)} for marks in patterns]
    lists = Lists.from_frame(rows, lists=list(names), name="<b>lists</b>")
    return Lists(lists.name, lists.tables, TEXTS["image handler"], (TEXTS["close script"],), TEXTS["svg"])


def hostile_batch() -> Batch:
    figures: dict[str, Any] = {"by": "total", "error": None, "failed_gates": [], "file": None}
    rows: list[dict[str, Any]] = [{**figures, "case": text, "status": "failed", "error": text} for text in EVERY]
    rows.append({**figures, "case": "held", "status": "held", "failed_gates": [TEXTS["script"]]})
    return Batch(None, table=table_of(rows))


def hostile_backtest(estimate: Estimate) -> Backtest:
    row = dict.fromkeys(COLUMNS) | {"reports": 1, "sources": 1, "failed_gates": (), "reason": ""}
    rows = [
        {**row, "date": date(2017, 4, 1), "reason": TEXTS["svg"]},
        {**row, "date": date(2017, 5, 1), "median": 12.0, "lower": 1.0, "upper": 90.0, "ci_prob": 0.95,
         "ci_kind": "eti", "gates_passed": False},
    ]  # fmt: skip
    return Backtest(estimate.evidence, tuple(rows), 1, {"undercount": "0.1.0"})


def hostile_comparison() -> Comparison:
    lists = hostile_lists()
    return compare([LowerBound().fit(lists), LowerBound(lists="equal").fit(lists)])


SHOWN: dict[str, Callable[[Estimate], Any]] = {
    "evidence": lambda estimate: estimate.evidence,
    "estimate": lambda estimate: estimate,
    "quantity": lambda estimate: estimate.toll(),
    "backtest": hostile_backtest,
    "batch": lambda _: hostile_batch(),
    "lists": lambda _: hostile_lists(),
    "overlap estimate": lambda _: LowerBound().fit(hostile_lists()),
    "comparison": lambda _: hostile_comparison(),
}


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_hostile_becomes_a_part_of_the_page(name: str, attacked: Estimate) -> None:
    shown: Any = SHOWN[name](attacked)
    reader = read(shown._repr_html_())
    assert reader.tags[0] == "div"
    assert reader.tags.count("table") == reader.tags.count("caption")


def test_every_hostile_name_is_shown_as_text(attacked: Estimate) -> None:
    cells = read(attacked.evidence._repr_html_()).text
    names = [visible(source.name, 1000) for source in attacked.evidence.sources]
    assert [name for name in names if name not in cells] == []


@pytest.mark.parametrize("text", EVERY, ids=KINDS)
def test_no_place_of_a_card_takes_a_tag(text: str) -> None:
    card = Card(text, [text], [Grid(text, [text, text], [[text, text]])], [text], text, text)
    plain = Card("x", ["x"], [Grid("x", ["x", "x"], [["x", "x"]])], ["x"], "x", "x")
    reader = read(card.html())
    assert reader.tags == read(plain.html()).tags
    assert "".join(reader.text) == visible(text, 1000) * len(read(plain.html()).text)


@pytest.mark.parametrize(
    "names", [NAMES[i : i + 4] for i in range(0, len(NAMES) - 4, 4)], ids=lambda names: names[0][:20]
)
def test_names_of_lists(names: list[str]) -> None:
    assert set(names) <= set(read(hostile_lists(tuple(names))._repr_html_()).text)


def test_figures_and_verdict(estimate: Estimate, failed: Estimate) -> None:
    cells = read(estimate._repr_html_()).text
    toll = estimate.toll()
    assert f"{toll.median:,.0f}" in cells
    assert "95 % (equal-tailed)" in cells
    assert not any("FAILED" in cell for cell in cells)
    assert read(failed._repr_html_()).text[0] == ALARM


def test_failing_gates_are_the_first_thing_said(attacked: Estimate) -> None:
    assert read(hostile_backtest(attacked)._repr_html_()).text[0] == ALARM
    assert read(hostile_batch()._repr_html_()).text[0] == "1 of 66 cases held by gates: do not quote"
    rows = [{"A": 1, "B": 0, "count": 9}, {"A": 0, "B": 1, "count": 9}]
    apart = LowerBound().fit(Lists.from_frame([*rows, {"A": 1, "B": 1, "count": 1}], name="few"))
    assert apart.check().passed
    assert ALARM not in read(apart._repr_html_()).text


def test_a_backtest_says_of_each_day_what_became_of_it(attacked: Estimate) -> None:
    cells = read(hostile_backtest(attacked)._repr_html_()).text
    assert "FAILED: do not quote" in cells
    assert f"no estimate: {TEXTS['svg']}" in cells


def test_a_quantity_has_its_interval() -> None:
    (title, line) = read(Quantity(np.arange(10_001.0))._repr_html_()).text
    assert (title, line) == ("5,000 deaths", "median; 95 % (equal-tailed) 250 to 9,750")


def test_sizes_of_lists_are_shown() -> None:
    cells = read(load_lists("kosovo-1999")._repr_html_()).text
    assert {"kosovo-1999: 4,400 victims, 4 lists", "EXH", "1,910"} <= set(cells)
    assert any(cell.startswith("The lists were matched") for cell in cells)


def test_long_tables_are_cut() -> None:
    html = Card("x", grids=[Grid("x", ["x"], [["row"]] * (MOST_ROWS + 1200))]).html()
    assert html.count("<tr>") == MOST_ROWS + 1
    assert "<p>and 1,200 more</p>" in html


def test_colours_are_those_of_the_page(estimate: Estimate) -> None:
    styles = "".join(str(value) for name, value in Reader(estimate._repr_html_()).attributes if name == "style")
    assert "text-align" in styles
    assert not any(word in styles for word in ("color", "background", "#"))


def test_evidence_says_what_is_used() -> None:
    cells = read(load_case("mosul-2017")._repr_html_()).text
    assert "2017-02-17 to 2017-07-10: 24 reports, 7 used, 17 not used, 16 sources" in cells
