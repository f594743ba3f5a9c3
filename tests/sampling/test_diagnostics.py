"""Convergence figures against slow twins, arviz, and values known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from undercount.sampling import Diagnostics, diagnose
from undercount.sampling.diagnostics import convergence

Array = NDArray[np.float64]
CHAINS, DRAWS = 4, 500


def walk(rng: np.random.Generator, correlation: float, shape: tuple[int, ...] = (CHAINS, DRAWS)) -> Array:
    """A stationary autoregression of unit variance along the last axis."""
    noise = np.sqrt(1 - correlation**2) * rng.standard_normal(shape)
    draws = np.empty(shape)
    draws[..., 0] = rng.standard_normal(shape[:-1])
    for t in range(1, shape[-1]):
        draws[..., t] = correlation * draws[..., t - 1] + noise[..., t]
    return draws


def sampler_stats(shape: tuple[int, int] = (CHAINS, DRAWS), **changes: NDArray[Any]) -> dict[str, NDArray[Any]]:
    values: dict[str, NDArray[Any]] = {
        "energy": np.random.default_rng(0).standard_normal(shape),
        "diverging": np.zeros(shape, dtype=bool),
        "reached_max_treedepth": np.zeros(shape, dtype=bool),
    }
    return values | changes


def of(draws: Array) -> Diagnostics:
    return diagnose({"x": draws}, sampler_stats(draws.shape))


def slow_rhat(draws: Array) -> float:
    """Vehtari et al. 2021, equations 1 to 4 and 14: larger of bulk and folded, on normal scores of split chains."""

    def plain(scores: Array) -> float:
        length = scores.shape[1]
        within = scores.var(axis=1, ddof=1).mean()
        between = length * scores.mean(axis=1).var(ddof=1)
        return float(np.sqrt(((length - 1) / length * within + between / length) / within))

    half = draws.shape[1] // 2
    split = np.concatenate([draws[:, :half], draws[:, -half:]])
    found = []
    for values in (split, np.abs(split - np.median(split))):
        ranks = stats.rankdata(values).reshape(values.shape)
        found.append(plain(stats.norm.ppf((ranks - 0.375) / (ranks.size + 0.25))))
    return max(found)


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.97])
def test_rhat_equals_the_slow_twin(correlation: float) -> None:
    draws = walk(np.random.default_rng(3), correlation)
    assert of(draws).rhat == pytest.approx(slow_rhat(draws), abs=1e-10)


def test_figures_are_the_worst_of_those_that_arviz_gives() -> None:
    import arviz as az

    rng = np.random.default_rng(4)
    draws = {"easy": walk(rng, 0.0), "slow": walk(rng, 0.9), "odd": np.exp(walk(rng, 0.5))}
    dataset = xr.Dataset({name: (("chain", "draw"), values) for name, values in draws.items()})
    rhat = {name: float(value) for name, value in az.rhat(dataset).items()}
    bulk = {name: float(value) for name, value in az.ess(dataset, method="bulk").items()}
    tail = {name: float(value) for name, value in az.ess(dataset, method="tail", prob=(0.025, 0.975)).items()}
    found = diagnose(draws, sampler_stats())
    assert found.rhat == pytest.approx(max(rhat.values()), abs=1e-12)
    assert found.worst == max(rhat, key=rhat.__getitem__)
    assert found.ess_bulk == pytest.approx(min(bulk.values()), rel=1e-12)
    assert found.ess_tail == pytest.approx(min(tail.values()), rel=1e-12)


SHAPES = [
    (2, 4), (2, 5), (3, 6), (4, 7), (4, 8), (5, 9), (2, 10), (2, 11), (4, 17), (3, 99), (8, 250), (3, 501), (4, 1000)
]  # fmt: skip


def varied(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Draws of every sort: independent, slow, antithetic, stuck, apart, heavy-tailed, tied, without chance."""
    chains, length = shape
    stuck, one_end = rng.standard_normal(shape), rng.standard_normal(shape)
    stuck[0, length // 3 :] = stuck[0, 0]
    one_end[:, -1] = 9.0
    level = 3.0 * np.arange(chains)[:, None]
    place = np.arange(length, dtype=float)
    return np.stack([
        rng.standard_normal(shape), walk(rng, 0.95, shape), walk(rng, -0.7, shape), walk(rng, -0.99, shape),
        stuck, one_end, level + rng.standard_normal(shape), level * rng.standard_normal(shape),
        rng.standard_cauchy(shape), np.exp(20 * rng.standard_normal(shape)), 1e12 + rng.standard_normal(shape),
        rng.poisson(300.0, shape), rng.poisson(1.0, shape), rng.integers(0, 2, shape),
        np.repeat(rng.standard_normal((chains, length)), 3, axis=1)[:, :length],
        np.tile(place % 2, (chains, 1)), np.tile(place, (chains, 1)), np.sort(rng.standard_normal(shape), axis=1),
    ]).astype(float)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_convergence_equals_that_of_arviz(shape: tuple[int, int]) -> None:
    from arviz_stats.base import array_stats

    draws = varied(shape, np.random.default_rng(shape))
    draws = draws[np.ptp(draws, axis=2).min(axis=1) > 0]
    assert len(draws) >= 15
    axes = {"chain_axis": 1, "draw_axis": 2}
    with np.errstate(divide="ignore", invalid="ignore"):
        rhat = array_stats.rhat(draws, **axes)
        bulk = array_stats.ess(draws, **axes, method="bulk")
        tail = array_stats.ess(draws, **axes, method="tail", prob=(0.025, 0.975))
    for found, expected in zip(convergence(draws), (rhat, bulk, tail), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=0)


def test_quantities_do_not_touch_each_other() -> None:
    draws = varied((4, 250), np.random.default_rng(15))
    together = np.array(convergence(draws))
    alone = np.array([convergence(one[None]) for one in draws])[..., 0].T
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("length", [8, 9])
def test_halves_that_each_stay_on_one_value_have_no_finite_rhat(length: int) -> None:
    draws = np.zeros((2, 3, length))
    draws[0, :, length // 2] = 1.0 if length % 2 else 0.0  # the middle draw, which no half holds
    draws[1] = np.where(np.arange(length) < length // 2, 1.0, 2.0)
    assert list(convergence(draws)[0]) == [np.inf, np.inf]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8])
def test_ess_of_an_autoregression(correlation: float) -> None:
    draws = walk(np.random.default_rng(5), correlation, (CHAINS, 5000))
    # In closed form; the estimate of it has a standard error of about 4 % at 20,000 draws.
    known = draws.size * (1 - correlation) / (1 + correlation)
    assert of(draws).ess_bulk == pytest.approx(known, rel=0.16)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_ebfmi_of_an_autoregression(correlation: float) -> None:
    level = 40.0 * np.arange(CHAINS)[:, None]  # each chain is held against its own variance
    energy = level + 3 * walk(np.random.default_rng(6), correlation, (CHAINS, 20_000))
    found = diagnose({"x": walk(np.random.default_rng(7), 0.0)}, sampler_stats(energy.shape, energy=energy))
    # E (ΔE)² / Var E = 2 (1 - ρ); the smallest of four chains lies a little below.
    assert found.ebfmi == pytest.approx(2 * (1 - correlation), rel=0.06)


def test_shares_are_counted_over_all_draws() -> None:
    diverging, deep = (np.zeros((CHAINS, DRAWS), dtype=bool) for _ in range(2))
    diverging[2, :5] = True
    deep[:, 0] = True
    found = diagnose(
        {"x": walk(np.random.default_rng(8), 0)}, sampler_stats(diverging=diverging, reached_max_treedepth=deep)
    )
    assert found.divergences == 5 / 2000
    assert found.depth == 4 / 2000
    assert (found.chains, found.draws, found.is_finite) == (CHAINS, DRAWS, True)


# Of some constants, the mean of their copies is off by a rounding error, so that their sd is not zero.
@pytest.mark.parametrize("value", [0.0, 0.1, np.log(0.3), 1e9 / 7])
@pytest.mark.parametrize("stuck", [slice(0, 1), slice(None)], ids=["one chain", "every chain"])
def test_a_chain_that_never_moves_has_no_effective_draw(value: float, stuck: slice) -> None:
    draws = value + walk(np.random.default_rng(9), 0.0)
    draws[stuck] = value
    found = of(draws)
    assert (found.rhat, found.ess_bulk, found.ess_tail) == (np.inf, 0.0, 0.0)


@pytest.mark.parametrize("shape", [(1, 500), (4, 3)], ids=["one chain", "three draws"])
def test_too_little_has_no_effective_draw(shape: tuple[int, int]) -> None:
    found = of(walk(np.random.default_rng(10), 0.0, shape))
    assert (found.rhat, found.ess_bulk, found.ess_tail) == (np.inf, 0.0, 0.0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_draw_that_is_not_finite_spoils_every_figure(value: float) -> None:
    good, bad = walk(np.random.default_rng(11), 0.0), walk(np.random.default_rng(12), 0.0)
    bad[3, 250] = value
    found = diagnose({"good": good, "bad": bad}, sampler_stats())
    assert not found.is_finite
    assert (found.rhat, found.ess_bulk, found.ess_tail) == (np.inf, 0.0, 0.0)


def test_one_quantity_that_never_moves_is_named() -> None:
    rng = np.random.default_rng(13)
    found = diagnose({"good": walk(rng, 0.0), "flat": np.ones((CHAINS, DRAWS))}, sampler_stats())
    assert found.worst == "flat"
    assert found.rhat == np.inf
