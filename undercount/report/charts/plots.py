"""The charts of one estimate: what `Estimate.plot` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate


@dataclass(frozen=True)
class Plots:
    """Draw an estimate; every method gives a new figure that no other code holds on to.

    Parameters
    ----------
    estimate : Estimate
    """

    estimate: Estimate

    def timeline(self) -> Figure:
        """Deaths per week with 50, 80 and 95 % intervals, incidents, and every report over its window."""
        from undercount.report.charts.timeline import figure

        return figure(self.estimate)

    def sources(self) -> Figure:
        """Reporting rate of each source, prior beside posterior."""
        from undercount.report.charts.sources import figure

        return figure(self.estimate)

    def prior_posterior(self) -> Figure:
        """Toll and reporting rates before and after the evidence."""
        from undercount.report.charts.prior_posterior import figure

        return figure(self.estimate)
