"""The cosine basis is the demeaned random walk."""

from __future__ import annotations

import numpy as np
import pytest

from undercount.models.basis import mode_count, walk_basis


def demeaned_walk_covariance(days: int) -> np.ndarray:
    """Of W(t) less its mean over time, W a Wiener process on [0, T] seen at t = ½, 1½, …: in closed form."""
    t = np.arange(days) + 0.5
    mean_part = t - t**2 / (2 * days)
    covariance: np.ndarray = np.minimum.outer(t, t) - mean_part[:, None] - mean_part + days / 3
    return covariance


@pytest.mark.parametrize(("days", "modes"), [(100, 5), (30, 29), (7, 1), (5, 0)])
def test_every_course_has_mean_zero(days: int, modes: int) -> None:
    basis = walk_basis(days, modes)
    assert basis.shape == (days, modes)
    np.testing.assert_allclose(basis.mean(axis=0), 0, atol=1e-12)


def test_modes_are_uncorrelated_and_ever_smaller() -> None:
    basis = walk_basis(60, 59)
    gram = basis.T @ basis
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-9)
    assert (np.diff(np.diag(gram)) < 0).all()


def test_many_modes_have_the_covariance_of_the_demeaned_walk() -> None:
    days, steps = 40, 51
    modes = days * steps - 1
    fine = walk_basis(days * steps, modes)[steps // 2 :: steps] / np.sqrt(steps)
    np.testing.assert_allclose(fine @ fine.T, demeaned_walk_covariance(days), atol=2 * days / (np.pi**2 * modes))


def test_the_modes_that_fit_the_days_come_close() -> None:
    days = 120
    ours = walk_basis(days, 30)
    walk = demeaned_walk_covariance(days)
    # The variance left out is the tail of Σ T / (π k)², most of it below the shortest wave.
    left_out = np.diag(walk) - (ours**2).sum(axis=1)
    tail = sum(2 * days / (np.pi * k) ** 2 for k in range(31, 100_000))
    assert (left_out > 0).all()
    assert left_out.max() < tail
    assert left_out.mean() == pytest.approx(tail / 2, rel=0.05)


def test_covariance_of_simulated_walks() -> None:
    rng = np.random.default_rng(3)
    days, count = 50, 40_000
    walk = rng.standard_normal((count, days)).cumsum(axis=1)
    walk -= walk.mean(axis=1, keepdims=True)
    ours = rng.standard_normal((count, days - 1)) @ walk_basis(days, days - 1).T
    for k in (1, 2, 5):
        wave = np.cos(np.pi * k * (np.arange(days) + 0.5) / days)
        # A walk in steps differs from the continuous one by (πk/2T)²/3; beside it stand 4 standard errors.
        ratio = np.var(ours @ wave) / np.var(walk @ wave)
        assert abs(ratio - 1) < 4 * np.sqrt(4 / count) + (np.pi * k / days) ** 2


@pytest.mark.parametrize(
    ("days", "shortest", "most", "expected"),
    [(144, 4, 30, 30), (91, 4, 30, 22), (91, 8, 8, 8), (20, 8, 8, 2), (3, 4, 30, 0), (2, 0.5, 30, 1), (1, 0.5, 30, 0)],
)
def test_number_of_modes(days: int, shortest: float, most: int, expected: int) -> None:
    assert mode_count(days, shortest, most) == expected
