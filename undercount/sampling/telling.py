"""Counts what a batch has done, and tells of it about ten times a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from undercount.sampling.chain import DIVERGED, DONE
from undercount.sampling.progress import Callback, Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from undercount.sampling.draws import Plan

TELL_SECONDS = 0.1


class Teller:
    """Reads the counts that the chains keep while they run.

    Parameters
    ----------
    plan : Plan
        What each job asks for.
    jobs : int or None
        Number of jobs, where it is known.
    progress : callable or None
        What to tell.
    """

    def __init__(self, plan: Plan, jobs: int | None, progress: Callback | None) -> None:
        self._plan, self._jobs, self._progress = plan, jobs, progress
        self._running: list[NDArray[np.int64]] = []
        self._taken = self._done = self._divergences = self._told = 0
        self._is_warm = False
        self._begun = time.monotonic()
        self._next = self._begun + TELL_SECONDS

    def add(self, counts: NDArray[np.int64]) -> None:
        """A job was taken; counts of its chains, shape (chains, 3)."""
        self._taken += 1
        self._running.append(counts)

    def remove(self, counts: NDArray[np.int64]) -> None:
        """A job is finished; what a frozen chain left out counts as done."""
        self._running = [others for others in self._running if others is not counts]
        self._done += counts.shape[0] * (self._plan.draws + self._plan.tune)
        self._divergences += int(counts[:, DIVERGED].sum())
        self._is_warm = True
        if not self._running:
            self._next = 0.0
            self.tell()

    def seconds_to_next(self) -> float:
        """Seconds until it is time to tell."""
        return max(self._next - time.monotonic(), 0.0)

    def tell(self) -> None:
        """Tell, if it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + TELL_SECONDS
        if self._progress is not None:
            self._progress(self._now(now - self._begun))

    def _now(self, seconds: float) -> Progress:
        plan = self._plan
        done = self._done + sum(int(counts[:, DONE].sum()) for counts in self._running)
        self._told = max(self._told, done)  # a chain that begins anew counts from zero
        total = (self._jobs or self._taken) * plan.chains * (plan.draws + plan.tune)
        self._is_warm = self._is_warm or all(bool((counts[:, DONE] >= plan.tune).all()) for counts in self._running)
        return Progress(
            phase="sample" if self._is_warm else "warm-up",
            chains=plan.chains,
            finished_draws=self._told,
            total_draws=total,
            divergences=self._divergences + sum(int(counts[:, DIVERGED].sum()) for counts in self._running),
            seconds=seconds,
            seconds_left=seconds * (total - self._told) / self._told if self._told else None,
        )
