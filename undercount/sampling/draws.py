"""What the compiled sampler is asked for, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import SamplingError
from undercount.sampling.tree import ACCEPTANCE, DEPTH, DIVERGING, ENERGY, LOG_DENSITY, REACHED, STEP, STEPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.target import Array


@dataclass(frozen=True)
class Plan:
    """How much to sample.

    Raises
    ------
    SamplingError
        If a number makes no sense; code ``"sampling-plan"``.
    """

    draws: int
    """Kept draws of each chain."""
    tune: int
    """Iterations of its warm-up, which are not kept."""
    chains: int
    target_accept: float = 0.9
    """Mean acceptance that the step size is adapted to."""
    max_depth: int = 10
    """Most doublings of a trajectory."""
    cores: int = 0
    """Threads of `sample`; 0 means one for each processor. The draws do not depend on it."""
    levels: int = 1
    """Temperatures of each chain (`sampling.ladder`), for densities with several modes; 1 is a chain by itself."""

    def __post_init__(self) -> None:
        for name, least in {"draws": 1, "tune": 0, "chains": 1, "max_depth": 1, "cores": 0, "levels": 1}.items():
            if getattr(self, name) < least:
                _refuse(name, getattr(self, name), f"give {least} or more")
        if not 0.0 < self.target_accept < 1.0:
            _refuse("target_accept", self.target_accept, "give a number between 0 and 1")


def _refuse(name: str, value: float, hint: str) -> None:
    raise SamplingError(f"{name} is {value}", code="sampling-plan", where=name, hint=hint)


@dataclass(frozen=True)
class Draws:
    """Complete, finite draws of every chain, and what the sampler says of each."""

    position: Array
    """Shape (chains, draws, D). All that follow without a shape of their own: (chains, draws)."""
    log_density: Array
    energy: Array
    acceptance: Array
    """Mean over the states of the trajectory."""
    step_size: Array
    depth: NDArray[np.int64]
    """Doublings of the trajectory."""
    steps: NDArray[np.int64]
    """Gradients that it took."""
    diverging: NDArray[np.bool_]
    reached_depth: NDArray[np.bool_]
    """The trajectory had not turned back when it was as long as allowed."""
    restarts: NDArray[np.int64]
    """How often each chain was begun anew because it froze, shape (chains,)."""
    frozen: NDArray[np.bool_]
    """Chains that stayed frozen after every restart, shape (chains,)."""
    exchanges: Array
    """Of chains with hotter ones beside them: mean chance of an exchange between each level and the next, then how
    often a state came down from the hottest level to the coldest; shape (chains, levels), or (chains, 0)."""

    @classmethod
    def of(
        cls, position: Array, report: Array, restarts: Sequence[int], reasons: Sequence[str], exchanges: Array
    ) -> Draws:
        """Gather the chains of a job.

        Parameters
        ----------
        position : ndarray, shape (chains, draws, D)
            Draws.
        report : ndarray, shape (chains, draws, COLUMNS)
            What each draw reports.
        restarts : sequence of int
            Of each chain.
        reasons : sequence of str
            Why each chain is frozen; empty for those that are not.
        exchanges : ndarray, shape (chains, levels)
            Of chains with hotter ones beside them.

        Raises
        ------
        SamplingError
            If a chain is frozen, or anything is not finite.
        """
        _refuse_frozen(reasons)
        if not (np.isfinite(position).all() and np.isfinite(report).all()):
            raise SamplingError(
                "the sampler made draws that are not finite",
                code="sampling-incomplete",
                where="posterior",
                hint="run it again; if it repeats, look at the priors of the case",
            )
        return cls(
            position=position,
            log_density=report[..., LOG_DENSITY].copy(),
            energy=report[..., ENERGY].copy(),
            acceptance=report[..., ACCEPTANCE].copy(),
            step_size=report[..., STEP].copy(),
            depth=report[..., DEPTH].astype(np.int64),
            steps=report[..., STEPS].astype(np.int64),
            diverging=report[..., DIVERGING] > 0,
            reached_depth=report[..., REACHED] > 0,
            restarts=np.array(restarts, dtype=np.int64),
            frozen=np.array([bool(why) for why in reasons]),
            exchanges=exchanges,
        )


def _refuse_frozen(reasons: Sequence[str]) -> None:
    stuck = [chain for chain, why in enumerate(reasons) if why]
    if not stuck:
        return
    names = "chain " + ", ".join(str(chain + 1) for chain in stuck)
    raise SamplingError(
        f"{names} of {len(reasons)} stayed frozen after every restart: {reasons[stuck[0]]}",
        code="sampling-frozen",
        where=f"posterior/{names}",
        hint="look at the priors of the case and at figures that cannot be true together",
    )
