"""The marginal likelihood against explicit marginal tables, and those in 50 digits."""

from __future__ import annotations

from math import log

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln

from tests.models.overlap import tables
from tests.models.overlap.graphs import slow_average as slow
from undercount.models.overlap.graphs.graph import decomposable_graphs
from undercount.models.overlap.graphs.likelihood import lifted, log_marginal_likelihood

MISSING = (0, 1, 2, 17, 400, 9_000, 10**6, 10**9, 10**13)


@pytest.mark.parametrize("delta", [2.0**-5, 0.3, 1.0])
@pytest.mark.parametrize("name", ["KOSOVO", "KOREA", "ARTIFICIAL", "MADIGAN_YORK", "GAZA"])
def test_every_graph_equals_50_digits(name: str, delta: float) -> None:
    counts: tables.Counts = getattr(tables, name)
    graphs = decomposable_graphs(counts.size.bit_length() - 1, saturated=True)[:: 1 if counts.size == 8 else 12]
    found = log_marginal_likelihood(counts, np.array(MISSING, float), delta, graphs)
    size = counts.sum() * log(counts.sum())
    for g, graph in enumerate(graphs):
        for i, missing in enumerate(MISSING):
            expected = slow.in_50_digits(counts.tolist(), missing, (graph.cliques, graph.separators), delta)
            assert float(found[g, i] - expected) == pytest.approx(0.0, abs=1e-10 + 2e-15 * size)


@pytest.mark.parametrize("name", ["UK", "SPINA_BIFIDA"])
def test_graphs_on_five_lists_equal_explicit_marginal_tables(name: str) -> None:
    counts: tables.Counts = getattr(tables, name)
    graphs = decomposable_graphs(5, saturated=True)[::40]
    found = log_marginal_likelihood(counts, np.array([0.0, 3.0, 800.0, 30_000.0]), 2.0**-5, graphs)
    for g, graph in enumerate(graphs):
        for i, missing in enumerate((0, 3, 800, 30_000)):
            expected = slow.log_likelihood(counts.tolist(), missing, (graph.cliques, graph.separators), 2.0**-5)
            assert found[g, i] == pytest.approx(expected, rel=1e-10, abs=1e-9)


def test_no_precision_is_lost_for_millions_of_victims() -> None:
    counts = tables.KOSOVO * 1000
    graph = decomposable_graphs(4)[-1]
    found = log_marginal_likelihood(counts, np.array([5e6, 5_000_001.0]), 2.0**-4, (graph,))[0]
    with mp.workdps(50):
        one, other = (
            slow.in_50_digits(counts.tolist(), missing, (graph.cliques, graph.separators), 2.0**-4)
            for missing in (5e6, 5_000_001)
        )
        assert float((found[1] - found[0]) - (other - one)) == pytest.approx(0.0, abs=2e-8)


@settings(max_examples=100, deadline=None)
@given(st.floats(-4, 13), st.floats(-4, 13))
def test_ratios_of_gamma_functions_without_their_leading_term(least: float, more: float) -> None:
    x, fall = 10.0**least, 10.0**more
    with mp.workdps(60):
        y = mp.mpf(x) + mp.mpf(fall)
        expected = mp.loggamma(mp.mpf(x)) - mp.loggamma(y) + mp.mpf(fall) * mp.log(y)
        assert lifted(x, x + fall, fall) == pytest.approx(float(expected), rel=1e-12, abs=1e-12 + 4e-16 * fall)


def test_it_sums_to_one_over_all_tables() -> None:
    """All tables of 2 victims on 3 lists, those on none among them."""
    total = np.zeros(8)
    for first in range(8):
        for second in range(first, 8):
            counts = np.bincount([first, second], minlength=8)
            missing, counts[0] = counts[0], 0
            logs = log_marginal_likelihood(
                counts, np.array([float(missing)]), 0.7, decomposable_graphs(3, saturated=True)
            )
            total += np.exp(logs[:, 0])
    assert total == pytest.approx(np.ones(8), rel=1e-12)


def test_the_complete_graph_is_a_dirichlet_multinomial() -> None:
    counts = tables.KOREA
    weights = counts + np.where(np.arange(8) == 0, 30, 0)
    n = weights.sum()
    expected = gammaln(n + 1) - gammaln(weights + 1).sum() + gammaln(0.8) - gammaln(0.8 + n)
    expected += (gammaln(weights + 0.1) - gammaln(0.1)).sum()
    found = log_marginal_likelihood(counts, np.array([30.0]), 0.1, decomposable_graphs(3, saturated=True)[-1:])
    assert found[0, 0] == pytest.approx(expected, rel=1e-12)
