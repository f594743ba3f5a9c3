"""How a chart looks: lines that fit, texts that run the right way, days in the language of the reader."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from tests.report.charts.drawn import LOOKS, artists, charted, texts
from undercount.report.charts import style
from undercount.report.charts.look import NARROW, Look, is_right_to_left
from undercount.report.words import words

if TYPE_CHECKING:
    from undercount.estimators import Estimate


def ticks(start: date, end: date, look: Look) -> list[str]:
    axes = Figure().add_axes((0, 0, 1, 1))
    style.date_axis(axes.xaxis, look, start, end)
    return [text.get_text() for text in axes.get_xticklabels()]


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (date(2017, 2, 17), date(2017, 7, 11), ["Mar 2017", "Apr", "May", "Jun", "Jul"]),
        (date(2016, 10, 17), date(2017, 3, 10), ["Nov", "Dec", "2017", "Feb", "Mar"]),
        (date(2020, 1, 1), date(2020, 1, 20), None),
        (date(2020, 1, 1), date(2020, 1, 2), ["1 Jan 2020"]),
        (date(1999, 1, 1), date(2020, 1, 1), None),
    ],
)
def test_days_have_few_ticks_and_a_year(start: date, end: date, shown: list[str] | None) -> None:
    found = ticks(start, end, LOOKS["wide"])
    assert 1 <= len(found) <= 9
    assert any(str(year) in text for year in range(start.year, end.year + 1) for text in found)
    assert shown is None or found == shown
    assert len(ticks(start, end, LOOKS["narrow"])) <= 5


def test_days_are_written_in_the_language() -> None:
    assert ticks(date(2017, 2, 17), date(2017, 7, 11), Look(NARROW, words("ar")))[-1] in ("تموز", "أيار", "حزيران")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300), st.integers(8, 60))
def test_wrapped_lines_are_never_longer_than_asked(text: str, width: int) -> None:
    lines = style.wrapped(text, width, 3).split("\n")
    assert len(lines) <= 3
    assert all(len(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)


def test_only_what_runs_from_right_to_left_is_marked() -> None:
    look = Look(words=words("ckb"))
    assert look.directed("UN (OHCHR)") == "UN (OHCHR)"
    assert look.directed("١٢–١٤\nAirwars") == "\u200f١٢–١٤\n\u200fAirwars"
    assert Look().directed("العراق") == "العراق"


def test_a_mirrored_chart_has_its_names_at_the_right(extended: Estimate) -> None:
    def middle(look: str, chart: str) -> float:
        figure = charted(extended, chart, LOOKS[look])
        frames = [axes.get_position() for axes in figure.axes if axes.get_xlabel() or axes.get_ylabel()]
        return float(frames[0].x0 + frames[0].width / 2)

    for chart in ("timeline", "sources"):
        assert middle("wide", chart) == pytest.approx(1 - middle("arabic", chart), abs=1e-6)
    upper = charted(extended, "timeline", LOOKS["arabic"]).axes[1]
    assert upper.get_xlim()[0] < upper.get_xlim()[1], "time runs from left to right"


def test_a_page_has_its_own_heading(estimate: Estimate, failed: Estimate) -> None:
    figure = charted(estimate, "sources", LOOKS["page"])
    assert not {"title", "subtitle", "foot"} & set(artists(figure, ""))
    assert artists(charted(failed, "sources", LOOKS["page"]), "banner")


def test_no_message_is_left_in_english(extended: Estimate) -> None:
    for chart in ("timeline", "sources", "toll", "sensitivity"):
        shown = texts(charted(extended, chart, Look(NARROW, words("ar"), has_heading=False)))
        latin = [text for text in shown if not is_right_to_left(text) and any(map(str.isalpha, text)) and len(text) > 2]
        assert [text for text in latin if "CENTCOM" not in text and "Count" not in text] == []
