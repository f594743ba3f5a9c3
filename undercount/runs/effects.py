"""How far one thing moved a toll, with the Monte Carlo error of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot
from typing import TYPE_CHECKING

from undercount.estimators.precision import log_median, log_median_error

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate


@dataclass(frozen=True)
class Effect:
    """A difference of the logarithms of two medians."""

    log_ratio: float
    error: float
    """Monte Carlo standard error; zero where nothing was drawn anew."""

    @classmethod
    def between(cls, before: Estimate, after: Estimate) -> Effect:
        """What led from one estimate to another."""
        one, other = before.toll().draws, after.toll().draws
        return cls(log_median(other) - log_median(one), hypot(log_median_error(one), log_median_error(other)))

    @property
    def share(self) -> float:
        """The ratio of the medians, less one."""
        return exp(self.log_ratio) - 1.0

    def is_beyond(self, errors: float, share: float) -> bool:
        """Whether it is larger than so many standard errors, and than this share, up or down."""
        return abs(self.log_ratio) > errors * self.error and abs(self.share) > share

    def __str__(self) -> str:
        if self.error == 0.0:
            return f"{100 * self.share:+.1f} %"
        return f"{100 * self.share:+.1f} % (Monte Carlo error {100 * self.error:.1f} %)"


NONE = Effect(0.0, 0.0)
