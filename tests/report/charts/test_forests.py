"""Forests: the toll by level, what would change it, several estimates; the same figures in every width and language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.estimators.overlap.made import strata
from tests.report.charts.drawn import LOOKS, artists, changed, charted, draw, texts
from undercount.errors import ModelError
from undercount.estimators.overlap import LowerBound, compare
from undercount.estimators.quantity import Figures, Quantity, StatedQuantity
from undercount.report.charts import comparison, what_if
from undercount.report.charts.intervals import THICKNESS, of_draws, of_quantity
from undercount.report.charts.plots import Plots
from undercount.report.overlap.plots import Plots as OverlapPlots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate


def interval(figure: Figure, name: str) -> dict[str, Any]:
    """Median, and ends by probability, of a row as it was drawn."""
    found = artists(figure, name)
    ends = {
        part: found[f"-{part}"].get_segments()[0][:, 0].tolist() for part in ("50", "80", "95") if f"-{part}" in found
    }
    return {"median": found[""].get_xdata()[0], **ends}


def everything(figure: Figure) -> dict[str, Any]:
    """Every named part with its place along the horizontal axis."""
    found = artists(figure, "")
    places = {}
    for name, artist in found.items():
        if hasattr(artist, "get_segments"):
            places[name] = artist.get_segments()[0][:, 0].tolist()
        elif hasattr(artist, "get_xdata"):
            places[name] = np.asarray(artist.get_xdata(), dtype=float).tolist()
    return places


@pytest.mark.parametrize("by", ["actor", "area", "month"])
def test_each_level_has_the_interval_of_the_table(by: str, extended: Estimate) -> None:
    figure = extended.plot.toll(by)
    for row in extended.rows.toll(by):
        drawn = interval(figure, f"toll-{row[by]}")
        assert drawn["median"] == pytest.approx(row["median"])
        assert drawn["95"] == pytest.approx([row["lower"], row["upper"]])
        assert drawn["95"][0] < drawn["80"][0] < drawn["50"][0] < drawn["50"][1] < drawn["80"][1] < drawn["95"][1]
    assert interval(figure, "toll-all")["median"] == extended.toll().median


def test_what_was_documented_stands_in_its_row(extended: Estimate) -> None:
    figure = extended.plot.toll()
    marks = artists(figure, "documented-")
    assert marks["all"].get_xdata()[0] == extended.documented()
    for actor, mark in marks.items():
        assert actor == "all" or mark.get_xdata()[0] == extended.documented(scope={"actor": actor}) > 0


def test_each_source_left_out_has_its_row_and_the_largest_change_comes_first(estimate: Estimate) -> None:
    found = changed(estimate)
    figure = Plots(estimate).sensitivity(found)
    rows = found.leave_one_out.to_dict("records")
    for row in rows:
        drawn = interval(figure, f"toll-without-{row['source']}")
        assert drawn == {
            "median": row["median"], "95": [row["lower"], row["upper"]], "80": [row["lower_80"], row["upper_80"]],
            "50": [row["lower_50"], row["upper_50"]],
        }  # fmt: skip
    assert interval(figure, "toll-judgement")["median"] == pytest.approx(1.3 * estimate.toll().median)
    assert interval(figure, "toll-all-hold")["median"] == pytest.approx(1.1 * estimate.toll().median)
    assert interval(figure, "toll-none-holds")["median"] == pytest.approx(0.9 * estimate.toll().median)
    heights = {
        name: float(artist.get_ydata()[0])
        for name, artist in artists(figure, "toll-without-").items()
        if "get_ydata" in dir(artist)
    }
    changes = {str(row["source"]): abs(np.log(row["ratio"])) for row in rows}
    assert sorted(heights, key=heights.__getitem__) == sorted(changes, key=lambda name: (-changes[name], name))
    band = artists(figure, "headline")[""].get_paths()[0].get_extents()
    assert (band.x0, band.x1) == pytest.approx(estimate.toll().interval)


def test_where_nothing_was_measured_there_is_the_toll_alone(estimate: Estimate) -> None:
    found = changed(estimate)
    frames = ("leave_one_out", "recorder_prior", "attributions")
    nothing = replace(found, **{name: getattr(found, name)[:0] for name in frames})
    rings = {name for name in artists(what_if.figure(estimate, nothing), "toll-") if not name[-1].isdigit()}
    assert rings == {"headline"}


@pytest.mark.parametrize("chart", ["timeline", "sources", "prior_posterior", "toll", "sensitivity"])
def test_every_look_has_the_same_data(chart: str, extended: Estimate) -> None:
    figures = {
        name: everything(charted(extended, chart, look))
        for name, look in LOOKS.items()
        if name in ("wide", "narrow", "kurdish")
    }
    wide = {name: places for name, places in figures["wide"].items() if not name.startswith("tag-")}
    assert len(wide) > 10
    for found in figures.values():
        assert {name: places for name, places in found.items() if name in wide} == wide


def test_estimates_and_quantities_are_compared_by_name(estimate: Estimate, failed: Estimate) -> None:
    stated = StatedQuantity(np.arange(9.0), figures=Figures(5000.0, 5100.0, 900.0, 3000.0, 9000.0, "bca"))
    figure = comparison.figure(
        {"all": estimate, "one chain": failed, "$bound$ <b>": stated, "less": estimate.toll() - 100}
    )
    assert interval(figure, "toll-all")["95"] == pytest.approx(list(estimate.toll().interval))
    assert interval(figure, "toll-$bound$ <b>") == {"median": 5000.0, "95": [3000.0, 9000.0]}
    assert interval(figure, "toll-less")["median"] == estimate.toll().median - 100
    assert {"gates failed: do not quote", "$bound$ <b>"} <= set(texts(figure))
    assert artists(figure, "banner")
    assert draw(figure)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        comparison.figure({})
    assert caught.value.code == "model-compare"
    with pytest.raises(ModelError, match="nothing to compare"):
        compare({})


def test_named_tolls_have_a_table_a_text_and_the_chart(estimate: Estimate, failed: Estimate) -> None:
    named = compare({"all": estimate, "one chain": failed, "half": Quantity(estimate.toll().draws / 2)})
    frame = named.frame()
    assert list(frame["label"]) == ["all", "one chain", "half"]
    assert frame["passed"].tolist() == [True, False, None]
    assert frame["median"][2] == pytest.approx(estimate.toll().median / 2)
    assert "all: 4," in repr(named)
    assert everything(named.plot()) == everything(comparison.figure(named.subjects))


def test_lists_are_compared_with_the_same_drawing() -> None:
    lists = strata({"": 300})
    bound = LowerBound().fit(lists)
    compared = compare([bound])
    figure = compared.plot()
    assert interval(figure, "toll-LowerBound")["95"] == pytest.approx(list(bound.toll().interval))
    assert artists(figure, "documented-LowerBound")[""].get_xdata()[0] == bound.documented()
    assert any(text.startswith("saturated, odds ratio") for text in texts(figure))
    for look in LOOKS.values():
        assert everything(comparison.figure(compared, look)) == everything(figure)
        assert draw(OverlapPlots(bound, look).lists())


def test_strata_have_rows_of_their_own() -> None:
    bound = LowerBound().fit(strata({"north": 300, "south": 200}))
    figure = bound.plot.toll()
    assert interval(figure, "toll-south")["median"] == bound.tolls["south"].median


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=50))
@settings(max_examples=50, deadline=None)
def test_intervals_are_nested_and_are_those_of_the_quantity(draws: list[float]) -> None:
    found, quantity = of_draws(draws), Quantity(np.array(draws))
    assert found.median == pytest.approx(quantity.median)
    assert found.widest == pytest.approx(quantity.interval)
    assert list(found.ends) == list(THICKNESS)
    lows, highs = zip(*(found.ends[prob] for prob in (95, 80, 50)), strict=True)
    assert list(lows) == sorted(lows)
    assert list(highs) == sorted(highs, reverse=True)


def test_another_probability_is_kept() -> None:
    found = of_quantity(Quantity(np.arange(1001.0), ci_prob=0.9))
    assert found.ends[90] == pytest.approx((50.0, 950.0))
    assert max(found.ends) == 90
