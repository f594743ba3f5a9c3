"""Interval probabilities from a few points against the exact ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.builders import make_case, make_evidence, make_report
from tests.models.kernel.test_density import evaluate
from undercount.data.schema import Qualifier
from undercount.models.design import design
from undercount.models.kernel import pack_design
from undercount.models.kernel import quadrature as module
from undercount.models.kernel.layout import Exact
from undercount.models.kernel.quadrature import ROOM, is_tabulated, log_interval_by_nodes, nodes_of, tabulated
from undercount.models.negative_binomial import log_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def intervals(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Ends that the table takes: counts from 20 to 30,000, narrow and wide."""
    low = np.floor(10.0 ** rng.uniform(1.31, 4.5, 4 * count))
    high = low + np.floor(32.0 + (2.0 * low - 32.0) * rng.uniform(size=low.size) ** 2)
    fits = np.flatnonzero(is_tabulated(low, high))[:count]
    return low[fits], high[fits]


def both(low: Array, high: Array, mean: Array, theta: Array) -> tuple[Array, Array]:
    """Value and slopes by log mean and log dispersion, by nodes and exactly, shape (3, n) each."""
    table: dict[str, Any] = tabulated(low, high)
    exact = Exact(low, high, np.zeros(low.size, dtype=np.int64), **table)
    assert (exact.place >= 0).all()
    room = np.empty(ROOM)
    found = [log_interval_by_nodes(exact, j, mean[j], theta[j], room) for j in range(low.size)]
    unit = np.array([np.ones(low.size), mean, theta])
    return np.array(found).T * unit, np.array(log_intervals(low, high, mean, theta)) * unit


def test_the_sum_over_nodes_is_the_sum_over_the_interval() -> None:
    rng = np.random.default_rng(1)
    low, high = intervals(4000, rng)
    mean, theta = (low + high) / 2 * np.exp(0.6 * rng.standard_normal(low.size)), 10.0 ** rng.uniform(-1.5, 2, low.size)
    ours, exact = both(low, high, mean, theta)
    # Both take differences of sums as large as the count.
    size = np.maximum(1.0, np.abs(exact[0])) + 1e-3 * high
    assert np.abs((ours - exact) / size).max() < 1e-9


@pytest.mark.parametrize("count", [16, 32])
def test_nodes_are_exact_for_polynomials(count: int) -> None:
    nodes, weights = nodes_of(101.0, count)
    here = np.arange(-50.0, 51.0) / 50.0
    for power in range(0, 2 * count, 2):
        assert weights @ (nodes / 50.0) ** power == pytest.approx((here**power).sum(), rel=1e-11)
    np.testing.assert_allclose(nodes, -nodes[::-1], atol=1e-11)


def test_far_from_the_interval_it_is_exact_all_the_same() -> None:
    low, high = np.full(1000, 100.0), np.full(1000, 180.0)
    mean, theta = np.geomspace(1e-3, 1e7, 1000), np.geomspace(1e3, 1e-4, 1000)
    ours, exact = both(low, high, mean, theta)
    np.testing.assert_allclose(ours, exact, rtol=1e-9, atol=1e-9)


def test_a_case_with_a_table_has_the_same_density() -> None:
    told = {"value": None, "qualifier": Qualifier.RANGE}
    reports = [make_report(report=f"r{i}", low=100 + i, high=200 + 2 * i, **told) for i in (0, 9)]
    arrays = design(make_evidence(reports, case=make_case()))
    assert is_tabulated(arrays.terms.low, arrays.terms.high).any()
    without = pack_design(arrays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_TERMS", 1)
        with_table = pack_design(arrays)
    assert with_table.reals.size > without.reals.size, "few intervals have no table"
    for position in np.random.default_rng(5).standard_normal((20, without.dimension)):
        ours, exact = evaluate(with_table, position), evaluate(without, position)
        assert ours[0] == pytest.approx(exact[0], rel=1e-9)
        np.testing.assert_allclose(ours[1], exact[1], rtol=1e-7, atol=1e-7)
