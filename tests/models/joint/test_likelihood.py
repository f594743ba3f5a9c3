"""L of independent lists: the definition, by hand, and the hypergeometric law."""

from __future__ import annotations

from math import lgamma

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betaln

from undercount.data.lists import Table
from undercount.models.joint.independent import Independent
from undercount.models.joint.likelihood import overlap_likelihood


def by_definition(table: Table, toll: int, prior: float) -> float:
    """ln p(D | N) - Σ ln p(n_s | N) of independent lists whose coverages are Beta(prior, prior)."""
    missing = toll - table.observed
    value = lgamma(toll + 1) - lgamma(missing + 1) - sum(lgamma(count + 1) for count in table.counts[1:])
    for size in table.list_sizes.tolist():
        coverage = betaln(size + prior, toll - size + prior) - betaln(prior, prior)
        choices = lgamma(toll + 1) - lgamma(size + 1) - lgamma(toll - size + 1)
        value += coverage - (choices + coverage)
    return float(value)


def log_likelihood(table: Table, tolls: list[int]) -> np.ndarray:
    found = overlap_likelihood(table)
    assert found is not None
    return found.log_likelihood(np.array(tolls, dtype=float))


@given(st.lists(st.integers(0, 60), min_size=7, max_size=7), st.floats(0.2, 3.0))
def test_it_is_its_definition_whatever_the_prior(counts: list[int], prior: float) -> None:
    table = Table("", 0, ("a", "b", "c"), np.array([0, *counts]))
    tolls = [table.observed + more for more in (0, 1, 7, 100, 5000)]
    expected = [by_definition(table, toll, prior) for toll in tolls]
    found = Independent(table.observed, tuple(table.list_sizes.tolist())).log_likelihood(np.array(tolls, dtype=float))
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize(("first", "second", "both"), [(90, 70, 20), (40, 40, 0), (500, 30, 30), (3, 4, 1)])
def test_of_two_lists_it_is_hypergeometric(first: int, second: int, both: int) -> None:
    table = Table("", 0, ("a", "b"), np.array([0, first - both, second - both, both]))
    tolls = [table.observed + more for more in (0, 1, 5, 60, 1000, 10**6)]
    expected = np.asarray(stats.hypergeom.logpmf(both, tolls, first, second))
    found = log_likelihood(table, tolls)
    np.testing.assert_allclose(found - found[0], expected - expected[0], rtol=1e-8, atol=1e-8)


def test_lists_that_name_nobody_say_nothing() -> None:
    two = Table("", 0, ("a", "b"), np.array([0, 30, 20, 10]))
    more = Table("", 0, ("a", "b", "none"), np.array([0, 30, 20, 10, 0, 0, 0, 0]))
    np.testing.assert_array_equal(log_likelihood(two, [60, 600]), log_likelihood(more, [60, 600]))
    assert overlap_likelihood(Table("", 0, ("a", "none"), np.array([0, 30, 0, 0]))) is None
    assert overlap_likelihood(Table("", 0, ("a", "b"), np.array([0, 0, 0, 0]))) is None


def test_the_order_of_lists_does_not_matter() -> None:
    one = Table("", 0, ("a", "b"), np.array([0, 30, 20, 10]))
    other = Table("", 0, ("z", "y"), np.array([0, 30, 20, 10]))
    np.testing.assert_allclose(log_likelihood(one, [60, 600]), log_likelihood(other, [60, 600]), rtol=1e-14)
