"""Accuracy on simulated evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import accuracy

if TYPE_CHECKING:
    from benchmarks.shapes import Size

CASES = 40


class Accuracy:
    """Small and large cases at the default settings."""

    params = (["small", "any"],)
    param_names = ("size",)
    timeout = 3600

    def setup_cache(self) -> dict[str, accuracy.Accuracy]:
        """Fit the cases once for all figures."""
        sizes: tuple[Size, ...] = ("small", "any")
        return {size: accuracy.run(range(CASES), size=size) for size in sizes}

    setup_cache.timeout = 3600  # type: ignore[attr-defined]

    def track_passed(self, found: dict[str, accuracy.Accuracy], size: str) -> float:
        """Share of the cases that every gate lets pass."""
        return found[size].passed / found[size].cases

    def track_frozen(self, found: dict[str, accuracy.Accuracy], size: str) -> int:
        """Cases without an estimate because a chain stayed frozen."""
        return found[size].frozen

    def track_coverage(self, found: dict[str, accuracy.Accuracy], size: str) -> float:
        """Share of the 95 % intervals that hold the true toll."""
        return accuracy.covered(found[size].tolls) / len(found[size].tolls)

    def track_crps(self, found: dict[str, accuracy.Accuracy], size: str) -> float:
        """Mean CRPS of ln(1 + toll)."""
        return accuracy.mean_and_error(score.crps for score in found[size].tolls)[0]

    def track_bias(self, found: dict[str, accuracy.Accuracy], size: str) -> float:
        """Median of ln(estimate / truth)."""
        return accuracy.median_and_error(score.log_ratio for score in found[size].tolls)[0]
