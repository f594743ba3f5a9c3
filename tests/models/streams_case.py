"""A case with several streams of a source, several speakers of another, and a stratum that is well seen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.builders import FIRST, INCIDENT, case_fields, make_case, make_evidence, make_report, make_source
from undercount.data.schema import Attribution, Kind, Qualifier, Speakers

if TYPE_CHECKING:
    from undercount.data import Evidence

NOBODY = {"attribution": Attribution.UNATTRIBUTED, "actors": ()}
RANGE = {"qualifier": Qualifier.RANGE, "value": None}
DAYS = 40


def window(first: int, last: int) -> dict[str, date]:
    """Days of the timeline, both included."""
    return {
        "window_start": date.fromordinal(FIRST.toordinal() + first),
        "window_end": date.fromordinal(FIRST.toordinal() + last),
    }


def streams_fields(**changes: Any) -> dict[str, Any]:
    """Fields of testland on 40 days, with two quantities."""
    fields = case_fields()
    span = window(0, DAYS - 1)
    span = {"start": span["window_start"], "end": span["window_end"]}
    fields |= {"timeline": span, "estimand": fields["estimand"] | {"window": span}}
    fields["dimensions"] |= {"quantity": {"levels": {"killed": "Killed", "injured": "Injured"}}}
    return fields | changes


def desk_reports() -> list[dict[str, Any]]:
    """A circle of speakers: running and daily figures, some of them contradictory, some far off."""
    running = [(3, 14), (7, 30), (11, 45), (15, 70), (19, 68), (23, 98), (31, 120), (39, 160)]
    daily = [(2, 3), (3, 5), (4, 2), (5, 4), (6, 0), (8, 7), (9, 3), (10, 2), (12, 6), (13, 5), (16, 4), (20, 8)]
    figures: list[dict[str, Any]] = [
        *({"value": count, **window(0, day)} for day, count in running),
        *({"value": count, **window(day, day)} for day, count in daily),
        {"value": 41, **window(0, 11)},
        {"value": 60 * 300, **window(0, 17)},
        {"value": 1, **window(0, 27)},
        {"value": 900, **window(9, 9)},
        {"value": 40, "qualifier": Qualifier.AT_LEAST, **window(0, 15)},
        {"value": 100, "qualifier": Qualifier.AT_LEAST, **window(0, 16)},
        {"value": 150, "qualifier": Qualifier.UP_TO, **window(0, 31)},
        {"value": 100, "qualifier": Qualifier.ABOUT, **window(4, 23)},
        {"low": 150, "high": 250, **RANGE, **window(0, 21)},
        {"low": 5, "high": 30, **RANGE, **window(3, 9)},
        {"value": 75, "areas": ("north", "south"), **window(0, 19)},
        {"value": 33, **window(0, 14), **NOBODY},
        {"value": 40, "incident": INCIDENT, **window(14, 14)},
    ]
    return [fields | {"report": f"desk-{i:02d}"} for i, fields in enumerate(figures)]


def streams_case() -> Evidence:
    """Streams, speakers, running tallies with every kind of figure, and a stratum whose course is shown."""
    sources = [
        make_source(),
        make_source(source="desk", name="D", kind=Kind.CLAIMANT, speakers=Speakers.SEVERAL),
        make_source(source="office", name="O", speakers=Speakers.SEVERAL),
        make_source(source="press", name="P", kind=Kind.CLAIMANT),
    ]
    hurt = {"quantity": "injured"}
    reports = [
        *({"source": "desk", **fields} for fields in desk_reports()),
        {"report": "desk-h1", "source": "desk", "value": 55, **hurt, **window(0, 19)},
        {"report": "desk-h2", "source": "desk", "value": 51, **hurt, **window(0, 24),
         "attribution": Attribution.CONTESTED},
        {"report": "desk-h3", "source": "desk", "value": 12, "qualifier": Qualifier.AT_LEAST, **hurt, **window(5, 9)},
        {"report": "office-1", "source": "office", "value": 20, **window(0, 19)},
        {"report": "office-2", "source": "office", "value": 26, "areas": ("south",), **window(10, 29)},
        {"report": "un-1", "value": 21, **window(0, 30)},
        {"report": "un-2", "value": 32, **hurt, **window(0, 30)},
        {"report": "un-3", "value": 9, "areas": ("south",), **hurt, **window(2, 8)},
        {"report": "press-1", "source": "press", "value": 50, "qualifier": Qualifier.AT_LEAST, **window(0, 39)},
        {"report": "press-2", "source": "press", "value": 120, **hurt, **window(0, 39), **NOBODY},
    ]  # fmt: skip
    return make_evidence([make_report(**r) for r in reports], case=make_case(**streams_fields()), sources=sources)
