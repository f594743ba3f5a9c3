"""Small valid evidence for tests: the case "testland". Each function takes changes to the good default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from undercount.data.evidence import Evidence
from undercount.data.schema import Attribution, Case, Kind, Qualifier, Report, Source

INCIDENT = "market-2020-01-15"
FIRST, LAST = date(2020, 1, 1), date(2020, 3, 31)


def case_fields() -> dict[str, Any]:
    """The fields of the case as plain values: what `case.toml` would give."""
    window = {"start": FIRST, "end": LAST}
    return {
        "case": "testland",
        "title": "A made-up conflict",
        "timezone": "Asia/Baghdad",
        "timeline": window,
        "dimensions": {
            "actor": {"levels": {"red": "Red army", "blue": "Blue militia"}, "outside": {"green": "Green guard"}},
            "area": {"levels": {"north": "North", "south": "South"}, "outside": {"abroad": "Beyond the border"}},
        },
        "estimand": {"quantity": "killed", "victims": "civilians", "window": window},
        "population": tuple(
            {"area": area, "date": FIRST, "people": 100_000, "basis": "census"} for area in ("north", "south")
        ),
        "incidents": (
            {
                "incident": INCIDENT,
                "title": "Strike on a market",
                "date": date(2020, 1, 15),
                "area": "north",
                "actors": {"red": 1.0},
            },
        ),
    }


def make_case(**changes: Any) -> Case:
    """The case, with top-level fields replaced."""
    return Case.model_validate(case_fields() | changes)


def make_source(**changes: Any) -> Source:
    """The recorder "un", with fields replaced."""
    return Source.model_validate({"source": "un", "name": "United Nations office", "kind": Kind.RECORDER} | changes)


def make_sources() -> tuple[Source, ...]:
    """One source of each kind: un, press, red-army, wire."""
    return (
        make_source(),
        make_source(source="press", name="Press reports", kind=Kind.CLAIMANT),
        make_source(source="red-army", name="Spokesman of the Red army", kind=Kind.BELLIGERENT, side="red"),
        make_source(source="wire", name="News agency", kind=Kind.RELAY),
    )


def make_report(**changes: Any) -> Report:
    """A used count of 100 by "un": red, north, January 2020."""
    return Report.model_validate(
        {
            "report": "r1",
            "source": "un",
            "quote": "documented 100 civilians killed",
            "document": "https://example.org/r1",
            "published": date(2020, 4, 5),
            "quantity": "killed",
            "victims": "civilians",
            "value": 100,
            "qualifier": Qualifier.EXACT,
            "actors": ("red",),
            "attribution": Attribution.STATED,
            "areas": ("north",),
            "window_start": FIRST,
            "window_end": date(2020, 1, 31),
            "used": True,
        }
        | changes
    )


def make_reports() -> tuple[Report, ...]:
    """Six reports: a tally, a nested one, a claim, a belligerent's, a relayed copy and an unused one."""
    return (
        make_report(report="un-jan"),
        make_report(
            report="un-market",
            value=40,
            window_start=date(2020, 1, 15),
            window_end=date(2020, 1, 15),
            incident=INCIDENT,
            within="un-jan",
        ),
        make_report(
            report="press-all",
            source="press",
            value=900,
            qualifier=Qualifier.AT_LEAST,
            actors=(),
            attribution=Attribution.UNATTRIBUTED,
            areas=("north", "south"),
            window_end=LAST,
            published=date(2020, 4, 20),
        ),
        make_report(
            report="red-own", source="red-army", value=12, published=date(2020, 2, 10), window_end=date(2020, 2, 5)
        ),
        make_report(report="un-copy", relay="wire", derived_from=("un-jan",), published=date(2020, 4, 6)),
        make_report(
            report="press-words",
            source="press",
            value=None,
            low=100,
            high=1000,
            qualifier=Qualifier.WORDS,
            quote="hundreds, if not more",
            used=False,
            reason="covers the same days as press-all",
            published=date(2020, 4, 20),
        ),
    )


def make_evidence(
    reports: Iterable[Report] | None = None,
    *,
    case: Case | None = None,
    sources: Iterable[Source] | None = None,
    validation: Iterable[Mapping[str, str]] = (),
) -> Evidence:
    """Valid evidence of the case, with any of its parts replaced."""
    return Evidence(
        case=make_case() if case is None else case,
        sources=make_sources() if sources is None else tuple(sources),
        reports=make_reports() if reports is None else tuple(reports),
        validation=tuple(validation),
    )
