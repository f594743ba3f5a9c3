"""A case of one day, so small that its posterior is found by quadrature, and lists of its two recorders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.builders import FIRST, make_case, make_evidence, make_report, make_source, make_sources
from undercount.data.lists import Lists, MatchedLists, Table
from undercount.data.schema import Attribution, Qualifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from undercount.data import Evidence

MEDIAN, SCALE = 500.0, 2.5
"""Of the expected toll, in the prior; the scale is that of its log."""
RATE, RATE_SCALE = 0.3, 1.5
"""Of each recorder's reporting rate."""
PRIORS = {"rate": {"location": float(np.log(MEDIAN / 10)), "scale": SCALE, "reason": "next to nothing is known"}}
RECORDERS = ("un", "ngo", "desk")
DAY: dict[str, Any] = {
    "attribution": Attribution.UNATTRIBUTED, "actors": (), "areas": ("north",), "window_start": FIRST,
    "window_end": FIRST,
}  # fmt: skip


def one_day(*counts: int, rate: float = RATE, scale: float = RATE_SCALE) -> Evidence:
    """What some of the recorders counted on one day in one area; without counts, a report that says nothing.

    The log of the expected toll has a normal prior, and so has that of each reporting rate.
    """
    window = {"start": FIRST, "end": FIRST}
    case = make_case(
        timeline=window,
        estimand={"quantity": "killed", "victims": "civilians", "window": window},
        dimensions={"actor": {"levels": {"red": "Red army"}}, "area": {"levels": {"north": "North"}}},
        population=({"area": "north", "date": FIRST, "people": 100_000, "basis": "census"},),
        incidents=(),
    )
    prior = {"prior_median": rate, "prior_scale": scale, "prior_reason": "hardly known"}
    press = make_sources()[1]
    sources = (*(make_source(source=name, name=name, **prior) for name in RECORDERS), press)
    reports = [make_report(source="press", value=0, qualifier=Qualifier.AT_LEAST, **DAY)]
    if counts:
        names = zip(RECORDERS, counts, strict=False)
        reports = [make_report(report=f"{name}-day", source=name, value=count, **DAY) for name, count in names]
    return make_evidence(reports, case=case, sources=sources)


def two_lists(first: int, second: int, both: int, **about: Any) -> MatchedLists:
    """Lists of the two recorders, of these sizes and this overlap."""
    return pattern_lists(("un", "ngo"), (0, first - both, second - both, both), **about)


def pattern_lists(names: Sequence[str], counts: Sequence[int] | NDArray[np.int64], **about: Any) -> MatchedLists:
    """Lists without strata."""
    return MatchedLists(Lists("matched", (Table("", 0, tuple(names), np.array(counts)),)), **about)
