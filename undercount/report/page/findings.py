"""What a report tells of: an estimate, and what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from undercount.report.summary import finite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.estimators import Estimate
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.report.charts.vintages import Series


@dataclass(frozen=True, eq=False)
class Findings:
    """An estimate, and what makes a report of it whole.

    Parameters
    ----------
    estimate : Estimate
    sensitivity : Sensitivity, optional
        What would change the figure. Without it the report says that this was not worked out.
    vintages : Backtest, optional
        How the figure grew as reports arrived; likewise.
    release : mapping, optional
        Of a figure that was released: release, released, by, reason.
    command : str
        What makes the figures again; by default `undercount estimate` with the seed.
    """

    estimate: Estimate
    sensitivity: Sensitivity | None = None
    vintages: Series | None = None
    release: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    def content(self) -> dict[str, Any]:
        """Every figure of the report: `summary.json`, with what was found out."""
        found: dict[str, Any] = finite(self.estimate.summary(self.sensitivity, self.vintages))
        return found

    @property
    def reproduction(self) -> str:
        """The command that makes the figures again."""
        if self.command:
            return self.command
        as_of = self.estimate.configuration.get("as_of")
        until = f" --as-of {as_of}" if as_of else ""
        return f"undercount estimate {self.estimate.evidence.case.case} --seed {self.estimate.seed}{until}"
