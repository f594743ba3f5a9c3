"""The meta-analysis of lists against dense conditioning, Monte Carlo integration and its own simulations."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import exp, expm1, log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import logsumexp

from undercount.data.coverage import TOGETHER, Coverage, read_coverage
from undercount.errors import ModelError
from undercount.models.coverage import LEVELS, REACH, SPREADS, Posterior, posterior, shares

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from numpy.typing import NDArray

SHIPPED = tuple(coverage for coverage in read_coverage() if coverage.is_default)
SIGMAS = 4.0
NAMES = ("location", "own_scale", "common_scale", "log_evidence")


def dense(coverages: Sequence[Coverage]) -> tuple[NDArray[np.float64], ...]:
    """Left sides; design of the levels; what conflicts, lists, lists together and tolls add to the covariance."""
    rows = [(c, name) for c in coverages for name in c.sizes]
    y, is_together, loading = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros((len(rows), len(coverages)))
    for i, (c, name) in enumerate(rows):
        share = c.sizes[name] / exp(c.log_toll)
        is_together[i] = name == TOGETHER
        y[i] = log(-log(1 - share)) if is_together[i] else log(share)
        slope = share / ((1 - share) * -log(1 - share)) if is_together[i] else 1.0
        loading[i, coverages.index(c)] = slope * c.log_toll_sd
    same = np.array([[float(a is b) for b, _ in rows] for a, _ in rows])
    return y, np.array([np.ones(y.size), is_together]).T, same, np.diag(1 - is_together), np.diag(is_together), (
        loading @ loading.T
    )  # fmt: skip


def covariance_at(spread: Sequence[float], parts: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    """Of the shares, given the levels."""
    _, _, same, lists, unions, tolls = parts
    return spread[0] ** 2 * same + spread[1] ** 2 * lists + spread[2] ** 2 * unions + tolls


def test_the_nodes_agree_with_dense_conditioning() -> None:
    nodes, parts = 3, dense(SHIPPED)
    y, design = parts[:2]
    before, spread_of = np.array([row.location for row in LEVELS]), np.diag([row.scale**2 for row in LEVELS])
    at, weight = np.polynomial.legendre.leggauss(nodes)
    log_mass: list[float] = []
    means: list[NDArray[np.float64]] = []
    covariances: list[NDArray[np.float64]] = []
    for place in product(range(nodes), repeat=3):
        z = REACH * (1 + at[list(place)]) / 2
        given_levels = covariance_at([row.scale * x for row, x in zip(SPREADS, z, strict=True)], parts)
        whole = given_levels + design @ spread_of @ design.T
        half_normal = np.log(REACH / 2 * weight[list(place)]) + stats.halfnorm.logpdf(z)
        log_mass.append(half_normal.sum() + stats.multivariate_normal.logpdf(y, design @ before, whole))
        gain = spread_of @ design.T @ np.linalg.inv(whole)
        means.append(before + gain @ (y - design @ before))
        covariances.append(spread_of - gain @ design @ spread_of)
    found = posterior(SHIPPED, nodes=nodes)
    total = float(logsumexp(log_mass))
    assert found.log_evidence == pytest.approx(total, rel=1e-10)
    np.testing.assert_allclose(found.weight, np.exp(np.array(log_mass) - total), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found.mean, np.array(means).T, rtol=1e-10)
    np.testing.assert_allclose(found.covariance, np.moveaxis(np.array(covariances), 0, -1), rtol=1e-9, atol=1e-14)


def test_the_nodes_agree_with_draws_of_the_spreads() -> None:
    rng, parts, count = np.random.default_rng(4), dense(SHIPPED), 4000
    y, design = parts[:2]
    spreads = np.abs(rng.standard_normal((count, 3))) * [row.scale for row in SPREADS]
    level = design @ np.diag([row.scale**2 for row in LEVELS]) @ design.T
    residual = y - design @ [row.location for row in LEVELS]
    whole = np.array([covariance_at(spread, parts) for spread in spreads]) + level
    solved = np.linalg.solve(whole, np.broadcast_to(residual, (count, y.size))[..., None])[..., 0]
    log_weight = -0.5 * (solved @ residual + np.linalg.slogdet(whole)[1])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    size = 1 / (weight**2).sum()
    assert size > 200
    found = posterior(SHIPPED).summary
    for column, row in zip(spreads.T, SPREADS, strict=True):
        middle, scale = found[row.name]
        assert abs(column @ weight - middle) < SIGMAS * scale / np.sqrt(size)
        assert abs(np.sqrt((column - middle) ** 2 @ weight) / scale - 1) < SIGMAS / np.sqrt(size)


def test_more_nodes_change_nothing() -> None:
    found, finer = posterior(SHIPPED), posterior(SHIPPED, nodes=80)
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(getattr(finer, name), rel=5e-6)
    assert found.quantile(0.025) == pytest.approx(finer.quantile(0.025), rel=5e-6)


def test_the_two_parts_are_the_moments_of_the_predictive_distribution() -> None:
    found, rng, count = posterior(SHIPPED), np.random.default_rng(5), 200_000
    node = rng.choice(found.weight.size, count, p=found.weight)
    common = found.mean[0, node] + rng.standard_normal(count) * np.hypot(
        np.sqrt(found.covariance[0, 0, node]), found.spread[0, node]
    )
    draws = common + rng.standard_normal(count) * found.spread[1, node]
    assert draws.mean() == pytest.approx(found.location, abs=SIGMAS * draws.std() / np.sqrt(count))
    assert common.std() == pytest.approx(found.common_scale, rel=0.01)
    assert (draws - common).std() == pytest.approx(found.own_scale, rel=0.01)
    assert draws.std() == pytest.approx(np.hypot(found.own_scale, found.common_scale), rel=0.01)
    for probability in (0.025, 0.5, 0.975):
        below = (draws < log(found.quantile(probability))).mean()
        assert abs(below - probability) < SIGMAS * np.sqrt(probability * (1 - probability) / count)
        assert found.probability_below(found.quantile(probability)) == pytest.approx(probability, abs=1e-9)


def test_the_slope_of_a_share_is_its_derivative() -> None:
    for coverage in SHIPPED:
        low, high = (shares(replace(coverage, log_toll=coverage.log_toll + h))[0] for h in (1e-6, -1e-6))
        np.testing.assert_allclose((high - low) / 2e-6, shares(coverage)[1], rtol=1e-7)


def test_all_lists_are_worth_as_many_as_they_are_if_they_are_independent() -> None:
    rate, count = 0.02, 5
    together = round(1e9 * (1 - (1 - rate) ** count))
    lists = {str(i): round(1e9 * rate) for i in range(count)}
    found, _ = shares(Coverage("here", {**lists, TOGETHER: together}, log(1e9), 0.0, "us"))
    assert exp(found[-1] - found[0]) == pytest.approx(count, rel=rate)


def equal(one: Posterior, other: Posterior) -> None:
    for name in NAMES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.permutations(SHIPPED), st.randoms(use_true_random=False))
def test_the_order_of_conflicts_and_lists_does_not_matter(conflicts: list[Coverage], dice: Random) -> None:
    other = [replace(c, sizes=dict(dice.sample(list(c.sizes.items()), len(c.sizes)))) for c in conflicts]
    equal(posterior(other, nodes=8), posterior(SHIPPED, nodes=8))


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 1000))
def test_only_shares_matter(factor: int) -> None:
    larger = [
        replace(c, sizes={name: size * factor for name, size in c.sizes.items()}, log_toll=c.log_toll + log(factor))
        for c in SHIPPED
    ]
    equal(posterior(larger, nodes=8), posterior(SHIPPED, nodes=8))


def test_a_list_of_an_unknown_toll_says_nothing() -> None:
    vague = Coverage("elsewhere", {"a": 1}, log(1e6), 1e6, "nobody")
    found, without = posterior([*SHIPPED, vague]), posterior(SHIPPED)
    for name in ("location", "own_scale", "common_scale"):
        assert getattr(found, name) == pytest.approx(getattr(without, name), abs=1e-6)


def test_a_conflict_given_twice_is_refused() -> None:
    with pytest.raises(ModelError) as refusal:
        posterior([SHIPPED[0], SHIPPED[0]])
    assert refusal.value.code == "model-repeated-conflict"


def simulated(rng: np.random.Generator, levels: Sequence[float], spreads: Sequence[float]) -> list[Coverage]:
    """Conflicts with single lists, with all together, and with both; an error of the toll is linear in the first."""
    toll, found = log(1e12), []
    for name, count, has_together, error in (("a", 4, False, 0.3), ("b", 2, True, 0.0), ("c", 0, True, 0.0)):
        rate = levels[0] + spreads[0] * rng.standard_normal()
        sizes = {str(i): round(exp(toll + rate + spreads[1] * rng.standard_normal())) for i in range(count)}
        if has_together:
            worth = exp(rate + levels[1] + spreads[2] * rng.standard_normal())
            sizes[TOGETHER] = round(exp(toll) * -expm1(-worth))
        found.append(Coverage(name, sizes, toll + error * rng.standard_normal(), error, "simulation"))
    return found


def test_predictions_are_calibrated() -> None:
    rng = np.random.default_rng(6)
    levels = [row._replace(scale=0.4, location=place) for row, place in zip(LEVELS, (log(0.2), log(2.0)), strict=True)]
    spreads = [row._replace(scale=0.4) for row in SPREADS]
    places = []
    for _ in range(200):
        level = [row.location + row.scale * rng.standard_normal() for row in levels]
        spread = [row.scale * abs(rng.standard_normal()) for row in spreads]
        new = exp(level[0] + np.hypot(spread[0], spread[1]) * rng.standard_normal())
        found = posterior(simulated(rng, level, spread), levels=levels, spreads=spreads, nodes=16)
        places.append(found.probability_below(new))
    assert stats.kstest(places, "uniform").pvalue > 1e-3
