"""The summary in a terminal: reader's order, the figures of the summary, 80 columns, no markup from the evidence."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from tests.estimators.synthetic import values_of, with_draws
from tests.report.hostile import FORMULA, MARKUP, SCRIPT
from undercount.report import terminal
from undercount.report.text import count

if TYPE_CHECKING:
    from undercount.estimators import Estimate

EVERY = ("actor", "area", "week", "month", "day")


def printed(estimate: Estimate, by: tuple[str, ...] = ("actor", "week"), files: tuple[Path, ...] = ()) -> str:
    return terminal.text(estimate, terminal.console(io.StringIO()), by, files)


def test_the_order_is_the_readers(estimate: Estimate) -> None:
    text = printed(estimate, files=(Path("out/summary.json"),))
    marks = [
        "West Mosul", "toll ", "documented ", "undercount ", "The number of civilians killed in", "Toll by actor",
        "Toll by week", "Reporting rates", "Reports that do not enter", "Gates: all", "evidence  ", "seed ",
        "versions ", "files ",
    ]  # fmt: skip
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_figures_are_those_of_the_summary(estimate: Estimate) -> None:
    text, summary = printed(estimate), estimate.summary()
    toll = summary["toll"]
    low, high = (count(end) for end in toll["interval"])
    assert re.search(rf"toll +{count(toll['median'])} +95 % \(equal-tailed\) {low} to {high}\n", text)
    assert re.search(rf"documented +{count(toll['documented'])}\n", text)
    for row in summary["by"]["actor"]:
        low, high = (count(end) for end in row["interval"])
        assert re.search(rf"{row['name']} +{count(row['median'])} +{low} to {high} ", text)
    for row in summary["by"]["week"]:
        assert re.search(rf"{row['week']} +{count(row['median'])} ", text)
    assert text.count("95 % (equal-tailed)") >= 5
    assert summary["evidence"]["sha256"] in text


@pytest.mark.parametrize("name", ["estimate", "extended", "failed", "hostile"])
@pytest.mark.parametrize("by", [("actor", "week"), EVERY])
def test_no_line_is_wider_than_80(name: str, by: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    text = printed(request.getfixturevalue(name), by, (Path("a" * 200) / "summary.json",))
    assert [line for line in text.splitlines() if cell_len(line) > 80] == []
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_no_colour_where_there_is_no_terminal(failed: Estimate) -> None:
    assert "\x1b" not in printed(failed)


def test_failed_gates_come_first(failed: Estimate, estimate: Estimate) -> None:
    assert printed(failed).startswith("GATES FAILED: do not quote\n")
    assert printed(failed).index("Do not quote") < printed(failed).index("The number of")
    assert re.search(r"chains +1 +>= 4 +FAILED", printed(failed))
    assert "FAILED" not in printed(estimate)


def test_evidence_is_no_markup(hostile: Estimate) -> None:
    text = printed(hostile, EVERY)
    flat = re.sub(r"\s+", " ", text)
    assert SCRIPT in flat
    assert MARKUP in flat
    assert FORMULA in text
    assert "[red]r1[/red]" not in text, "a report in the likelihood is not listed"
    assert "<b>r5</b>" in text
    assert "\u202e" not in text
    assert "abc\\u202edef" in flat


def test_the_prose_is_that_of_the_summary(estimate: Estimate, failed: Estimate) -> None:
    for one in (estimate, failed):
        flat = re.sub(r"\s+", " ", printed(one))
        assert all(sentence["text"] in flat for sentence in one.summary()["explanation"])
        assert flat.count("is estimated at") == 2


def test_a_report_that_the_model_would_not_expect_is_named(estimate: Estimate) -> None:
    assert "hardly expect" not in printed(estimate)
    again = values_of(estimate, "posterior_predictive", "reported")
    again[..., 0] = 3
    text = printed(with_draws(estimate, "posterior_predictive", reported=again))
    assert re.search(r"hardly expect\n.*\nS000-01 +101 or more +3 to 3 +0\.000", text)


def test_long_tables_are_cut(extended: Estimate) -> None:
    assert "and 207 more in toll.csv" in printed(extended, ("day",))


def test_a_terminal_gets_colours_and_its_width() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert terminal.console(Screen()).is_terminal
    assert not terminal.console(io.StringIO()).is_terminal
    assert terminal.console(io.StringIO()).width == 80
    assert terminal.console(Screen(), 132).width == 132
