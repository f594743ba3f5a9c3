"""L of lists that are independent of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undercount.models.joint.factorials import log_gamma_ratio

if TYPE_CHECKING:
    from undercount.models.joint.factorials import Array


@dataclass(frozen=True)
class Independent:
    """L of lists that are independent of each other."""

    observed: int
    sizes: tuple[int, ...]

    @property
    def listed(self) -> int:
        """Sum of the sizes of the lists."""
        return sum(self.sizes)

    def log_likelihood(self, toll: Array) -> Array:
        """Log L at tolls that are not below `observed`, up to a constant."""
        above = toll + 1.0
        found = log_gamma_ratio(above, above - self.observed)
        for size in self.sizes:
            found = found - log_gamma_ratio(above, above - size)
        return found
