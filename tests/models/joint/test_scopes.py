"""Tables of matched lists as arrays: the tolls of their scopes, their splines, lists left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy.interpolate import CubicHermiteSpline

from undercount.data.lists import Table
from undercount.models.joint import Overlap
from undercount.models.joint.curve import flat_curve
from undercount.models.joint.scopes import CURVE

RED = Table("red", 0, ("ngo", "un"), np.array([0, 40, 35, 12]))
BLUE = Table("blue", 0, ("desk", "ngo", "un"), np.array([0, 40, 35, 12, 3, 4, 5, 6]))


def overlap(*tables: Table) -> Overlap:
    whole = tables or (RED, BLUE)
    strata = [np.array([0, 2]), np.array([1, 3])]
    events = [np.array([1]), np.zeros(0, dtype=np.int64)]
    return Overlap.of(whole, [slice(2, 7), slice(0, 9)][: len(whole)], strata[: len(whole)], events[: len(whole)])


def test_expected_tolls_are_sums_over_days_strata_and_incidents() -> None:
    rng = np.random.default_rng(0)
    deaths, events = rng.random((5, 9, 4)), rng.random((5, 2))
    found = overlap().tolls(np, deaths, events)
    for m in range(5):
        red = sum(deaths[m, t, c] for t in range(2, 7) for c in (0, 2)) + events[m, 1]
        blue = sum(deaths[m, t, c] for t in range(9) for c in (1, 3))
        np.testing.assert_allclose(found[m], [red, blue], rtol=1e-14)


def test_the_density_is_the_spline_and_linear_beyond() -> None:
    arrays = overlap()
    x = np.random.default_rng(1).uniform(-3.0, 30.0, (200, 2))
    found = arrays.log_density(np, np.exp(x))
    tensors: dict[str, Any] = {name: pt.as_tensor(getattr(arrays, name)) for name in CURVE}
    in_graph = replace(arrays, **tensors)
    graph = in_graph.log_density(pt, pt.as_tensor(np.exp(x))).eval()
    np.testing.assert_allclose(graph, found, rtol=1e-12, atol=1e-10)
    for s in range(2):
        knot, value, slope = (getattr(arrays, name)[s] for name in ("knot", "value", "slope"))
        inside = np.clip(x[:, s], knot[0], knot[-1])
        expected = CubicHermiteSpline(knot, value, slope)(inside)
        expected += slope[0] * np.minimum(x[:, s] - knot[0], 0) + slope[-1] * np.maximum(x[:, s] - knot[-1], 0)
        np.testing.assert_allclose(found[:, s], expected, rtol=1e-10, atol=1e-10)
        assert (x[:, s] < knot[0]).any()
        assert (x[:, s] > knot[-1]).any()


def test_a_source_is_left_out_with_its_list() -> None:
    arrays = overlap()
    assert arrays.without(["press"]) is arrays
    left = arrays.without(["un", "press"])
    assert [table.names for table in left.tables] == [("ngo",), ("desk", "ngo")]
    assert left.observed.tolist() == [52, 102]
    np.testing.assert_array_equal(left.value[0], flat_curve().value)
    apart = overlap(RED, BLUE.without("un"))
    for name in ("knot", "value", "slope", "variance"):
        np.testing.assert_array_equal(getattr(left, name)[1], getattr(apart, name)[1])


def test_of_no_lists_nothing_is_left() -> None:
    none = Overlap.of([], [], [], [])
    assert none.count == 0
    assert none.knot.size == none.value.size == 0
    assert none.without(["un"]) is none


@pytest.mark.parametrize("stratum", ["", "red"])
def test_tables_are_named(stratum: str) -> None:
    assert overlap(Table(stratum, 0, ("ngo", "un"), np.array([0, 1, 2, 3]))).labels == (stratum or "all",)
