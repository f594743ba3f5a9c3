"""The evidence that the session's one real fit stands on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.builders import FIRST, INCIDENT, make_case, make_evidence, make_report, make_source, make_sources
from undercount.data.schema import Attribution, Kind, Qualifier

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

CHAINS, DRAWS, TUNE, SEED = 4, 1500, 500, 1
LAST_DAY = date(2020, 2, 9)
VACUOUS, INFORMATIVE, VERIFIER = "rumours", "hospital", "un"
VERIFIED = 100
"""Dead that the verifier documented: red, north, January."""


def small_evidence() -> Evidence:
    """Testland over 40 days: every kind of source, an incident, nested, contested and vacuous reports."""
    window = {"start": FIRST, "end": LAST_DAY}
    whole: dict[str, Any] = {
        "actors": (),
        "attribution": Attribution.UNATTRIBUTED,
        "areas": ("north", "south"),
        "window_end": LAST_DAY,
    }
    own_prior = {"prior_median": 1.0, "prior_scale": 0.1, "prior_reason": "every body is brought there"}
    sources = (
        *make_sources(),
        make_source(source=INFORMATIVE, name="Hospitals", kind=Kind.CLAIMANT, **own_prior),
        make_source(source=VACUOUS, name="Rumours", kind=Kind.CLAIMANT),
    )
    market = date(2020, 1, 15)
    reports = (
        make_report(report="un-jan", value=VERIFIED),
        make_report(
            report="un-market", value=40, window_start=market, window_end=market, incident=INCIDENT, within="un-jan"
        ),
        make_report(report="un-south", value=25, areas=("south",), attribution=Attribution.CONTESTED),
        make_report(report="press-all", source="press", value=400, qualifier=Qualifier.AT_LEAST, **whole),
        make_report(report="red-own", source="red-army", value=12, window_end=date(2020, 2, 5)),
        make_report(report="hospital-all", source=INFORMATIVE, value=1500, **whole),
        make_report(report="rumour", source=VACUOUS, value=0, qualifier=Qualifier.AT_LEAST, **whole),
    )
    return make_evidence(
        reports,
        case=make_case(timeline=window, estimand={"quantity": "killed", "victims": "civilians", "window": window}),
        sources=sources,
    )
