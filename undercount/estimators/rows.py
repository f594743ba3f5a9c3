"""The tables of an estimate as plain rows, without pandas: the one source of frames, summaries and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undercount.estimators import scoping, tables

if TYPE_CHECKING:
    from undercount.estimators.deaths import Deaths
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.tables import Row


@dataclass(frozen=True, eq=False)
class Rows:
    """What the methods of `Estimate` of the same names give as frames, one mapping for each row.

    Parameters
    ----------
    estimate : Estimate
    """

    estimate: Estimate

    @property
    def deaths(self) -> Deaths:
        """Draws of the deaths inside the scope of the estimate."""
        return scoping.selected(self.estimate.sampled, self.estimate.scope)

    def toll(self, by: str | Sequence[str]) -> Sequence[Row]:
        """Toll by any of actor, area, day, week, month."""
        return tables.toll_rows(self.estimate.evidence.case, self.deaths, by)

    def timeline(self) -> Sequence[Row]:
        """Deaths per week over the whole modelled timeline."""
        case = self.estimate.evidence.case
        question = scoping.narrowed(case, self.estimate.scope, case.timeline, None)
        return tables.timeline_rows(case, scoping.selected(self.estimate.sampled, question))

    def reporting_rates(self) -> Sequence[Row]:
        """Reporting rate of each source, prior beside posterior."""
        estimate = self.estimate
        return tables.rate_rows(estimate.evidence, estimate.design, estimate.sampled)

    def lags(self) -> Sequence[Row]:
        """How fast each source with a lag documents, prior beside posterior."""
        return tables.lag_rows(self.estimate.design, self.estimate.sampled)

    def reports(self) -> Sequence[Row]:
        """Each report in the likelihood beside its prediction."""
        estimate = self.estimate
        return tables.report_rows(estimate.evidence, estimate.design, estimate.sampled)
