"""Tolls that the data bound, and tolls that they do not."""

from __future__ import annotations

import numpy as np
import pytest

from undercount.models.overlap.latent_class import LatentClassPriors, boundedness

PRIORS = LatentClassPriors()


def power_law(index: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draws whose share seen falls as a power below its median."""
    seen = 0.2 * np.random.default_rng(seed).random((4, 20_000)) ** (1 / index)
    return 100.0 / seen, seen


@pytest.mark.parametrize("lists", [3, 4, 8])
@pytest.mark.parametrize("power", [0.0, 1.0])
def test_a_tail_of_the_prior_is_the_priors(lists: int, power: float) -> None:
    index = lists + power - 1
    toll, seen = power_law(index)
    found = boundedness(toll, seen, lists, LatentClassPriors(toll_power=power))
    assert found.prior_fall == index
    assert found.fall == pytest.approx(index, rel=0.03)
    assert found.prior_share == pytest.approx(1.0, rel=0.03)
    assert not found.is_bounded
    assert "overlap too little" in found.reasons[0]
    assert boundedness(*power_law(1.2 * index), lists, LatentClassPriors(toll_power=power)).is_bounded


def test_a_narrow_tail_is_the_datas() -> None:
    rng = np.random.default_rng(2)
    seen = 0.4 * np.exp(0.1 * rng.standard_normal((4, 5000)))
    found = boundedness(4400 / seen, seen, 4, PRIORS)
    assert found.is_bounded
    assert found.prior_share < 0.3
    assert found.ratio == pytest.approx(np.exp(0.196), rel=0.02)


def test_wide_tolls_and_lists_that_saw_nobody_are_named() -> None:
    rng = np.random.default_rng(3)
    seen = np.exp(-6 + 1.5 * rng.standard_normal((4, 5000))).clip(max=1.0)
    found = boundedness(100 / seen, seen, 3, PRIORS)
    assert any("times the median" in reason for reason in found.reasons)
    assert any("one in a hundred" in reason for reason in found.reasons)


def test_a_prior_without_a_mean_is_named() -> None:
    seen = np.full((4, 100), 0.5) + np.linspace(0, 0.01, 100)
    found = boundedness(100 / seen, seen, 3, LatentClassPriors(caught=0.3))
    assert found.prior_fall == pytest.approx(0.9)
    assert any("no mean" in reason for reason in found.reasons)


def test_all_seen() -> None:
    found = boundedness(np.full((4, 100), 50.0), np.ones((4, 100)), 3, PRIORS)
    assert found.is_bounded
    assert found.fall == np.inf
