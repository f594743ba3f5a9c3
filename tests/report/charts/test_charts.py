"""The charts hold the data: every bar, every median, every name, and the verdict of the gates."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.text import Text

from tests.report.charts.drawn import CHARTS, LOOKS, anew, artists, charted, draw, texts
from tests.report.hostile import FORMULA, MARKUP, SCRIPT
from undercount.report.charts import timeline
from undercount.report.charts.bars import report_bars
from undercount.report.charts.page import Heading, Page
from undercount.report.charts.prior_posterior import prior_toll
from undercount.report.charts.sources import source_rates
from undercount.report.text import ENGLISH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate


@pytest.mark.parametrize("name", ["estimate", "extended"])
def test_every_report_has_one_line_one_row_and_one_tag(name: str, request: pytest.FixtureRequest) -> None:
    estimate: Estimate = request.getfixturevalue(name)
    figure = charted(estimate, "timeline")
    reports = set(estimate.reports()["report"])
    assert set(artists(figure, "report-")) == set(artists(figure, "row-")) == reports
    assert len(artists(figure, "tag-")) == len(reports)


@pytest.mark.parametrize("look", ["wide", "narrow"])
def test_many_reports_are_lines_without_numbers_and_names(
    look: str, estimate: Estimate, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = charted(estimate, "timeline", LOOKS[look])
    monkeypatch.setattr(timeline, "MOST_LISTED", 6)
    figure = anew(estimate, "timeline", LOOKS[look])
    assert not any(artists(figure, prefix) for prefix in ("report-", "row-", "tag-"))
    lines = artists(figure, "reports-")
    assert set(lines) == {"recorder", "claimant", "belligerent"} & {bar.kind for bar in report_bars(estimate, ENGLISH)}
    counted = [segment[0, 1] for kind in lines for segment in lines[kind].get_segments()]
    assert any(level == pytest.approx(307 / 34 * 7, rel=0.01) for level in counted)
    assert len(counted) == len(
        {(bar.start, bar.end, bar.kind, bar.weekly[0]) for bar in report_bars(estimate, ENGLISH)}
    )
    assert figure.get_size_inches()[1] < listed.get_size_inches()[1]
    assert any("Each line is a report" in text.replace("\n", " ") for text in texts(figure)) == LOOKS[look].has_heading
    assert any(label.get_text() for label in figure.axes[0].get_xticklabels())
    draw(figure)


def test_a_report_stands_over_its_days_at_its_count_per_week(estimate: Estimate) -> None:
    lines = artists(charted(estimate, "timeline"), "report-")
    ((start, level), (end, _)) = lines["S000-03"].get_segments()[0]
    assert level == pytest.approx(307 / 34 * 7)
    assert (start, end) == (np.datetime64("2017-02-17").astype(float), np.datetime64("2017-03-23").astype(float))


def test_shapes_of_bounds(estimate: Estimate) -> None:
    shapes = {bar.report: (bar.shape, bar.told(ENGLISH)) for bar in report_bars(estimate, ENGLISH)}
    assert shapes["S000-03"] == ("point", "307")
    assert shapes["S002-04"] == ("range", "3,706–5,805, US-led Coalition or Iraqi forces")
    assert shapes["S004-01"] == ("open", "121 or more")
    assert shapes["S000-04"] == ("point", "140, one incident")


def test_the_curve_is_the_frame(estimate: Estimate) -> None:
    figure, frame = charted(estimate, "timeline"), estimate.timeline()
    whole = slice(1, -1)
    values = artists(figure, "median")[""].get_data()
    np.testing.assert_allclose(values.values[whole], frame["median"][whole])
    assert values.values[0] == pytest.approx(frame["median"].iloc[0] * 7 / 3), "three days, scaled to a week"
    for prob, band in artists(figure, "band-").items():
        np.testing.assert_allclose(band.get_data().values[whole], frame[f"upper_{prob}"][whole])
        np.testing.assert_allclose(band.get_data().baseline[whole], frame[f"lower_{prob}"][whole])


def test_the_window_is_shaded_and_incidents_are_named(estimate: Estimate) -> None:
    figure = charted(estimate, "timeline")
    shaded = artists(figure, "window")[""].get_extents()
    assert set(artists(figure, "incident-")) == {"al-jadida-2017-03-17"}
    assert any("al-Jadida, 17 March" in text.replace("\n", " ") for text in texts(figure))
    axes = figure.axes[1]
    width = shaded.width / axes.get_window_extent().width
    assert width == pytest.approx(121 / 144, rel=0.02)


@pytest.mark.parametrize("look", ["wide", "narrow", "kurdish"])
def test_tags_do_not_cover_each_other(look: str, extended: Estimate) -> None:
    figure = charted(extended, "timeline", LOOKS[look])
    boxes = [tag.get_bbox_patch().get_window_extent() for tag in _drawn(figure, "tag-")]
    assert len(boxes) == 25
    assert [(i, j) for i, one in enumerate(boxes) for j, other in enumerate(boxes[:i]) if one.overlaps(other)] == []


def _drawn(figure: Figure, prefix: str) -> list[Any]:
    figure.canvas.draw()
    return list(artists(figure, prefix).values())


@pytest.mark.parametrize("look", ["wide", "narrow", "kurdish"])
@pytest.mark.parametrize("chart", CHARTS)
def test_every_text_lies_inside_the_picture(look: str, chart: str, extended: Estimate) -> None:
    figure = charted(extended, chart, LOOKS[look])
    page = figure.bbox
    outside = [
        text.get_text()
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and text.axes is not None
        for box in [text.get_window_extent()]
        if text not in text.axes.xaxis.findobj(Text) and (box.x0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1)
    ]
    assert outside == []


def test_rates_are_those_of_the_frame(estimate: Estimate) -> None:
    figure = charted(estimate, "sources")
    frame = estimate.reporting_rates()
    assert {row.stream for row in source_rates(estimate)} == set(frame["stream"])
    for row in frame.to_dict("records"):
        source = row["stream"]
        for prefix, median, lower, upper in (
            ("prior-", "prior_median", "prior_lower", "prior_upper"),
            ("posterior-", "median", "lower", "upper"),
        ):
            found = artists(figure, prefix)
            assert found[source].get_xdata() == pytest.approx([row[median]])
            ((low, _), (high, _)) = found[f"{source}-95"].get_segments()[0]
            assert (low, high) == pytest.approx((row[lower], row[upper]))
            ((inner_low, _), (inner_high, _)) = found[f"{source}-50"].get_segments()[0]
            assert low < inner_low < row[median] < inner_high < high
    assert all(any(name in text.replace("\n", " ") for text in texts(figure)) for name in frame["name"])


def test_prior_and_posterior_of_the_toll(estimate: Estimate) -> None:
    figure = charted(estimate, "prior_posterior")
    assert artists(figure, "toll-median")[""].get_xdata()[0] == estimate.toll().median
    curve = artists(figure, "toll-posterior")[""]
    peak = curve.get_xdata()[curve.get_ydata().argmax()]
    low, high = estimate.toll().interval
    assert low < peak < high
    assert prior_toll(estimate).size == estimate.draws["prior"].sizes["draw"]
    assert any(f"prior: median {np.median(prior_toll(estimate)):,.0f}" in text for text in texts(figure))


@pytest.mark.parametrize("chart", CHARTS)
def test_titles_units_and_provenance(chart: str, estimate: Estimate) -> None:
    figure = charted(estimate, chart)
    assert estimate.evidence.case.title in artists(figure, "title")[""].get_text()
    assert estimate.estimand in artists(figure, "subtitle")[""].get_text().replace("\n", " ")
    assert estimate.evidence.sha256[:12] in artists(figure, "foot")[""].get_text()
    assert any(axes.get_xlabel() or axes.get_ylabel() for axes in figure.axes)
    assert artists(figure, "banner") == {}


@pytest.mark.parametrize("chart", CHARTS)
def test_failed_gates_stand_on_the_picture(chart: str, failed: Estimate) -> None:
    banner = artists(charted(failed, chart), "banner")[""]
    assert banner.get_text() == "GATES FAILED: do not quote"
    assert banner.get_visible()


@pytest.mark.parametrize("chart", CHARTS)
def test_hostile_names_are_drawn_as_they_are(chart: str, hostile: Estimate) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        assert draw(charted(hostile, chart)).startswith(b"\x89PNG")
    shown = " ".join(texts(charted(hostile, chart))).replace("\n", " ")
    assert MARKUP in shown or chart == "toll"
    assert SCRIPT in shown
    assert "\u202e" not in shown
    assert FORMULA in shown or chart not in ("timeline", "toll")


def test_dollars_are_no_mathematics(estimate: Estimate) -> None:
    page = Page(LOOKS["wide"], 1.0, Heading(estimate, "", ""))
    page.write(page.strip(0, 0, 1, 1), 0, 0, r"$\frac{1}{0$ costs $5")
    drawn: Any = page.figure.findobj(Text)
    (text,) = (one for one in drawn if "costs" in one.get_text())
    assert text._preprocess_math(text.get_text()) == (r"$\frac{1}{0$ costs $5", False)


@pytest.mark.parametrize("level", [0.02, 5000.0])
def test_small_and_large_tolls_are_drawn(level: float, estimate: Estimate) -> None:
    from tests.report.synthetic import make_estimate

    other = make_estimate(estimate.evidence, level=level)
    for chart in ("timeline", "prior_posterior", "toll"):
        assert draw(charted(other, chart))


def test_nothing_global_is_touched(estimate: Estimate) -> None:
    before = dict(mpl.rcParams)
    figures = [anew(estimate, chart, LOOKS["wide"]) for chart in CHARTS]
    assert dict(mpl.rcParams) == before
    assert len({id(figure) for figure in figures}) == len(CHARTS)
    import sys

    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_a_notebook_shows_the_figure(estimate: Estimate) -> None:
    figure: Any = charted(estimate, "sources")
    png = figure._repr_png_()
    assert png.startswith(b"\x89PNG")
