"""What `summary.json` says of that which the toll depends on, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from undercount.estimators.estimate import Estimate
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.estimators.tables import Row

LEAST_CONTRACTION: Final = 0.2
"""A source whose interval kept more than four fifths of its width on the log scale is called driven by its prior."""
_LEAST_TOLL: Final = 0.5
"""What a draw without deaths counts as on the logarithmic scale."""


class Vintages(Protocol):
    """What the estimate was at each day of publication: `undercount.runs.backtest.Backtest`."""

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One for each day, in order."""


def dependence(rates: Sequence[Row]) -> dict[str, Any]:
    """How many reporting rates the evidence hardly narrowed."""
    driven = sum(not row["contraction"] >= LEAST_CONTRACTION for row in rates)
    return {"least_contraction": LEAST_CONTRACTION, "prior_driven": driven}


def levers(estimate: Estimate) -> dict[str, float | None]:
    """Share of the uncertainty of the toll that goes with each reporting rate.

    Returns
    -------
    dict of str to float or None
        Stream -> squared correlation of the logs of its rate and of the toll over the draws; None where one of them
        does not vary.
    """
    toll = np.log(np.maximum(estimate.rows.deaths.total(), _LEAST_TOLL)).ravel()
    posterior = estimate.sampled["posterior"]
    rates = {name: posterior.at("reporting_rate", source=name).ravel() for name in estimate.design.stream_names}
    return {name: _squared_correlation(toll, rate) for name, rate in rates.items()}


def _squared_correlation(toll: NDArray[np.float64], rate: NDArray[np.float64]) -> float | None:
    if np.ptp(toll) == 0 or np.ptp(rate) == 0:
        return None
    with np.errstate(all="ignore"):
        found = float(np.corrcoef(toll, np.log(rate))[0, 1]) ** 2
    return min(found, 1.0) if np.isfinite(found) else None


def sensitivity_content(estimate: Estimate, found: Sensitivity) -> dict[str, Any]:
    """The tolls without each source, and under the other prior of recorders."""
    names = {source.source: source.name for source in estimate.evidence.sources}
    rows = [_figures(row) | {"source": row["source"]} for row in _records(found.leave_one_out)]
    return {
        "leave_one_out": [
            {**row, "source": row["source"] if row["source"] in names else None, "name": names.get(row["source"])}
            for row in rows
        ],
        "recorder_prior": [{"prior": row["prior"]} | _figures(row) for row in _records(found.recorder_prior)],
    }


def vintages_content(found: Vintages) -> list[dict[str, Any]]:
    """The estimate as it would have stood at each day of publication."""
    return [
        {
            "date": row["date"].isoformat(),
            "reports": row["reports"],
            "sources": row["sources"],
            "median": row["median"],
            "interval": None if row["median"] is None else [row["lower"], row["upper"]],
            "gates_passed": row["gates_passed"],
        }
        for row in found.rows
    ]


def _figures(row: Row) -> dict[str, Any]:
    return {"median": row["median"], "interval": [row["lower"], row["upper"]], "ratio": row["ratio"]}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
