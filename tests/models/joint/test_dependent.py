"""L averaged over graphs: put together once more, ties taken out, lists that say nothing silent."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, logsumexp

from undercount.data.lists import Table
from undercount.errors import ModelError
from undercount.models.joint import dependent
from undercount.models.joint.curve import tabulate
from undercount.models.joint.dependent import Dependent, tie_of
from undercount.models.joint.expected import expected
from undercount.models.joint.independent import Independent
from undercount.models.joint.likelihood import overlap_likelihood
from undercount.models.overlap.graphs.graph import decomposable_graphs
from undercount.models.overlap.graphs.likelihood import log_marginal_likelihood

Array = NDArray[np.float64]

THREE = np.array([0, 60, 49, 4, 247, 112, 142, 12])
"""Spina bifida in upstate New York: Madigan and York (1997), Biometrika 84, 19-31."""
FOUR = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
"""Kosovo: Ball, Betts, Scheuren, Dudukovich, Asher (2002), Killings and refugee flow in Kosovo."""


def by_definition(counts: NDArray[np.int64], tolls: Array) -> Array:
    """Graph by graph: ln p(D | N, G) - c(G) ln(N / n), averaged, less ln p(n_s | N) of each list."""
    lists = counts.size.bit_length() - 1
    graphs, observed = decomposable_graphs(lists), counts.sum()
    each = log_marginal_likelihood(counts, tolls - observed, 2.0**-lists, graphs)
    ties = np.array([tie_of(graph) for graph in graphs])
    found = logsumexp(each - ties[:, None] * np.log(tolls / observed), axis=0)
    for j in range(lists):
        size = counts[(np.arange(counts.size) >> j & 1) > 0].sum()
        choices = gammaln(tolls + 1) - gammaln(size + 1) - gammaln(tolls - size + 1)
        found = found - choices - betaln(size + 0.5, tolls - size + 0.5) + betaln(0.5, 0.5)
    return np.asarray(found)


@pytest.mark.parametrize("counts", [THREE, FOUR], ids=["three", "four"])
def test_it_is_its_definition(counts: NDArray[np.int64]) -> None:
    tolls = float(counts.sum()) * np.array([1.0, 1.01, 1.3, 2.0, 5.0, 60.0])
    found, expected_ = Dependent.of(counts).log_likelihood(tolls), by_definition(counts, tolls)
    # Graphs that are improbable everywhere are left out.
    np.testing.assert_allclose(np.diff(found), np.diff(expected_), atol=1e-4)


def test_graphs_that_are_left_out_do_not_count() -> None:
    counts = np.random.default_rng(3).poisson(20.0, 32) * (np.arange(32) > 0)
    tolls = float(counts.sum()) * np.geomspace(1.0, 1e4, 12)
    some = Dependent.of(counts)
    found, expected_ = some.log_likelihood(tolls), by_definition(counts, tolls)
    assert some.tie.size < 821
    np.testing.assert_allclose(found - found[0], expected_ - expected_[0], atol=1e-3)


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_the_graph_without_edges_is_that_of_independent_lists(lists: int) -> None:
    counts = np.random.default_rng(1).poisson(30.0, 1 << lists) * (np.arange(1 << lists) > 0)
    sizes = Dependent.of(counts).sizes
    none = Dependent.under(counts, decomposable_graphs(lists)[:1])
    tolls = float(counts.sum()) * np.array([1.0, 1.2, 3.0, 50.0, 1e5])
    found, expected_ = (one.log_likelihood(tolls) for one in (none, Independent(none.observed, sizes)))
    np.testing.assert_allclose(np.diff(found), np.diff(expected_), rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_lists_that_say_nothing_are_silent_far_out(lists: int) -> None:
    counts = np.random.default_rng(2).poisson(30.0, 1 << lists) * (np.arange(1 << lists) > 0)
    complete = decomposable_graphs(lists, saturated=True)[-1:]
    silent = Dependent.under(counts, complete)
    far = silent.log_likelihood(counts.sum() * np.array([1e4, 1e6]))
    assert far[1] == pytest.approx(far[0], abs=1e-2)
    untied = far[1] - far[0] + tie_of(complete[0]) * np.log(100)
    assert untied > 2.5


def log_ratio(first: int, second: int, toll: int) -> float:
    """ln p(n_1, n_2 | N) - ln p(n_1 | N) p(n_2 | N) of two lists that are joined by an edge: a sum over overlaps."""
    both = np.arange(max(0, first + second - toll), min(first, second) + 1)
    cells = np.array([both, first - both, second - both, toll - first - second + both])
    whole = gammaln(toll + 1) - gammaln(toll + 1.0) + (gammaln(cells + 0.25) - gammaln(cells + 1)).sum(axis=0)
    joint = float(logsumexp(whole)) - 4 * gammaln(0.25)
    for size in (first, second):
        joint -= betaln(size + 0.5, toll - size + 0.5) - betaln(0.5, 0.5)
        joint -= gammaln(toll + 1) - gammaln(size + 1) - gammaln(toll - size + 1)
    return float(joint)


@pytest.mark.parametrize(("first", "second"), [(90, 70), (900, 100), (2000, 1900)])
def test_what_the_tie_leaves_is_small_and_vanishes(first: int, second: int) -> None:
    factors = (1, 1.2, 1.5, 2, 3, 5, 10, 100, 1000)
    left = [log_ratio(first, second, int(first * f)) - 0.25 * np.log(f) for f in factors]
    assert max(map(abs, left)) < 0.9
    assert np.ptp(left[3:]) < np.log(2)
    assert left[-1] == pytest.approx(left[-2], abs=5e-3)


def test_the_order_of_lists_does_not_matter() -> None:
    tolls = THREE.sum() * np.array([1.0, 1.3, 4.0])
    cube = THREE.reshape(2, 2, 2)
    for order in permutations(range(3)):
        moved = Dependent.of(np.ascontiguousarray(cube.transpose(order)).reshape(-1))
        np.testing.assert_allclose(moved.log_likelihood(tolls), Dependent.of(THREE).log_likelihood(tolls), rtol=1e-12)


def test_a_chunk_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood, tolls = Dependent.of(THREE), np.linspace(700.0, 900.0, 60).reshape(3, 20)
    whole = likelihood.log_likelihood(tolls)
    monkeypatch.setattr(dependent, "CHUNK", 7)
    np.testing.assert_array_equal(likelihood.log_likelihood(tolls), whole)


def test_tables_of_three_lists_and_more_are_averaged() -> None:
    names = ("a", "b", "c", "none")
    found = overlap_likelihood(Table("", 0, names, np.concatenate([THREE, np.zeros(8, dtype=np.int64)])))
    assert isinstance(found, Dependent)
    assert found.sizes == Dependent.of(THREE).sizes
    many = Table("", 0, tuple("abcdef"), np.arange(64))
    with pytest.raises(ModelError, match="3 to 5 lists, not 6") as caught:
        overlap_likelihood(many)
    assert caught.value.code == "overlap-lists"


def test_its_curve_is_close() -> None:
    likelihood = Dependent.of(THREE)
    curve = tabulate(likelihood)
    x = 0.5 * (curve.knot[1:] + curve.knot[:-1])
    exact = np.array([expected(likelihood, each).value for each in x.tolist()])
    shift = expected(likelihood, float(curve.knot[3])).value - curve.value[3]
    width, slope = np.diff(curve.knot), curve.slope
    middle = 0.5 * (curve.value[1:] + curve.value[:-1]) + width * (slope[:-1] - slope[1:]) / 8
    near = curve.value[1:] > -10
    assert np.abs(middle - exact + shift)[near].max() < 1e-4
