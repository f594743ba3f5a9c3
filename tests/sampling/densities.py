"""Densities whose law is known, for the tests of the compiled sampler."""

from __future__ import annotations

from math import exp, inf, log, log1p, nan
from typing import TYPE_CHECKING

import numba
import numpy as np
from scipy import stats

from undercount.sampling.chain import Chain, Room
from undercount.sampling.target import SIGNATURE, Array, Heat, Jump, Target
from undercount.sampling.tree import CHOSEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBABILITIES = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
TRAP = 1000.0
"""A point of its own in `trapped`."""


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _normal(position, gradient, precision, _integers, _workspace):  # type: ignore[no-untyped-def]
    """Normal with mean zero and a precision matrix, row by row."""
    size = position.size
    value = 0.0
    for i in range(size):
        gradient[i] = 0.0
        for j in range(size):
            gradient[i] -= precision[i * size + j] * position[j]
        value += 0.5 * gradient[i] * position[i]
    return value


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _mixed(position, gradient, reals, _integers, workspace):  # type: ignore[no-untyped-def]
    """The logarithm of a gamma variable, a Student t and a normal; the workspace is used and overwritten."""
    shape, freedom, sd = reals[0], reals[1], reals[2]
    workspace[0] = exp(position[0])
    gradient[0] = shape - workspace[0]
    ratio = position[1] * position[1] / freedom
    gradient[1] = -(freedom + 1.0) * position[1] / freedom / (1.0 + ratio)
    gradient[2] = -position[2] / (sd * sd)
    value = shape * position[0] - workspace[0] - 0.5 * (freedom + 1.0) * log1p(ratio)
    return value + 0.5 * gradient[2] * position[2]


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _funnel(position, gradient, reals, _integers, _workspace):  # type: ignore[no-untyped-def]
    """Normal, and the log variance of all the others (Neal 2003, Annals of Statistics 31, 705)."""
    width, inverse = reals[0], exp(-position[0])
    value = -0.5 * position[0] * position[0] / (width * width)
    gradient[0] = -position[0] / (width * width)
    for i in range(1, position.size):
        energy = 0.5 * position[i] * position[i] * inverse
        value -= energy + 0.5 * position[0]
        gradient[0] += energy - 0.5
        gradient[i] = -position[i] * inverse
    return value


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _trapped(position, gradient, _reals, kind, _workspace):  # type: ignore[no-untyped-def]
    """Standard normal; of kind 1 also finite at one far point, of kind 2 only there, of kind 3 without a gradient."""
    value = 0.0
    for i in range(position.size):
        gradient[i] = -position[i]
        value -= 0.5 * position[i] * position[i]
    if kind[0] == 3:
        gradient[0] = nan
    if kind[0] > 0 and position[0] == TRAP:
        return 0.0
    if kind[0] == 2 or position[0] > 0.5 * TRAP:
        return -inf
    return value


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _hills(position, gradient, reals, _integers, _workspace):  # type: ignore[no-untyped-def]
    """Normal of a wide scale, times a power of two narrow hills along the first coordinate."""
    power, width, apart, share = reals[0], reals[1], reals[2], reals[3]
    value = 0.0
    for i in range(position.size):
        gradient[i] = -position[i] / (width * width)
        value += 0.5 * gradient[i] * position[i]
    right, left = position[0] - apart, position[0] + apart
    ahead = log(share / (1.0 - share)) + 0.5 * (left * left - right * right)
    at_right = 1.0 / (1.0 + exp(-ahead))
    gradient[0] -= power * (at_right * right + (1.0 - at_right) * left)
    top = -0.5 * left * left + log(1.0 - share) if ahead < 0.0 else -0.5 * right * right + log(share)
    value += power * (top + log1p(exp(-abs(ahead))))
    for i in range(1, position.size):
        gradient[i] -= power * position[i]
        value -= 0.5 * power * position[i] * position[i]
    return value


@numba.cfunc(SIGNATURE, cache=True, error_model="numpy")
def _mirrored(position, uniforms, reals, _integers, _workspace):  # type: ignore[no-untyped-def]
    """To the other hill and back, as a Metropolis step: all but the shares is the same there."""
    power, apart, share = reals[0], reals[2], reals[3]
    odds = share / (1.0 - share) if position[0] > 0.0 else (1.0 - share) / share
    near = exp(-2.0 * apart * abs(position[0]))  # the far hill, felt here
    if uniforms[0] < ((1.0 + odds * near) / (odds + near)) ** power:
        position[0] = -position[0]
        return 1.0
    return 0.0


