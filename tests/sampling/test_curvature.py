"""Frames of the curvature at one point, of densities whose coordinates are in blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tests.sampling.densities import normal
from undercount.sampling.batch import sample
from undercount.sampling.curvature import look_around, renew_stretch
from undercount.sampling.draws import Plan
from undercount.sampling.frame import Frame, outward
from undercount.sampling.hamiltonian import System

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target

BLOCKS, SIZE = 40, 4
DIMENSION = BLOCKS * SIZE
MEMBERS = tuple(np.arange(b, DIMENSION, BLOCKS) for b in range(BLOCKS))


def precision() -> Array:
    """Blocks that are far from their diagonals, more of them than directions, and a wide direction through all."""
    rng = np.random.default_rng(3)
    found = np.zeros((DIMENSION, DIMENSION))
    for mine in MEMBERS:
        basis = np.linalg.qr(rng.standard_normal((SIZE, SIZE)))[0]
        found[np.ix_(mine, mine)] = basis @ np.diag(np.geomspace(1e-2, 1e3, SIZE)) @ basis.T
    wide = rng.standard_normal(DIMENSION)
    along = found @ wide
    return np.asarray(found - (1 - 1e-4) * np.outer(along, along) / (wide @ along))


def blocked() -> Target:
    return replace(normal(np.linalg.inv(precision())), blocks=MEMBERS)


def matrix(frame: Frame) -> Array:
    """The derivative of q by x."""
    found = np.empty((DIMENSION, DIMENSION))
    for column, unit in zip(found, np.eye(DIMENSION), strict=True):
        outward(frame, unit, column)
    return found.T


def test_the_curvature_of_a_normal_becomes_one_in_every_direction() -> None:
    system = System.of(blocked(), np.zeros(1, dtype=np.int64))
    system.point[:] = np.random.default_rng(1).standard_normal(DIMENSION)
    look_around(system, np.random.default_rng(2))
    root, curvature = matrix(system.frame), precision()
    values = np.linalg.eigvalsh(root.T @ curvature @ root)
    assert np.linalg.cond(curvature) > 1e5
    assert values[-1] / values[0] < 10.0
    assert 0 < system.frame.rank[0] < 20, "the blocks have taken what is theirs"


def test_a_window_tells_how_far_to_stretch() -> None:
    system = System.of(blocked(), np.zeros(1, dtype=np.int64))
    look_around(system, np.random.default_rng(2))
    frame, expected = system.frame, system.frame.stretch.copy()
    draws = np.random.default_rng(4).multivariate_normal(np.zeros(DIMENSION), np.linalg.inv(precision()), 60)
    frame.stretch[:] = 1.0
    renew_stretch(frame, draws.copy(), -draws @ precision())
    used = int(frame.rank[0])
    np.testing.assert_allclose(frame.stretch[:used], expected[:used], rtol=0.2)


def test_draws_of_a_density_in_blocks_are_right_and_quick() -> None:
    found = sample(blocked(), 5, Plan(500, 150, 4, cores=2))
    spread = found.position.reshape(-1, DIMENSION).std(axis=0)
    np.testing.assert_allclose(spread, np.sqrt(np.diag(np.linalg.inv(precision()))), rtol=0.15)
    assert found.steps.mean() < 16.0
    assert not found.diverging.any()


def test_blocks_take_no_part_in_a_frame_without_them() -> None:
    system = System.of(normal(np.eye(3)), np.zeros(1, dtype=np.int64))
    look_around(system, np.random.default_rng(6))
    np.testing.assert_allclose(system.frame.scale, 1.0, rtol=1e-6)
    assert system.frame.rank[0] == 0
