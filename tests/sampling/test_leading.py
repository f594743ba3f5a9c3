"""Starts that are led up a density, and frames of its curvature there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.sampling.densities import correlated, normal
from undercount.sampling.batch import sample
from undercount.sampling.chain import Chain, Room
from undercount.sampling.draws import Plan
from undercount.sampling.frame import gradient_inward, inward
from undercount.sampling.hamiltonian import System
from undercount.sampling.leading import lead
from undercount.sampling.tree import CHOSEN

if TYPE_CHECKING:
    from undercount.sampling.target import Target

SIZE = 12
FAR = 1e4
"""Standard deviations from the mass at which chains would start."""


def far_away(held: int = 0) -> Target:
    """A normal density, whose starts are far from it; the first so many coordinates are held."""
    target = normal(correlated(SIZE, 2))
    led = np.arange(SIZE) >= held
    return replace(target, draw_start=lambda rng: FAR * rng.standard_normal(SIZE), led=led)


def test_a_start_is_led_to_the_top_of_a_normal() -> None:
    target, covariance = far_away(), correlated(SIZE, 2)
    system = System.of(target, np.zeros(1, dtype=np.int64))
    rng = np.random.default_rng(1)
    point = lead(system, target.draw_start(rng), np.ones(SIZE, dtype=bool), rng)
    assert point @ np.linalg.solve(covariance, point) < 1.0
    draw, gradient = np.linalg.cholesky(covariance) @ rng.standard_normal(SIZE), np.empty(SIZE)
    inner = np.empty(SIZE)
    inward(system.frame, draw, inner)
    gradient_inward(system.frame, -np.linalg.solve(covariance, draw), gradient)
    np.testing.assert_allclose(gradient, -inner, atol=0.5, err_msg="the frame makes the density a standard normal one")


def test_what_is_held_stays_where_it_started() -> None:
    target = far_away(held=3)
    system = System.of(target, np.zeros(1, dtype=np.int64))
    rng = np.random.default_rng(2)
    start = target.draw_start(rng)
    assert target.led is not None
    point = lead(system, start, target.led, rng)
    np.testing.assert_array_equal(point[:3], start[:3])
    assert np.abs(point[3:] - start[3:]).min() > 0.0


def test_a_chain_begins_where_it_was_led() -> None:
    target = far_away()
    chain = Chain.started(target, np.random.default_rng(3), Room.of(10, SIZE, tune=0))
    assert chain is not None
    assert chain.tree.log_density[CHOSEN] > -1.0
    scale = chain.system.frame.scale.copy()
    chain.advance(1)
    np.testing.assert_array_equal(chain.system.frame.scale, scale, "the first frame is the one of the curvature")


def test_draws_of_led_chains_are_those_of_the_density() -> None:
    covariance = correlated(SIZE, 2)
    found = sample(far_away(), 4, Plan(1000, 100, 4, cores=2))
    assert found.position.reshape(-1, SIZE).var(axis=0) == pytest.approx(np.diag(covariance), rel=0.15)
