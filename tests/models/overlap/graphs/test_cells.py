"""Sums over ranges of tolls, against sums term by term."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.overlap import tables
from undercount.models.overlap.graphs.cells import COARSE, FINE, cell_edges, gather, nodes_of
from undercount.models.overlap.graphs.graph import decomposable_graphs, family_of
from undercount.models.overlap.graphs.likelihood import log_marginal_likelihood, table_of


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**7), st.sampled_from([COARSE, FINE]))
def test_cells_cover_a_range_once_and_are_narrow(first: int, more: int, fineness: int) -> None:
    edges = cell_edges(first, first + more, fineness)
    assert (edges[0], edges[-1]) == (first, first + more + 1)
    widths = np.diff(edges)
    assert widths.min() >= 1
    assert (widths <= np.maximum(1, edges[:-1] >> fineness)).all()


@pytest.mark.parametrize("degree", range(6))
@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 100])
def test_the_rule_gives_sums_of_polynomials_to_degree_5(width: int, degree: int) -> None:
    points, weights = nodes_of(np.array([10, 10 + width]))
    expected = float(sum((k / 10.0) ** degree for k in range(10, 10 + width)))
    assert float((weights * (points / 10.0) ** degree).sum()) == pytest.approx(expected, rel=1e-13)
    assert (weights >= 0.0).all()
    assert (points >= 10.0).all()
    assert (points <= 10.0 + width - 1).all()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_up_to_three_terms_are_added_as_they_are(width: int) -> None:
    points, weights = nodes_of(np.array([50, 50 + width]))
    expected = float(np.exp(-np.arange(50.0, 50.0 + width)).sum())
    assert float((weights * np.exp(-points)).sum()) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["KOSOVO", "KOREA", "GAZA"])
@pytest.mark.parametrize("fineness", [COARSE, FINE])
def test_masses_and_the_error_that_is_told(name: str, fineness: int) -> None:
    counts: tables.Counts = getattr(tables, name)
    graphs = decomposable_graphs(counts.size.bit_length() - 1)
    delta = 1.0 / counts.size
    edges = cell_edges(3_000, 40_000, fineness)
    points, weights = nodes_of(edges)
    log_prior = -np.log(counts.sum() + points)
    scale, mass, by_graph, error = gather(table_of(counts, delta), family_of(graphs), points, weights, log_prior)

    every = np.arange(3_000.0, 40_001.0)
    logs = log_marginal_likelihood(counts, every, delta, graphs) - np.log(counts.sum() + every)
    singles = np.exp(logs - scale)
    expected = np.add.reduceat(singles.sum(axis=0), edges[:-1] - 3_000)
    whole = expected.sum()
    assert float(np.abs(mass - expected).sum()) <= 1.5 * error + 1e-10 * whole
    assert by_graph == pytest.approx(singles.sum(axis=1), abs=1.5 * error + 1e-10 * whole)
    if fineness == FINE:
        assert error < 1e-4 * whole


def test_what_masses_are_relative_to_is_moved_as_they_rise() -> None:
    """From 1 missing victim on the mass rises by hundreds of orders of magnitude."""
    counts = tables.KOSOVO * 100
    graphs = decomposable_graphs(4)
    edges = cell_edges(1, 4_000_000, FINE)
    points, weights = nodes_of(edges)
    _, mass, by_graph, _ = gather(table_of(counts, 0.0625), family_of(graphs), points, weights, np.zeros_like(points))
    assert np.isfinite(mass).all()
    assert float(mass.sum()) == pytest.approx(float(by_graph.sum()), rel=1e-10)
    assert 1.0 < mass.max() < 1e30
