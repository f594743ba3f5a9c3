"""The bound on what lies beyond a grid, against sums and closed forms."""

from __future__ import annotations

from math import exp, lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.overlap import tables
from tests.models.overlap.graphs.strategies import small_tables
from undercount.models.overlap.graphs.graph import Graph, decomposable_graphs, family_of, graph_of
from undercount.models.overlap.graphs.likelihood import decays, log_marginal_likelihood, table_of
from undercount.models.overlap.graphs.tail import spread_beyond

Array = NDArray[np.float64]


def spread(counts: tables.Counts, delta: float, graphs: tuple[Graph, ...], missing: float, power: int) -> list[float]:
    found: list[float] = spread_beyond(table_of(counts, delta), family_of(graphs), missing, power, np.inf).tolist()
    return found


def true_spread(counts: tables.Counts, delta: float, graph: Graph, missing: int, power: int) -> float:
    """Σ_{m > M} F(m) / F(M): term by term, then by Gauss-Legendre quadrature in ln m with Euler-Maclaurin's terms."""
    start = missing + 5_000
    nodes, weights = np.polynomial.legendre.leggauss(40)
    panels = np.log(start) + np.arange(60.0)
    logs = (panels[:, None] + 0.5 * (nodes + 1.0)).ravel()

    def log_value(m: Array) -> Array:
        found: Array = log_marginal_likelihood(counts, m, delta, (graph,))[0] - power * np.log(counts.sum() + m)
        return found

    base = log_value(np.array([float(missing)]))
    near = np.exp(log_value(missing + np.arange(1.0, 5_001.0)) - base)
    far = np.exp(log_value(np.exp(logs)) - base + logs) * np.tile(0.5 * weights, panels.size)
    slope = near[-1] - near[-2]
    return float(near[:-1].sum() + far.sum() + near[-1] / 2.0 - slope / 12.0)


CASES = [
    ("KOREA", [(0, 1), (0, 2)], 0.125, 1),
    ("KOREA", [(0, 1, 2)], 0.125, 1),
    ("KOREA", [(0,), (1,), (2,)], 0.5, 0),
    ("KOREA", [(0, 1), (2,)], 0.125, 3),
    ("MADIGAN_YORK", [(0, 1), (1, 2)], 1.0, 0),
    ("ARTIFICIAL", [(0, 2), (1, 2)], 0.125, 2),
]


@pytest.mark.parametrize("missing", [150, 2_000, 10**6])
@pytest.mark.parametrize(("name", "cliques", "delta", "power"), CASES)
def test_it_is_above_the_sum_and_close_to_it(
    name: str, cliques: list[tuple[int, ...]], delta: float, power: int, missing: int
) -> None:
    counts, graph = getattr(tables, name), graph_of(3, cliques)
    found = spread(counts, delta, (graph,), missing, power)[0]
    expected = true_spread(counts, delta, graph, missing, power)
    assert found > expected * (1 - 1e-8)
    if missing > 10 * counts.sum():
        assert found < expected * 1.3


def test_it_is_exact_where_the_series_is_that_of_gauss() -> None:
    """One person on all lists, the complete graph, uniform: F(m) = (m + 1) Γ(m + δ) / Γ(m + 1 + 8δ)."""
    counts, delta = np.array([0] * 7 + [1]), 0.5
    graph = decomposable_graphs(3, saturated=True)[-1:]
    for missing in (5, 60, 3000):
        terms = [
            (m + 1) * exp(lgamma(m + delta) - lgamma(m + 1 + 8 * delta)) for m in range(missing, missing + 400_000)
        ]
        found = spread(counts, delta, graph, missing, 0)[0]
        assert found == pytest.approx(sum(terms[1:]) / terms[0], rel=6.0 / missing)


@settings(max_examples=60, deadline=None)
@given(small_tables(3) | small_tables(4), st.integers(1, 3000), st.sampled_from([0.06, 0.5]), st.integers(0, 2))
def test_no_sum_of_many_terms_exceeds_it(counts: tables.Counts, missing: int, delta: float, power: int) -> None:
    graphs = decomposable_graphs(counts.size.bit_length() - 1, saturated=True)
    bounds = spread(counts, delta, graphs, missing, power)
    points = missing + np.arange(5000.0)
    logs = log_marginal_likelihood(counts, points, delta, graphs) - power * np.log(counts.sum() + points)
    sums = np.exp(logs[:, 1:] - logs[:, :1]).sum(axis=1)
    assert (np.array(bounds) >= sums * (1 - 1e-9)).all()


@pytest.mark.parametrize(("power", "is_finite"), [(0, False), (1, True)])
def test_it_is_infinite_without_a_finite_sum(power: int, is_finite: bool) -> None:
    """[1*2, 1*3] of Korea: nobody is on lists 2 and 3 without list 1, and the likelihood falls as 1/m."""
    graphs = (graph_of(3, [(0, 1), (0, 2)]),)
    for missing in (1e3, 1e6, 1e12):
        assert np.isfinite(spread(tables.KOREA, 0.125, graphs, missing, power)[0]) == is_finite


def test_it_is_infinite_before_the_mass_falls() -> None:
    assert np.isinf(spread(tables.KOSOVO, 0.0625, decomposable_graphs(4), 10.0, 1)).all()


@pytest.mark.parametrize("name", ["KOSOVO", "KOREA", "GAZA"])
def test_far_out_the_likelihood_falls_with_the_power_that_is_given(name: str) -> None:
    counts: tables.Counts = getattr(tables, name)
    graphs = decomposable_graphs(counts.size.bit_length() - 1, saturated=True)
    delta = 1.0 / counts.size
    low, high = log_marginal_likelihood(counts, np.array([1e12, 2e12]), delta, graphs).T
    slopes = decays(table_of(counts, delta), family_of(graphs))
    assert slopes == pytest.approx((low - high) / np.log(2.0), rel=1e-6)
    assert slopes.min() == pytest.approx(delta * (counts.size - 1))
