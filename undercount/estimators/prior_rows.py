"""The priors of an estimate as plain rows: what is assumed before any report is read, and why."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undercount.data.schema import Source
    from undercount.models.priors import Prior, PriorTable

_NORMAL: Final = 1.959963984540054
"""Standard deviations that hold 95 %."""


def prior_rows(table: PriorTable, sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Give each row of the prior table, and the reporting rate of each source that has a prior of its own.

    Parameters
    ----------
    table : PriorTable
    sources : iterable of Source

    Returns
    -------
    list of dict
        name, median, interval (95 %; None where the number is fixed), unit, reason, reference, link, location, scale,
        tail (degrees of freedom, or None), is_default.
    """
    return [_row(prior) for prior in table.values()] + [
        _of_source(one) for one in sources if one.prior_median is not None
    ]


def _row(prior: Prior) -> dict[str, Any]:
    is_fixed = prior.link == "probability"
    return {
        "name": prior.name,
        "median": float(prior.inverse(prior.location)),
        "interval": None if is_fixed else list(prior.interval),
        "unit": prior.unit,
        "reason": prior.reason,
        "reference": prior.reference,
        "link": prior.link,
        "location": prior.location,
        "scale": prior.scale,
        "tail": prior.tail,
        "is_default": prior.is_default,
    }


def _of_source(source: Source) -> dict[str, Any]:
    median, scale = source.prior_median or 1.0, source.prior_scale or 1.0
    return {
        "name": f"source {source.source}",
        "median": median,
        "interval": [median * exp(-_NORMAL * scale), median * exp(_NORMAL * scale)],
        "unit": "reporting rate",
        "reason": source.prior_reason,
        "reference": "sources.csv",
        "link": "log",
        "location": log(median),
        "scale": scale,
        "tail": None,
        "is_default": False,
    }
