"""Convergence figures of draws: rank-normalised R̂, bulk and tail ESS, divergences, energy, depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


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


def diagnose(quantities: Mapping[str, Array], stats: xr.Dataset) -> Diagnostics:
    """Diagnose draws.

    Parameters
    ----------
    quantities : mapping of str to ndarray, shape (chain, draw)
        Everything that is reported.
    stats : xarray.Dataset
        diverging, energy and reached_max_treedepth, dims (chain, draw).

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
        from arviz_stats.base import array_stats

        moving = draws[moves]
        rhat[moves] = array_stats.rhat(moving, chain_axis=1, draw_axis=2)
        bulk[moves] = array_stats.ess(moving, chain_axis=1, draw_axis=2, method="bulk")
        tail[moves] = array_stats.ess(moving, chain_axis=1, draw_axis=2, method="tail", prob=(0.025, 0.975))
    energy = stats["energy"].to_numpy()
    change = np.mean(np.diff(energy, axis=1) ** 2, axis=1)
    return Diagnostics(
        chains=chains,
        draws=length,
        is_finite=is_finite,
        rhat=float(rhat.max()),
        ess_bulk=float(bulk.min()),
        ess_tail=float(tail.min()),
        worst=names[int(rhat.argmax())],
        divergences=float(stats["diverging"].to_numpy().mean()),
        ebfmi=float((change / np.maximum(energy.var(axis=1), np.finfo(float).tiny)).min()),
        depth=float(stats["reached_max_treedepth"].to_numpy().mean()),
    )
