"""The warm-up: windows, dual averaging against its sums, and metrics that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sampling.densities import correlated, mixed, normal
from undercount.sampling import adaptation
from undercount.sampling.adaptation import (
    ANCHOR,
    COLLECT,
    CURRENT,
    LOG_MEAN,
    RENEW,
    SETTLE,
    Adaptation,
    _settle,
    longest_window,
    renew,
    schedule,
)
from undercount.sampling.chain import Chain, Room
from undercount.sampling.frame import Frame
from undercount.sampling.tree import ACCEPTANCE, STEP

if TYPE_CHECKING:
    from undercount.sampling.target import Array, Target


def warmed(target: Target, tune: int, target_accept: float = 0.9, draws: int = 500) -> Chain:
    chain = Chain.started(
        target,
        np.random.default_rng(2),
        Room.of(draws, target.dimension, tune=tune, target_accept=target_accept),
    )
    assert chain is not None
    chain.advance(tune + draws)
    return chain


@given(st.integers(0, 5000))
def test_windows_double_and_leave_the_end_to_the_step_size(tune: int) -> None:
    plan = schedule(tune)
    ends = np.flatnonzero(plan == RENEW) + 1
    assert len(plan) == tune
    lengths = np.diff([0, *ends])
    assert all(lengths[:-1] == adaptation.FIRST_WINDOW * 2 ** np.arange(len(lengths[:-1])))
    if len(ends):
        assert ends[-1] == tune - round(adaptation.LAST_SHARE * tune)
        assert (plan[: ends[-1]] != SETTLE).all()
        assert (plan[ends[-1] :] == SETTLE).all()
    else:
        assert tune < 12
    assert set(plan) <= {SETTLE, COLLECT, RENEW}


def test_dual_averaging_is_the_sum_in_the_paper() -> None:
    """Hoffman and Gelman (2014), equation 6, with γ = 0.05, t₀ = 10, κ = 0.75 and μ = ln(10 ε₀)."""
    acceptances = np.random.default_rng(4).uniform(0, 1, 50)
    learnt = Adaptation.of(1, 0.8, 0)
    learnt.step[ANCHOR] = np.log(10 * 0.3)
    mean = 0.0
    for t, acceptance in enumerate(acceptances, start=1):
        _settle(learnt.step, acceptance)
        log_step = np.log(3.0) - np.sqrt(t) / 0.05 * np.sum(0.8 - acceptances[:t]) / (t + 10)
        mean = t**-0.75 * log_step + (1 - t**-0.75) * mean
        assert learnt.step[CURRENT] == pytest.approx(np.exp(log_step), rel=1e-10)
        assert learnt.step[LOG_MEAN] == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize("target", [normal(np.eye(30)), mixed()], ids=["normal", "mixed"])
def test_the_acceptance_is_about_what_was_asked_for(target: Target) -> None:
    """Steps are averaged on the log scale while they still vary, which makes the last one somewhat short."""
    reports = [warmed(target, 600, target_accept).report for target_accept in (0.6, 0.8, 0.95)]
    accepted = np.array([report[:, ACCEPTANCE].mean() for report in reports])
    assert (accepted - [0.6, 0.8, 0.95] < [0.15, 0.1, 0.04]).all()
    assert (accepted - [0.6, 0.8, 0.95] > -0.03).all()
    steps = [set(report[:, STEP]) for report in reports]
    assert [len(values) for values in steps] == [1, 1, 1]
    assert max(steps[2]) < max(steps[1]) < max(steps[0])


def test_the_metric_is_exact_where_coordinates_are_independent_normals() -> None:
    """Gradients are then -x/σ², so that the ratio is σ² whatever the draws are."""
    sd = np.logspace(-3, 3, 13)
    chain = warmed(normal(np.diag(sd**2)), 60)
    np.testing.assert_allclose(chain.system.frame.scale, sd, rtol=1e-6)
    assert chain.system.frame.rank[0] == 0


def test_the_scale_of_a_correlated_normal() -> None:
    """With covariance Σ: √(Σᵢᵢ / Σ⁻¹ᵢᵢ) is its square, which is what the variances of draws and gradients tend to."""
    covariance = correlated(10, 3)
    chain = warmed(normal(covariance), 3000)
    expected = np.sqrt(np.diag(covariance) / np.diag(np.linalg.inv(covariance)))
    np.testing.assert_allclose(chain.system.frame.scale**2, expected, rtol=0.25)


def test_a_window_is_its_variances() -> None:
    rng = np.random.default_rng(7)
    draws: Array = 1e3 + rng.standard_normal((40, 3)) * [1.0, 10.0, 0.0]
    gradients: Array = rng.standard_normal((40, 3)) * [1.0, 0.5, 2.0]
    frame = Frame.of(3)
    frame.scale[:] = 7.0
    renew(frame, draws.copy(), gradients.copy())
    expected = np.sqrt(draws.var(axis=0) / gradients.var(axis=0))
    np.testing.assert_allclose(frame.scale[:2] ** 2, expected[:2], rtol=1e-10)
    assert frame.scale[2] == 7.0, "a coordinate that did not move keeps its scale"


def test_the_longest_window_is_the_last() -> None:
    assert longest_window(schedule(400)) == 170
    assert longest_window(schedule(5)) == 0


@pytest.mark.parametrize("tune", [0, 1, 5, 30])
def test_a_short_warm_up_still_gives_finite_draws(tune: int) -> None:
    chain = warmed(normal(correlated(5, 2)), tune, draws=50)
    assert np.isfinite(chain.position).all()
    assert np.isfinite(chain.report).all()
    assert chain.report[0, STEP] > 0
