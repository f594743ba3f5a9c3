"""One number with its posterior, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from undercount.errors import RunError
from undercount.estimators import Quantity

DRAWS = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(2, 60)), elements=st.integers(0, 10**9).map(float)
)
VALUES = st.floats(-10, 2e9)


@pytest.fixture(scope="module")
def quantity() -> Quantity:
    return Quantity(np.random.default_rng(1).poisson(3000, size=(4, 500)).astype(float))


def test_figures_are_those_of_numpy(quantity: Quantity) -> None:
    draws = np.sort(quantity.draws.ravel())
    assert quantity.median == np.median(draws)
    assert quantity.mean == pytest.approx(draws.sum() / 2000, rel=1e-14)
    assert quantity.sd == pytest.approx(np.sqrt(((draws - draws.mean()) ** 2).sum() / 1999), rel=1e-12)
    # Of 2,000 draws, 2.5 % is 0.025 · 1999 = 49.975 steps after the smallest.
    assert quantity.interval[0] == pytest.approx(draws[49] + 0.975 * (draws[50] - draws[49]))
    assert quantity.interval[1] == pytest.approx(draws[1949] + 0.025 * (draws[1950] - draws[1949]))


def test_the_interval_says_what_it_is(quantity: Quantity) -> None:
    assert (quantity.ci_prob, quantity.ci_kind) == (0.95, "eti")
    half = Quantity(quantity.draws, ci_prob=0.5)
    assert half.interval == tuple(np.quantile(quantity.draws, [0.25, 0.75]))
    assert "(50% eti)" in repr(half)


def test_repr_has_median_interval_and_unit() -> None:
    assert repr(Quantity(np.arange(1000.0, 3001.0))) == "2,000 deaths [1,050 - 2,950] (95% eti)"
    assert repr(Quantity(np.arange(101.0), unit="bodies")).startswith("50 bodies [")


@pytest.mark.parametrize(("comparison", "share"), [(">", 0.5), (">=", 0.75), ("<", 0.25), ("<=", 0.5)])
def test_comparisons_differ_at_a_tie(comparison: str, share: float) -> None:
    assert Quantity(np.array([1.0, 2.0, 3.0, 4.0])).probability(comparison, 2) == share


@pytest.mark.parametrize("comparison", ["=", "==", "=>", "", "gt", "> "])
def test_an_unknown_comparison_is_refused(quantity: Quantity, comparison: str) -> None:
    with pytest.raises(RunError, match="is not a comparison") as caught:
        quantity.probability(comparison, 3000)
    assert caught.value.code == "run-unknown-comparison"
    assert caught.value.hint == "write one of: >, >=, <, <="


@given(DRAWS, VALUES, VALUES)
def test_probabilities_are_complementary_and_monotone(draws: np.ndarray, one: float, other: float) -> None:
    quantity = Quantity(draws)
    low, high = sorted((one, other))
    assert quantity.probability(">", one) + quantity.probability("<=", one) == pytest.approx(1)
    assert quantity.probability(">=", one) + quantity.probability("<", one) == pytest.approx(1)
    assert quantity.probability(">", low) >= quantity.probability(">", high)
    assert quantity.probability(">=", low) >= quantity.probability(">", low)


@given(DRAWS, st.floats(0.01, 0.98), st.floats(0.001, 0.02))
def test_intervals_are_nested_and_within_the_draws(draws: np.ndarray, prob: float, more: float) -> None:
    (low, high), (lower, higher) = Quantity(draws, prob).interval, Quantity(draws, prob + more).interval
    assert draws.min() <= lower <= low <= high <= higher <= draws.max()
    assert low <= Quantity(draws).median <= high


@given(DRAWS, st.integers(1, 10**6))
def test_a_shift_of_the_draws_shifts_the_figures(draws: np.ndarray, by: int) -> None:
    one, other = Quantity(draws), Quantity(draws + by)
    assert other.median == pytest.approx(one.median + by)
    assert other.mean == pytest.approx(one.mean + by)
    assert other.sd == pytest.approx(one.sd, abs=1e-6)
    assert other.interval == pytest.approx([end + by for end in one.interval])
