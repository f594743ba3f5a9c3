"""The coordinates of a chain: maps that undo each other, and directions that a window tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.sampling.densities import correlated, normal
from undercount.sampling.chain import Chain, Room
from undercount.sampling.frame import Frame, gradient_inward, gradient_outward, inward, outward
from undercount.sampling.stretching import renew_blocks, renew_directions, renew_scale
from undercount.sampling.tree import STEPS

if TYPE_CHECKING:
    from undercount.sampling.target import Array


def frame_of(size: int, rank: int, seed: int = 0) -> Frame:
    rng = np.random.default_rng(seed)
    frame = Frame.of(size)
    frame.scale[:] = rng.uniform(0.1, 10, size)
    frame.directions[:rank] = np.linalg.qr(rng.standard_normal((size, rank)))[0].T
    frame.stretch[:rank] = rng.uniform(0.1, 10, rank)
    frame.rank[0] = rank
    return frame


def matrix(frame: Frame) -> Array:
    """The derivative of q by x."""
    used = frame.directions[: frame.rank[0]]
    inner = np.eye(frame.scale.size) + used.T @ np.diag(frame.stretch[: frame.rank[0]] - 1) @ used
    return np.diag(frame.scale) @ inner


@pytest.mark.parametrize("rank", [0, 1, 4])
def test_the_maps_are_the_matrix_and_undo_each_other(rank: int) -> None:
    frame, rng = frame_of(6, rank), np.random.default_rng(1)
    x, q, again, slope, gradient, back = (rng.standard_normal(6) for _ in range(6))
    outward(frame, x, q)
    np.testing.assert_allclose(q, matrix(frame) @ x, rtol=1e-12, atol=1e-12)
    inward(frame, q, again)
    np.testing.assert_allclose(again, x, rtol=1e-11, atol=1e-11)
    gradient_inward(frame, slope, gradient)
    np.testing.assert_allclose(gradient, matrix(frame).T @ slope, rtol=1e-12, atol=1e-12)
    gradient_outward(frame, gradient, back)
    np.testing.assert_allclose(back, slope, rtol=1e-11, atol=1e-11)


def hidden(size: int, wide: float, narrow: float) -> Array:
    """A covariance that is wide in one oblique direction and narrow in another."""
    basis = np.linalg.qr(np.random.default_rng(3).standard_normal((size, size)))[0]
    scales = np.ones(size)
    scales[:2] = wide, narrow
    return np.asarray(basis @ np.diag(scales**2) @ basis.T)


@pytest.mark.parametrize(("size", "count"), [(8, 60), (150, 60)], ids=["many draws", "fewer draws than half"])
def test_a_window_tells_the_directions_of_a_normal(size: int, count: int) -> None:
    """Draws and gradients together: far fewer draws than coordinates are enough for directions this clear."""
    covariance, rng = hidden(size, 30.0, 0.05), np.random.default_rng(4)
    draws = rng.multivariate_normal(np.zeros(size), covariance, count)
    frame = Frame.of(size)
    renew_directions(frame, draws.copy(), -draws @ np.linalg.inv(covariance))
    assert frame.rank[0] >= 2
    root = matrix(frame)
    left = np.linalg.eigvalsh(np.linalg.solve(root, np.linalg.solve(root, covariance).T))
    assert left[-1] / left[0] < 300, "the condition number was 360,000"


def test_a_window_of_a_standard_normal_tells_none() -> None:
    rng = np.random.default_rng(6)
    draws = rng.standard_normal((100, 20))
    frame = Frame.of(20)
    renew_directions(frame, draws.copy(), -draws)
    assert frame.rank[0] == 0


def test_a_window_that_tells_nothing_leaves_the_coordinates() -> None:
    for draws in (np.zeros((50, 4)), np.full((50, 4), np.nan), np.zeros((1, 4))):
        frame = frame_of(4, 2)
        renew_directions(frame, draws.copy(), draws.copy())
        assert frame.rank[0] == 0


def test_steps_are_few_where_coordinates_are_correlated() -> None:
    """Of a normal density with oblique axes, as of one with none: about as many steps a draw."""
    steps = []
    for covariance in (np.eye(20), correlated(20, 2), hidden(20, 100.0, 0.01)):
        room = Room.of(200, 20, tune=400)
        chain = Chain.started(normal(covariance), np.random.default_rng(5), room)
        assert chain is not None
        chain.advance(600)
        steps.append(chain.report[:, STEPS].mean())
        z = np.linalg.solve(np.linalg.cholesky(covariance), chain.position.T)
        assert abs(z.var() - 1) < 0.15
    assert max(steps) < 3 * steps[0]


def blocked(size: int) -> Frame:
    """A frame of two blocks, whose members lie between others."""
    rng = np.random.default_rng(8)
    frame = Frame.of(size, blocks=(np.array([4, 0, 2]), np.array([5, 1])))
    frame.scale[:] = rng.uniform(0.1, 10, size)
    frame.directions[0] = np.linalg.qr(rng.standard_normal((size, 1)))[0].T
    frame.stretch[0], frame.rank[0] = 3.0, 1
    for b in range(2):
        count = frame.first[b + 1] - frame.first[b]
        half = rng.standard_normal((count, count))
        root = half @ half.T + np.eye(count)
        frame.root[frame.place[b] : frame.place[b + 1]] = root.ravel()
        frame.inverse[frame.place[b] : frame.place[b + 1]] = np.linalg.inv(root).ravel()
    return frame


def test_blocks_turn_their_members_alone() -> None:
    frame, rng = blocked(7), np.random.default_rng(1)
    squares = np.eye(7)
    for b in range(2):
        mine = frame.member[frame.first[b] : frame.first[b + 1]]
        squares[np.ix_(mine, mine)] = frame.root[frame.place[b] : frame.place[b + 1]].reshape(mine.size, mine.size)
    whole = np.diag(frame.scale) @ squares @ np.linalg.inv(np.diag(frame.scale)) @ matrix(frame)
    x, q, again, slope, gradient, back = (rng.standard_normal(7) for _ in range(6))
    outward(frame, x, q)
    np.testing.assert_allclose(q, whole @ x, rtol=1e-12, atol=1e-12)
    inward(frame, q, again)
    np.testing.assert_allclose(again, x, rtol=1e-10, atol=1e-10)
    gradient_inward(frame, slope, gradient)
    np.testing.assert_allclose(gradient, whole.T @ slope, rtol=1e-12, atol=1e-12)
    gradient_outward(frame, gradient, back)
    np.testing.assert_allclose(back, slope, rtol=1e-10, atol=1e-10)


def test_a_window_tells_blocks_of_a_normal() -> None:
    """Sixty blocks of which each is far from its diagonal: more directions than a frame may stretch along."""
    blocks, size = 60, 5
    dimension, rng = blocks * size, np.random.default_rng(9)
    covariance = np.zeros((dimension, dimension))
    members = tuple(np.arange(b, dimension, blocks) for b in range(blocks))
    for mine in members:
        covariance[np.ix_(mine, mine)] = hidden(size, 20.0, 0.05)
    draws = rng.multivariate_normal(np.zeros(dimension), covariance, 80)
    gradients = -draws @ np.linalg.inv(covariance)
    frame = Frame.of(dimension, blocks=members)
    renew_scale(frame, draws.copy(), gradients.copy())
    renew_blocks(frame, draws.copy(), gradients.copy())
    turned, slopes = np.empty_like(draws), np.empty_like(draws)
    for k in range(80):
        inward(frame, draws[k], turned[k])
        gradient_inward(frame, gradients[k], slopes[k])
    # Of a standard normal density the gradient is the draw, turned round.
    assert np.abs(slopes + turned).mean() < 0.3 * np.abs(turned).mean()
