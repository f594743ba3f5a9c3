"""Convergence figures of draws: rank-normalised R̂, bulk and tail ESS, divergences, energy, depth.

R̂ and ESS are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021 (Bayesian Analysis 16, 667-718), as
arviz computes them, over all quantities at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TAILS: Final = (0.025, 0.975)
"""Quantiles whose smaller ESS is the tail ESS: the ends of the reported interval."""
BLOM: Final = 3 / 8
"""Offset of a rank on its way to a normal score (Blom 1958)."""
BLOCK: Final = 8
"""Quantities at once: what they need then stays in the cache of the processor."""


@dataclass(frozen=True)
class Diagnostics:
    """Worst figures over all reported quantities, and the sampler's own."""

    chains: int
    draws: int
    is_finite: bool
    rhat: float
    ess_bulk: float
    ess_tail: float
    worst: str
    """Name of the quantity with the largest R̂."""
    divergences: float
    """Share of the draws."""
    ebfmi: float
    """Smallest over the chains."""
    depth: float
    """Share of draws that reached the largest tree depth."""


def diagnose(quantities: Mapping[str, NDArray[Any]], stats: Mapping[str, NDArray[Any]]) -> Diagnostics:
    """Diagnose draws.

    Parameters
    ----------
    quantities : mapping of str to ndarray, shape (chain, draw)
        Everything that is reported.
    stats : mapping of str to ndarray, shape (chain, draw)
        diverging, energy and reached_max_treedepth.

    Returns
    -------
    Diagnostics
        A quantity that never changes, or a single chain, has R̂ infinite and ESS zero.
    """
    names = list(quantities)
    draws = np.stack([np.asarray(quantities[name], dtype=float) for name in names])
    chains, length = draws.shape[1:]
    is_finite = bool(np.isfinite(draws).all())
    rhat, bulk, tail = (np.full(len(names), worst) for worst in (np.inf, 0.0, 0.0))
    moves = np.ptp(draws, axis=2).min(axis=1) > 0 if is_finite else np.zeros(len(names), dtype=bool)
    if chains > 1 and length > 3 and moves.any():
        rhat[moves], bulk[moves], tail[moves] = convergence(draws[moves])
    energy = np.asarray(stats["energy"])
    change = np.mean(np.diff(energy, axis=1) ** 2, axis=1)
    return Diagnostics(
        chains=chains,
        draws=length,
        is_finite=is_finite,
        rhat=float(rhat.max()),
        ess_bulk=float(bulk.min()),
        ess_tail=float(tail.min()),
        worst=names[int(rhat.argmax())],
        divergences=float(np.mean(stats["diverging"])),
        ebfmi=float((change / np.maximum(energy.var(axis=1), np.finfo(float).tiny)).min()),
        depth=float(np.mean(stats["reached_max_treedepth"])),
    )


def convergence(draws: Array) -> tuple[Array, Array, Array]:
    """Rank-normalised split R̂, bulk ESS and tail ESS of every quantity.

    Parameters
    ----------
    draws : ndarray, shape (quantity, chain, draw)
        Finite, of at least two chains and four draws.

    Returns
    -------
    tuple of ndarray, shape (quantity,)
        A quantity whose split chains all stay on one value has R̂ infinite.
    """
    blocks = [_block(draws[first : first + BLOCK]) for first in range(0, len(draws), BLOCK)]
    rhat, bulk, tail = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
    return rhat, bulk, tail


def _block(draws: Array) -> tuple[Array, Array, Array]:
    split = _split(draws)
    scores, ranked = _normal_scores(split)
    centre = np.median(ranked, axis=1)[:, None, None]
    bulk, folded = _rhat(scores), _rhat(_normal_scores(np.abs(split - centre))[0])
    # Where folding leaves but one value, only the bulk can tell.
    rhat = np.where(np.isnan(bulk), np.inf, np.fmax(bulk, folded))
    is_split_whole = split.size == draws.size
    ends = np.quantile(ranked if is_split_whole else draws.reshape(len(draws), -1), TAILS, axis=1)
    # Both tails in one batch, split as the scores are.
    below = _split(np.concatenate([draws <= end[:, None, None] for end in ends]).astype(float))
    ess = _ess(np.concatenate([scores, below])).reshape(1 + len(TAILS), -1)
    return rhat, ess[0], ess[1:].min(axis=0)


