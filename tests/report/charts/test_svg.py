"""A chart in a page: nothing runs, loads or styles, every part is there, and the bytes are the same each time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tests.report.charts.drawn import CHARTS, LOOKS, anew, charted
from tests.report.hostile import MARKUP, SCRIPT, WIDE
from undercount.report.charts.look import is_right_to_left
from undercount.report.charts.palette import VARIABLES
from undercount.report.charts.svg import svg

if TYPE_CHECKING:
    from undercount.estimators import Estimate

SVG = "{http://www.w3.org/2000/svg}"
PAINTS = {*VARIABLES.values(), "none"}
ALLOWED = frozenset("svg title desc g path rect circle line use defs clipPath text tspan".split())


def made(estimate: Estimate, chart: str, look: str = "page", prefix: str = "c-1") -> ET.Element:
    figure = charted(estimate, chart, LOOKS[look])
    return ET.fromstring(svg(figure, title="Deaths <b>", description="What & how", prefix=prefix))


def written(estimate: Estimate, chart: str, look: str = "page", prefix: str = "c-1") -> str:
    figure = anew(estimate, chart, LOOKS[look])
    return svg(figure, title="Deaths <b>", description="What & how", prefix=prefix)


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("who", ["hostile", "failed"])
def test_nothing_in_it_runs_loads_or_styles(chart: str, who: str, request: pytest.FixtureRequest) -> None:
    text = written(request.getfixturevalue(who), chart, "wide")
    root = ET.fromstring(text)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert not name.endswith("href") or value.startswith("#c-1-")
            assert "url(" not in value or value.startswith("url(#c-1-")
    assert "font-family" not in text
    assert "<!" not in text
    assert "20" + "26-" not in text


@pytest.mark.parametrize("chart", CHARTS)
def test_every_colour_is_the_page_s(chart: str, failed: Estimate) -> None:
    root = made(failed, chart, "wide")
    paints = {element.attrib[name] for element in root.iter() for name in ("fill", "stroke") if name in element.attrib}
    assert paints <= PAINTS
    assert len(paints) > 3


def test_names_are_unique_in_a_page(extended: Estimate) -> None:
    names = [
        element.attrib["id"]
        for chart in ("timeline", "sources")
        for element in made(extended, chart, prefix=chart).iter()
        if "id" in element.attrib
    ]
    assert len(names) == len(set(names))
    root = made(extended, "timeline")
    known = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    for element in root.iter():
        assert element.attrib.get("href", "#c-1-title").removeprefix("#") in known
        assert element.attrib.get("clip-path", "url(#c-1-title)")[5:-1] in known


def test_every_report_is_there(extended: Estimate) -> None:
    parts = {element.attrib.get("data-part", "") for element in made(extended, "timeline").iter()}
    for report in extended.reports()["report"]:
        assert {f"report-{report}", f"row-{report}"} <= parts
    assert {"median", "window", "band-50", "band-80", "band-95"} <= parts
    assert not any(part.startswith(("text_", "axes_", "line2d_")) for part in parts)


def test_frame_title_and_description(estimate: Estimate) -> None:
    root = made(estimate, "toll")
    assert root.attrib["role"] == "img"
    assert root.attrib["width"] == "100%"
    assert "height" not in root.attrib
    title, desc = root[0], root[1]
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], desc.attrib["id"]]
    assert (title.text, desc.text) == ("Deaths <b>", "What & how")


def test_bytes_are_the_same_each_time(extended: Estimate) -> None:
    before = dict(mpl.rcParams)
    first = written(extended, "timeline")
    assert written(extended, "timeline") == first
    assert dict(mpl.rcParams) == before


def test_two_threads_write_the_same(extended: Estimate) -> None:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(written(extended, "sources"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts[0] == texts[1] == written(extended, "sources")


def test_hostile_names_are_texts(hostile: Estimate) -> None:
    root = made(hostile, "sources", "wide")
    shown = " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert SCRIPT in shown
    assert MARKUP.split()[0] in shown
    assert WIDE[:4] in shown
    assert r"$\frac{1}{0$" in shown
    assert "\u202e" not in shown


def test_right_to_left_texts_say_so_and_keep_their_side(extended: Estimate) -> None:
    root = made(extended, "sources", "arabic")
    assert root.attrib["direction"] == "ltr", "so that the page's own direction moves nothing"
    texts = list(root.iter(f"{SVG}text"))
    turned = [text for text in texts if text.attrib.get("direction") == "rtl"]
    assert turned == [text for text in texts if is_right_to_left(text.text or "")]
    anchors = {(text.text or "").lstrip("\u200f"): text.attrib["text-anchor"] for text in turned}
    # A name ends at the axis on its left; the words of the key begin at the marks on their right.
    assert anchors["الحكومة العراقية"] == "end"
    assert anchors["قبل الأدلة: ما كان مفترضًا"] == "start"


def test_a_figure_of_other_parts_is_refused() -> None:
    figure = Figure()
    figure.add_axes((0, 0, 1, 1)).imshow([[0, 1]])
    with pytest.raises(ValueError, match="holds no <image>"):
        svg(figure, title="", description="", prefix="x")
