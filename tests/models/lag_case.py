"""A case whose recorders document with a lag: vintages, longer windows, incidents, overlaps, a tally that fell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.builders import FIRST, INCIDENT, make_case, make_evidence, make_report, make_source
from tests.models.streams_case import NOBODY, RANGE, streams_fields, window
from undercount.data.schema import Attribution, Kind, Lag, Qualifier

if TYPE_CHECKING:
    from undercount.data import Evidence


def published(day: int) -> dict[str, Any]:
    """A day of publication, counted from the first of the timeline."""
    return {"published": FIRST + timedelta(days=day)}


def lag_case(lag: Lag = Lag.FITTED) -> Evidence:
    """Recorders with a lag beside one without, and a claimant."""
    sources = [
        make_source(lag=lag),
        make_source(source="watch", name="W", lag=lag),
        make_source(source="fallen", name="F", lag=lag),
        make_source(source="diary", name="D"),
        make_source(source="press", name="P", kind=Kind.CLAIMANT),
    ]
    at = {"incident": INCIDENT, **window(14, 14)}
    blue = {"actors": ("blue",), "attribution": Attribution.CONTESTED}
    reports: list[dict[str, Any]] = [
        {"report": "un-a", "value": 40, **window(0, 19), **published(21), **NOBODY},
        {"report": "un-b", "value": 55, **window(0, 19), **published(30), **NOBODY},
        {"report": "un-c", "value": 90, **window(0, 30), **published(45), **NOBODY},
        {"report": "un-d", "value": 12, **at, **published(21), **NOBODY},
        {"report": "un-e", "value": 15, **at, **published(30), **NOBODY},
        {"report": "un-f", "low": 3, "high": 8, "areas": ("south",), **RANGE, **window(5, 9), **published(12)},
        {"report": "un-g", "value": 5, **window(32, 35), **published(38), **blue},
        {"report": "un-h", "value": 33, "quantity": "injured", **window(0, 30), **published(33)},
        {"report": "watch-a", "source": "watch", "value": 20, **window(0, 14), **published(16)},
        {"report": "watch-b", "source": "watch", "value": 22, **window(8, 25), **published(26)},
        {"report": "watch-c", "source": "watch", "low": 30, "high": 50, **RANGE, **window(0, 25), **published(60)},
        {"report": "watch-d", "source": "watch", "value": 4, "areas": ("south",), **window(30, 39), **published(35)},
        {"report": "fallen-a", "source": "fallen", "value": 50, **window(0, 19), **published(20)},
        {"report": "fallen-b", "source": "fallen", "value": 45, **window(0, 29), **published(31)},
        {"report": "diary-a", "source": "diary", "value": 17, **window(2, 12), **published(13)},
        {"report": "diary-b", "source": "diary", "value": 11, **at, **published(16), **NOBODY},
        {"report": "press-a", "source": "press", "value": 250, "qualifier": Qualifier.AT_LEAST,
         **window(0, 39), **published(41), **NOBODY},
    ]  # fmt: skip
    return make_evidence([make_report(**r) for r in reports], case=make_case(**streams_fields()), sources=sources)