def _split(draws: Array) -> Array:
    """Halve the chains; of an odd number of draws the middle one is left out."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[..., :half], draws[..., -half:]], axis=1)


def _normal_scores(draws: Array) -> tuple[Array, Array]:
    """Normal quantiles of the ranks over all chains, those of ties averaged, shape as `draws`; and sorted draws."""
    values = draws.reshape(len(draws), -1)
    size = values.shape[1]
    order = values.argsort(axis=1)
    ranked = np.take_along_axis(values, order, axis=1)
    is_first = np.ones(values.shape, dtype=bool)
    np.not_equal(ranked[:, 1:], ranked[:, :-1], out=is_first[:, 1:])
    start = np.flatnonzero(is_first)
    ties = np.diff(start, append=values.size)
    of_ties = _quantiles(size)[2 * (start % size) + ties - 1]
    scores = np.empty_like(values)
    np.put_along_axis(scores, order, np.repeat(of_ties, ties).reshape(values.shape), axis=1)
    return scores.reshape(draws.shape), ranked


@lru_cache(maxsize=8)
def _quantiles(size: int) -> Array:
    """Normal quantiles of the ranks 1, 1½, 2, … `size`."""
    inverse = NormalDist().inv_cdf
    lower = [inverse((1 + step / 2 - BLOM) / (size - 2 * BLOM + 1)) for step in range(size - 1)]
    found = np.array([*lower, 0.0, *(-value for value in reversed(lower))])
    found.flags.writeable = False
    return found


def _rhat(draws: Array) -> Array:
    """R̂ of split chains; NaN where all of them stay on one value."""
    length = draws.shape[2]
    within = draws.var(axis=2, ddof=1).mean(axis=1)
    between = length * draws.mean(axis=2).var(axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.sqrt((between / within + length - 1) / length)
    return found


def _ess(draws: Array) -> Array:
    """Effective sample size of the mean by Geyer's initial monotone sequence, over all chains."""
    _, chains, length = draws.shape
    size = chains * length
    covariance = _autocovariance(draws)
    within = covariance[:, :1] * length / (length - 1)
    variance = covariance[:, :1] + draws.mean(axis=2).var(axis=1, ddof=1)[:, None]
    is_constant = np.ptp(draws, axis=(1, 2)) < np.finfo(float).resolution
    correlation = 1 - (within - covariance) / np.where(is_constant[:, None], 1.0, variance)
    correlation[:, 0] = 1.0
    most = max(0, (length - 3) // 2)
    even = correlation[:, : 2 * most + 1 : 2]
    pairs = even + correlation[:, 1 : 2 * most + 2 : 2]
    # Pairs are added up as long as all of them are positive, each at most as large as those before it.
    used = np.logical_and.accumulate(pairs[:, :most] > 0, axis=1)
    total = np.where(used, np.minimum.accumulate(pairs[:, :most], axis=1), 0.0).sum(axis=1)
    rows, stop = np.arange(len(draws)), used.sum(axis=1)
    rest, pair = even[rows, stop], pairs[rows, stop]
    time = 2 * total - 1 + np.where((rest > 0) | (pair >= 0), rest, 0.0)
    return np.where(is_constant, float(size), size / np.maximum(time, 1 / np.log10(size)))


def _autocovariance(draws: Array) -> Array:
    """Autocovariance at every lag, averaged over the chains before it is transformed back."""
    rows, chains, length = draws.shape
    padded = _smooth_length(2 * length)
    power = np.zeros((rows, padded // 2 + 1))
    for chain in range(chains):  # one at a time stays in the cache of the processor
        values = draws[:, chain]
        spectrum = np.fft.rfft(values - values.mean(axis=1, keepdims=True), padded)
        power += spectrum.real**2 + spectrum.imag**2
    covariance: Array = np.fft.irfft(power, padded)[:, :length] / (chains * length)
    return covariance


@lru_cache(maxsize=8)
def _smooth_length(least: int) -> int:
    """Smallest number from `least` on with no prime factor above 5, for which a transform is fast."""
    return next(number for number in count(least) if _is_smooth(number))


def _is_smooth(number: int) -> bool:
    for factor in (2, 3, 5):
        while number % factor == 0:
            number //= factor
    return number == 1
