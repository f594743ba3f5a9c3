"""`compare`: what several estimators make of the same lists, with the assumption of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from undercount.data.lists import Lists
from undercount.errors import ModelError
from undercount.estimators.comparing import NamedTolls
from undercount.estimators.overlap.decomposable_graphs import DecomposableGraphs
from undercount.estimators.overlap.latent_class import LatentClass
from undercount.estimators.overlap.log_linear import LogLinear
from undercount.estimators.overlap.lower_bound import LowerBound

if TYPE_CHECKING:
    import pandas as pd

    from undercount.estimators.estimate import Estimate
    from undercount.estimators.overlap.estimate import OverlapEstimate
    from undercount.estimators.quantity import Quantity

ODDS_RATIOS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Of the highest-order interaction: 1 where there is none, which the saturated model must assume."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Estimates from the same lists, side by side.

    Parameters
    ----------
    estimates : sequence of OverlapEstimate
    sweep : sequence of mapping
        Toll of the saturated model by odds ratio of the highest-order interaction: `odds_ratio`, `toll`.
    """

    estimates: Sequence[OverlapEstimate]
    sweep: Sequence[Mapping[str, float]]

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row for each estimate, as `frame` has them."""
        return [
            {"label": label, "estimator": e.estimator, **e.toll().describe(), "passed": e.check().passed,
             "assumption": e.assumption}
            for label, e in zip(_labels(self.estimates), self.estimates, strict=True)
        ]  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """One row for each estimate.

        Returns
        -------
        pandas.DataFrame
            label, estimator, median, mean, sd, lower, upper, ci_prob, ci_kind, passed, assumption.
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows()))

    def plot(self) -> Any:
        """Forest plot of the tolls, and the sweep beneath it."""
        return import_module("undercount.report.charts.comparison").figure(self)

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.overlap.html").comparison_html(self)
        return html

    def __repr__(self) -> str:
        lines = [f"  {row['label']}: {e.toll()!r}" for row, e in zip(self.rows(), self.estimates, strict=True)]
        return "\n".join([f"Comparison({self.estimates[0].lists.name}", *lines, ")"])


@overload
def compare(subject: Lists | Sequence[OverlapEstimate], *, seed: int = ...) -> Comparison: ...


@overload
def compare(subject: Mapping[str, Estimate | OverlapEstimate | Quantity], *, seed: int = ...) -> NamedTolls: ...


def compare(subject: Any, *, seed: int = 2017) -> Comparison | NamedTolls:
    """Set several estimators of the same lists side by side, or any tolls that have names.

    Parameters
    ----------
    subject : Lists, sequence of OverlapEstimate, or mapping of str to Estimate, OverlapEstimate or Quantity
        Lists are fitted by every estimator at its default settings, as far as there are so many lists as it can take.
        What has names may be of other models, sources or vintages, from counts or from lists.
    seed : int
        Of the fits to lists.

    Returns
    -------
    Comparison or NamedTolls

    Raises
    ------
    ModelError
        If there is no estimate, or the estimates are not of the same lists.
    EvidenceError
        If a stratum cannot be estimated.
    """
    if isinstance(subject, Mapping):
        return NamedTolls(subject)
    estimates = _fitted(subject, seed) if isinstance(subject, Lists) else list(subject)
    if not estimates or len({estimate.sha256 for estimate in estimates}) > 1:
        names = ", ".join(dict.fromkeys(estimate.lists.name for estimate in estimates)) or "nothing"
        raise ModelError(
            f"what is compared is not of the same lists, or is nothing: {names}",
            code="model-compare",
            where="compare",
            hint="give estimates of one and the same lists, or the lists themselves",
        )
    return Comparison(tuple(estimates), _sweep(estimates[0].lists))


def _fitted(lists: Lists, seed: int) -> list[OverlapEstimate]:
    most = max(len(table.names) for table in lists.tables)
    classes = [LatentClass, *([DecomposableGraphs] if most <= DecomposableGraphs.MOST_LISTS else []),
               *([LogLinear] if most <= LogLinear.MOST_LISTS else []), LowerBound]  # fmt: skip
    return [kind().fit(lists, seed=seed) for kind in classes]


def _labels(estimates: Sequence[OverlapEstimate]) -> list[str]:
    """The estimators' names, with their settings where a name comes twice."""
    names = [estimate.estimator for estimate in estimates]
    if len(set(names)) == len(names):
        return names
    return [
        f"{e.estimator}({', '.join(f'{k}={v}' for k, v in e.configuration.items() if k != 'estimator')})"
        for e in estimates
    ]


def _sweep(lists: Lists) -> list[dict[str, float]]:
    """Toll by odds ratio, summed over the strata; of replicates the mean."""
    from undercount.models.overlap.loglinear import highest_order_sweep

    tolls = np.zeros(len(ODDS_RATIOS))
    for table in lists.tables:
        tolls += highest_order_sweep(table.counts, np.array(ODDS_RATIOS)) / lists.replicates
    if not np.isfinite(tolls).all():
        return []
    return [{"odds_ratio": ratio, "toll": float(toll)} for ratio, toll in zip(ODDS_RATIOS, tolls, strict=True)]
