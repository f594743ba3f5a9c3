"""The charts of one estimate: what `Estimate.plot` gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from undercount.report.charts.look import WIDE_ENGLISH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.report.charts.look import Look


@dataclass(frozen=True)
class Plots:
    """Draw an estimate; every method gives a new figure that no other code holds on to.

    Parameters
    ----------
    estimate : Estimate
    look : Look
        Width and language.
    """

    estimate: Estimate
    look: Look = WIDE_ENGLISH

    def timeline(self) -> Figure:
        """Deaths per week with 50, 80 and 95 % intervals, incidents, and every report over its window."""
        from undercount.report.charts.timeline import figure

        return figure(self.estimate, self.look)

    def toll(self, by: str = "actor") -> Figure:
        """Toll by actor, area, month, week or day, with 50, 80 and 95 % intervals."""
        from undercount.report.charts.toll_by import figure

        return figure(self.estimate, self.look, by=by)

    def sources(self) -> Figure:
        """Reporting rate of each source, prior beside posterior."""
        from undercount.report.charts.sources import figure

        return figure(self.estimate, self.look)

    def prior_posterior(self) -> Figure:
        """Toll and reporting rates before and after the evidence."""
        from undercount.report.charts.prior_posterior import figure

        return figure(self.estimate, self.look)

    def sensitivity(self, found: Sensitivity | None = None) -> Figure:
        """Toll without each source, and under another prior of recorders.

        Parameters
        ----------
        found : Sensitivity, optional
            By default it is measured, which fits again once for each source.
        """
        from undercount.report.charts.what_if import figure

        return figure(self.estimate, found or self.estimate.sensitivity(), self.look)
