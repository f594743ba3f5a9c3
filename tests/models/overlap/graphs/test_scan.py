"""Masses that follow from ratios, against the likelihood at every number."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.overlap import tables
from tests.models.overlap.graphs.strategies import small_tables
from undercount.models.overlap.graphs import scan as scanning
from undercount.models.overlap.graphs.graph import decomposable_graphs, family_of, graph_of
from undercount.models.overlap.graphs.likelihood import log_marginal_likelihood, table_of
from undercount.models.overlap.graphs.scan import block_starts, excess, scan

Array = NDArray[np.float64]


def compare(counts: tables.Counts, log_prior: Array, delta: float, tolerance: float = 1e-10) -> None:
    graphs = decomposable_graphs(counts.size.bit_length() - 1, saturated=True)
    logs = log_marginal_likelihood(counts, np.arange(log_prior.size, dtype=float), delta, graphs) + log_prior
    masses = np.exp(logs - logs.max())
    scale, mass, by_graph = scan(table_of(counts, delta), family_of(graphs), log_prior)
    shift = np.exp(scale - logs.max())
    expected = masses.sum(axis=0)
    assert mass * shift == pytest.approx(expected, rel=tolerance, abs=1e-15)
    assert by_graph * shift == pytest.approx(masses.sum(axis=1), rel=tolerance, abs=1e-15 * masses.sum())


def reciprocal(counts: tables.Counts, points: int) -> Array:
    return -np.log(counts.sum() + np.arange(points, dtype=float))


@pytest.mark.parametrize("name", ["KOSOVO", "KOREA", "MADIGAN_YORK", "ARTIFICIAL", "GAZA", "SPINA_BIFIDA"])
def test_published_tables(name: str) -> None:
    counts: tables.Counts = getattr(tables, name)
    points = 60_000 if counts.size == 8 else 24_000 if counts.size == 16 else 1_500
    compare(counts, reciprocal(counts, points), 1.0 / counts.size, 1e-10 if name != "GAZA" else 5e-10)


@settings(max_examples=40, deadline=None)
@given(small_tables(3) | small_tables(4), st.integers(1, 400), st.sampled_from([0.03, 0.5, 2.0]))
def test_any_table(counts: tables.Counts, points: int, delta: float) -> None:
    compare(counts, reciprocal(counts, points), delta)


@pytest.mark.parametrize("where", [0, 1, 777, 5_000, 29_999])
def test_a_prior_on_few_tolls_far_from_what_the_lists_say(where: int) -> None:
    log_prior = np.full(30_000, -np.inf)
    log_prior[where : where + 3] = 0.0
    compare(tables.KOSOVO, log_prior, 2.0**-4, 1e-9)


def test_a_steep_prior() -> None:
    compare(tables.KOSOVO, -3.0 * np.arange(20_000.0), 2.0**-4, 1e-9)
    compare(tables.KOSOVO, 0.05 * np.arange(20_000.0), 2.0**-4, 1e-9)


def test_nothing_is_possible() -> None:
    graphs = decomposable_graphs(3)
    scale, mass, by_graph = scan(table_of(tables.KOREA, 0.1), family_of(graphs), np.full(100, -np.inf))
    assert scale == -np.inf
    assert not mass.any()
    assert not by_graph.any()


def test_a_million_victims() -> None:
    """Where ln P has the size of 1e7, a hundred-millionth is what double precision leaves of it."""
    counts = tables.KOSOVO * 300
    graphs = (graph_of(4, [(0, 1, 2), (0, 2, 3)]),)
    points = np.arange(2_400_000, 2_400_500, dtype=float)
    logs = log_marginal_likelihood(counts, points, 2.0**-4, graphs)
    _, mass, _ = scan(table_of(counts, 2.0**-4), family_of(graphs), np.zeros(2_400_500))
    expected = np.exp(logs - logs.max()).sum(axis=0)
    found = mass[2_400_000:] / mass[2_400_000:].sum()
    assert found == pytest.approx(expected / expected.sum(), rel=1e-8)


@pytest.mark.parametrize(("observed", "points"), [(1.0, 1), (4400.0, 17), (150.0, 100_000), (1e9, 30_000)])
def test_blocks_cover_the_grid_once(observed: float, points: int) -> None:
    starts = block_starts(observed, points)
    widths = np.diff(starts)
    assert (starts[0], starts[-1]) == (0, points)
    assert widths.min() >= 1
    assert widths.max() <= scanning.LARGEST_BLOCK
    assert (widths[:-1] >= scanning.LEAST_BLOCK).all()


@settings(max_examples=30, deadline=None)
@given(small_tables(3) | small_tables(4), st.sampled_from([0.03, 0.5, 2.0]))
def test_between_the_ends_of_a_block_nothing_rises_above_what_is_allowed(counts: tables.Counts, delta: float) -> None:
    graphs = decomposable_graphs(counts.size.bit_length() - 1, saturated=True)
    starts = block_starts(float(counts.sum()), 300)
    logs = log_marginal_likelihood(counts, np.arange(301, dtype=float), delta, graphs)
    for first, end in pairwise(starts):
        highest = np.maximum(logs[:, first], logs[:, end]) + excess(first, end)
        assert (logs[:, first : end + 1].max(axis=1) <= highest + 1e-9).all()
