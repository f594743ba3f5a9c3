"""Coordinates of anchored counts: smooth, increasing, and only where a count is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import INCIDENT, make_evidence, make_report
from undercount.data.schema import Attribution, Kind, Qualifier
from undercount.models.anchors import SHARP_FROM, Anchors
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate
from undercount.models.parameters import parameters

ENDS = [(307.0, 307.0), (100.0, 9999.0), (3706.0, 5805.0), (900.0, inf), (1.0, 2.0), (40_000.0, inf)]


def anchored(low: float, high: float) -> Anchors:
    return Anchors.at(np.array([0]), np.array([low]), np.array([high]))


@pytest.mark.parametrize(("low", "high"), ENDS)
def test_the_map_rises_with_the_stated_slope(low: float, high: float) -> None:
    one = anchored(low, high)
    x = np.linspace(-30, 30, 241)[:, None]
    seen = one.log_seen(np, x)
    assert (np.diff(seen[:, 0]) > 0).all()
    h = 1e-5
    slope = (one.log_seen(np, x + h) - one.log_seen(np, x - h)) / (2 * h)
    np.testing.assert_allclose(np.exp(one.log_slope(np, x)), slope, rtol=1e-6)


@given(st.floats(1.0, 1e6), st.floats(0.0, 1e6), st.floats(-20, 20))
def test_any_closed_count_has_the_stated_slope(low: float, more: float, x: float) -> None:
    one = anchored(low, low + more)
    h = 1e-4
    slope = (one.log_seen(np, np.array([x + h])) - one.log_seen(np, np.array([x - h]))) / (2 * h)
    np.testing.assert_allclose(np.exp(one.log_slope(np, np.array([x]))), slope, rtol=1e-5)


@pytest.mark.parametrize(("low", "high"), [(100.0, 9999.0), (3706.0, 5805.0)])
def test_the_middle_of_the_map_is_the_middle_of_the_interval(low: float, high: float) -> None:
    one = anchored(low, high)
    assert one.log_seen(np, np.zeros(1)) == pytest.approx((log(low) + log(high)) / 2)
    far = one.log_seen(np, np.array([40.0]))
    assert far == pytest.approx(log(high) + 40 * one.slope)


def test_a_known_count_is_a_scaling_and_an_open_one_has_one_wall() -> None:
    point, opened = anchored(307.0, 307.0), anchored(900.0, inf)
    x = np.array([-2.0, 0.0, 3.0])
    np.testing.assert_allclose(point.log_seen(np, x), log(307) + np.sqrt(6 / 307) * x)
    np.testing.assert_allclose(opened.log_seen(np, x), log(900) + np.exp(x) + np.sqrt(6 / 900) * x)
    assert np.isfinite(opened.log_seen(np, np.array([1e4]))).all()


def of(*changes: dict[str, Any]) -> Design:
    return design(make_evidence([make_report(report=f"r{i}", **fields) for i, fields in enumerate(changes)]))


@pytest.mark.parametrize(
    ("fields", "is_anchored"),
    [
        ({"value": 100}, True),
        ({"value": 0}, False),
        ({"source": "press", "qualifier": Qualifier.AT_LEAST, "value": int(SHARP_FROM) - 1}, False),
        ({"source": "press", "qualifier": Qualifier.AT_LEAST, "value": int(SHARP_FROM)}, True),
        ({"source": "press", "qualifier": Qualifier.UP_TO, "value": 500}, False),
        ({"qualifier": Qualifier.RANGE, "value": None, "low": 20, "high": 80}, True),
        ({"qualifier": Qualifier.RANGE, "value": None, "low": 0, "high": 80}, False),
    ],
)
def test_only_counts_that_fix_a_total_are_anchored(fields: dict[str, Any], is_anchored: bool) -> None:
    found = of(fields)
    assert list(found.anchors.places) == ([0] if is_anchored else [])
    names = {parameter.name for parameter in parameters(found)}
    assert ("seen_x" in names) is is_anchored
    assert ("stream_z" in names) is not is_anchored


def test_the_total_of_the_stated_reading_is_anchored() -> None:
    fields = {"attribution": Attribution.CONTESTED, "source": "press", "value": 531}
    found = of(
        fields, {"source": "press", "value": 42, "window_start": date(2020, 2, 1), "window_end": date(2020, 2, 9)}
    )
    assert found.anchors.low == pytest.approx([log(573)])
    nested = of({"value": 100}, {"value": 40, "window_end": date(2020, 1, 9)})
    assert nested.anchors.is_mixed.tolist() == [True]
    assert nested.anchors.low * nested.anchors.unit == pytest.approx([100])
    overlapping = of({"value": 100}, {"value": 80, "window_start": date(2020, 1, 20), "window_end": date(2020, 2, 20)})
    assert overlapping.anchors.low * overlapping.anchors.unit >= 100


def test_the_expected_count_of_an_anchored_source_is_the_sampled_one() -> None:
    later = {"window_start": date(2020, 2, 1), "window_end": date(2020, 3, 31)}
    found = of({"value": 300} | later, {"source": "press", "value": 900})
    rng = np.random.default_rng(5)
    values = {parameter.name: parameter.draw(rng, 4) for parameter in parameters(found)}
    state = evaluate(np, found, values)
    seen = np.exp(found.anchors.log_seen(np, values["seen_x"]))
    np.testing.assert_allclose(state.mean[:, np.argsort(found.terms.pieces.stream)], seen, rtol=1e-12)


def test_of_a_count_with_an_incident_the_rate_explains_what_the_incident_leaves() -> None:
    found = of({"value": 300})
    one = found.anchors
    x, beside = np.linspace(-9.0, 9.0, 91)[:, None], np.array([[0.0], [250.0], [300.0], [900.0]])[:, None]
    seen = np.exp(one.log_seen(np, x, beside))
    assert (seen > 0).all()
    np.testing.assert_allclose(seen[0, 45] + 0.0, 300.0, rtol=1e-3)
    np.testing.assert_allclose((seen[1] + 250.0)[60], 300.0 + one.unit * x[60], rtol=0.01)
    h = 1e-5
    slope = (one.log_seen(np, x + h, beside) - one.log_seen(np, x - h, beside)) / (2 * h)
    np.testing.assert_allclose(np.exp(one.log_slope(np, x, beside)), slope, rtol=1e-5)
    values = {p.name: p.draw(np.random.default_rng(5), 4) for p in parameters(found)}
    state, scaled = evaluate(np, found, values), np.exp(one.log_seen(np, values["seen_x"], 0.0))
    assert (state.mean.sum(axis=1) > 0).all()
    assert scaled.shape == (4, 1)


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({"qualifier": Qualifier.UP_TO, "value": 9000}, 32.0),
        ({"qualifier": Qualifier.RANGE, "value": None, "low": 2, "high": 9000}, 32.0),
        ({"value": 51}, 83.0),
    ],
)
def test_a_vague_report_is_no_part_of_the_total(fields: dict[str, Any], total: float) -> None:
    apart = {"source": "press", "window_start": date(2020, 2, 1), "window_end": date(2020, 2, 9)}
    found = of(apart | {"value": 32}, {"source": "press", "window_end": date(2020, 1, 20)} | fields)
    assert np.exp(found.anchors.low) == pytest.approx([total])


def test_a_released_source_has_its_prior_in_place_of_its_count() -> None:
    found = of({"value": 300}, {"source": "press", "value": 900})
    assert [found.sources[s] for s in found.anchors.places] == ["press", "un"]
    free = replace(found, anchors=found.anchors.released(np.array([0])))
    values = {p.name: p.draw(np.random.default_rng(5), 4) for p in parameters(found)}
    before, after = evaluate(np, found, values).own, evaluate(np, free, values).own
    np.testing.assert_allclose(after[:, 0], found.rates.scale[0] * values["seen_x"][:, 0], rtol=1e-12)
    np.testing.assert_allclose(after[:, 1], before[:, 1], rtol=1e-12)


def test_a_recorder_of_incidents_alone_keeps_its_own_deviation() -> None:
    spot = {"value": 40, "window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "incident": INCIDENT}
    found = of(spot, spot | {"source": "press", "value": 41})
    assert [found.sources[s] for s in found.anchors.places] == ["press"]
    assert found.rates.kinds == (Kind.CLAIMANT, Kind.RECORDER)
    rng = np.random.default_rng(5)
    values = {parameter.name: parameter.draw(rng, 4) for parameter in parameters(found)}
    state = evaluate(np, found, values)
    assert np.isfinite(state.mean).all()
    assert np.isfinite(state.own).all()