NOTHING = np.zeros(0)
NO_INTEGERS = np.zeros(0, dtype=np.int64)
MIXED_LAWS = (stats.loggamma(2.0), stats.t(4.0), stats.norm(scale=30.0))


def normal(covariance: Array) -> Target:
    """Normal with mean zero, begun anywhere in a cube around it."""
    size = len(covariance)
    precision = np.linalg.inv(covariance)
    return Target(_normal, size, precision.ravel(), NO_INTEGERS, 0, lambda rng: rng.uniform(-2, 2, size))


def mixed() -> Target:
    """Three independent coordinates, of the laws `MIXED_LAWS`."""
    return Target(_mixed, 3, np.array([2.0, 4.0, 30.0]), NO_INTEGERS, 1, lambda rng: rng.uniform(-2, 2, 3))


def funnel(size: int, width: float) -> Target:
    """One normal coordinate of standard deviation `width`, the log variance of `size` - 1 others."""
    return Target(_funnel, size, np.array([width]), NO_INTEGERS, 0, lambda rng: rng.uniform(-1, 1, size))


def funnel_draws(size: int, width: float, count: int, rng: np.random.Generator) -> Array:
    """Exact draws of a funnel, shape (count, size)."""
    draws = rng.standard_normal((count, size))
    draws[:, 0] *= width
    draws[:, 1:] *= np.exp(draws[:, :1] / 2)
    return draws


def trapped(kind: int, chance: float = 1.0) -> Target:
    """Standard normal in two dimensions, begun in the trap with this chance."""

    def draw_start(rng: np.random.Generator) -> Array:
        start = rng.standard_normal(2)
        start[0] = TRAP if rng.random() < chance else start[0]
        return start

    return Target(_trapped, 2, NOTHING, np.array([kind]), 0, draw_start)


def hills(apart: float, share: float, *, jumps: bool = False) -> Target:
    """Three coordinates, of which the first has two hills; `share` of the likelihood is to the right. Starts left."""
    return Target(
        _hills, 3, np.array([1.0, 6.0, apart, share]), NO_INTEGERS, 0, lambda rng: rng.normal(-apart, 1.0, 3),
        jump=Jump(_mirrored, 1) if jumps else None, heat=Heat(place=0, hottest=0.01),
    )  # fmt: skip


def correlated(size: int, spread: float) -> Array:
    """A covariance with correlations to 0.9 or so, and standard deviations over `spread` orders of magnitude."""
    rng = np.random.default_rng(5)
    factor = rng.standard_normal((size, size))
    covariance = factor @ factor.T / size + 0.3 * np.eye(size)
    sd = np.logspace(-spread / 2, spread / 2, size) / np.sqrt(np.diag(covariance))
    return covariance * np.outer(sd, sd)


def fixed(target: Target, draws: int, step: float, inverse_mass: Array | float, max_depth: int = 10) -> Chain:
    """A chain with a given step size and metric, and no warm-up; `put` sets where it is."""
    room = Room.of(draws, target.dimension, tune=0, max_depth=max_depth)
    chain = Chain.of(target, np.random.default_rng(3), room)
    chain.system.frame.scale[:] = np.sqrt(inverse_mass)
    chain.adaptation.step[:] = [step, 0, 0, 0, 0, 0.9]
    return chain


def put(chain: Chain, position: Array, draw: int) -> None:
    """Let the next transition begin here, and be the draw of this number (from 1: the first would adapt)."""
    assert chain._start_at(position)
    chain.counts[0] = draw


def share_errors(draws: NDArray[np.float64], laws: tuple[object, ...]) -> Array:
    """Standard errors by which the shares below known quantiles are off, of draws of shape (chains, draws, D)."""
    from arviz_stats.base import array_stats

    errors = []
    for i, law in enumerate(laws):
        for probability in PROBABILITIES:
            below = (draws[..., i] < law.ppf(probability)).astype(float)  # type: ignore[attr-defined]
            effective = float(array_stats.ess(below, chain_axis=0, draw_axis=1, method="mean"))
            assert effective > 200
            errors.append((below.mean() - probability) / np.sqrt(probability * (1 - probability) / effective))
    return np.array(errors)


def gradient_of(chain: Chain) -> Array:
    """Gradient at the chain's state."""
    gradient: Array = chain.tree.gradient[CHOSEN]
    return gradient
