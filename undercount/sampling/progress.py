"""What a long fit tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a fit stands: `phase` is compile, warm-up, sample or summarise."""

    phase: str
    chains: int = 0
    finished_draws: int = 0
    total_draws: int = 0
    divergences: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None


Callback = Callable[[Progress], None]
