"""An estimate in a notebook: figures, verdict, and every name escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tests.report.hostile import MARKUP, SCRIPT

if TYPE_CHECKING:
    from undercount.estimators import Estimate


class Reader(HTMLParser):
    """Collect tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert all(name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(estimate: Estimate) -> Reader:
    reader = Reader()
    reader.feed(estimate._repr_html_())
    return reader


def test_figures_and_verdict(estimate: Estimate, failed: Estimate) -> None:
    cells = read(estimate).text
    toll = estimate.toll()
    assert f"{toll.median:,.0f}" in cells
    assert "95 % (equal-tailed)" in cells
    assert not any("FAILED" in cell for cell in cells)
    assert read(failed).text[0] == "GATES FAILED: do not quote"


def test_hostile_names_are_text(hostile: Estimate) -> None:
    reader = read(hostile)
    assert reader.tags <= {"div", "strong", "br", "table", "thead", "tbody", "tr", "th", "td", "small"}
    assert any(SCRIPT in cell and MARKUP in cell for cell in reader.text)
    assert not any("\u202e" in cell for cell in reader.text)
