"""Which reports enter the likelihood, and how two of one source about the same deaths are joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import INCIDENT, LAST, case_fields, make_case, make_evidence, make_report
from undercount.data.schema import Attribution, Qualifier, Report
from undercount.errors import ModelError
from undercount.models.claims import claims_by_stream, select_reports
from undercount.models.strata import Strata
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.models.pieces import Claim

DEFAULT = 0.7
UN = Stream("un", "civilians", "killed")


@dataclass(frozen=True)
class Claimed:
    claims: Mapping[Stream, tuple[Claim, ...]]
    reports: tuple[Report, ...]
    dropped: Mapping[str, str]
    strata: Strata

    @property
    def sole(self) -> Claim:
        ((one,),) = self.claims.values()
        return one

    def name(self, one: Claim) -> str:
        return self.reports[one.report].report


def claimed(evidence: Evidence) -> Claimed:
    reports, _ = select_reports(evidence)
    strata = Strata.of(evidence, reports)
    claims, dropped = claims_by_stream(evidence, reports, strata, DEFAULT)
    return Claimed(claims, reports, dropped, strata)


def of(*changes: Mapping[str, Any], case: Mapping[str, Any] | None = None) -> Claimed:
    reports = [make_report(report=f"r{i}", **fields) for i, fields in enumerate(changes)]
    return claimed(make_evidence(reports, case=make_case(**(case or {}))))


def test_derived_and_unused_reports_do_not_enter() -> None:
    reports, dropped = select_reports(make_evidence())
    assert [r.report for r in reports] == ["press-all", "red-own", "un-jan", "un-market"]
    assert dropped == {"un-copy": "derived from un-jan"}


def test_a_derived_report_stands_for_its_origin_where_that_is_not_known_yet() -> None:
    copied = make_report(report="un-copy", derived_from=("un-jan",), relay="wire", published=date(2020, 4, 1))
    evidence = make_evidence([make_report(report="un-jan", published=date(2020, 4, 5)), copied])
    assert [r.report for r in select_reports(evidence)[0]] == ["un-jan"]
    early, dropped = select_reports(evidence.as_of("2020-04-02"))
    assert [r.report for r in early] == ["un-copy"]
    assert dropped == {}


def test_a_report_derived_from_an_unused_one_is_no_evidence_either() -> None:
    origin = make_report(report="origin", used=False, reason="withdrawn")
    evidence = make_evidence([origin, make_report(report="copy", derived_from=("origin",)), make_report()])
    assert select_reports(evidence)[1] == {"copy": "derived from origin"}


def test_nothing_usable_is_refused() -> None:
    origin = make_report(report="origin", used=False, reason="withdrawn")
    with pytest.raises(ModelError, match="no usable report") as refusal:
        select_reports(make_evidence([origin, make_report(report="copy", derived_from=("origin",))]))
    assert refusal.value.code == "model-none-usable"


def test_a_claim_counts_days_from_the_timeline_and_keeps_both_ends() -> None:
    one = of({"window_start": date(2020, 1, 3), "window_end": date(2020, 2, 1)}).sole
    assert (one.start, one.end, one.low, one.high, one.incident) == (2, 31, 100, 100, None)
    whole = of({"window_end": LAST}).sole
    assert (whole.start, whole.end) == (0, make_case().timeline.days - 1)


def test_sources_and_claims_are_in_order() -> None:
    found = claimed(make_evidence())
    assert [stream.source for stream in found.claims] == ["press", "red-army", "un"]
    assert [found.name(one) for one in found.claims[UN]] == ["un-jan", "un-market"]
    assert found.claims[UN][1].incident == 0


def test_figures_that_agree_are_intersected() -> None:
    found = of(
        {"source": "press", "qualifier": Qualifier.AT_LEAST, "value": 120, "published": date(2020, 4, 1)},
        {"source": "press", "qualifier": Qualifier.UP_TO, "value": 300, "published": date(2020, 4, 9)},
        {"source": "press", "qualifier": Qualifier.ABOUT, "value": 200, "published": date(2020, 4, 5)},
    )
    assert (found.sole.low, found.sole.high) == (120, 300)
    assert found.name(found.sole) == "r1"
    assert set(found.dropped) == {"r0", "r2"}
    assert found.dropped["r0"] == "the same deaths by the same source as r1: one figure"


def test_the_later_of_two_figures_that_exclude_each_other_stands() -> None:
    found = of({"value": 90, "published": date(2020, 4, 9)}, {"value": 100, "published": date(2020, 4, 5)})
    assert (found.sole.low, found.sole.high) == (90, 90)
    assert found.dropped == {"r1": "superseded by r0, which un published later"}


def test_two_figures_of_one_day_that_exclude_each_other_are_refused() -> None:
    figures = {"qualifier": Qualifier.RANGE, "value": None}
    with pytest.raises(ModelError, match="exclude each other") as refusal:
        of(figures | {"low": 10, "high": 20}, figures | {"low": 21, "high": 30})
    assert refusal.value.code == "model-contradictory-reports"
    assert refusal.value.where == "reports r0, r1"


@pytest.mark.parametrize(
    "other",
    [
        {"source": "press"},
        {"actors": ("blue",)},
        {"actors": ("red", "blue")},
        {"areas": ("south",)},
        {"window_end": date(2020, 1, 30)},
        {"window_start": date(2020, 1, 2)},
        {"attribution": Attribution.UNATTRIBUTED},
        {"attribution": Attribution.CONTESTED},
    ],
)
def test_other_deaths_are_another_claim(other: dict[str, Any]) -> None:
    found = of({}, {"value": 40, "published": date(2020, 4, 6)} | other)
    assert sum(map(len, found.claims.values())) == 2
    assert found.dropped == {}


def test_the_dead_of_an_incident_are_the_same_in_any_window() -> None:
    spot = {"incident": INCIDENT, "window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "value": 40}
    found = of(spot, spot | {"window_start": date(2020, 1, 14), "published": date(2020, 4, 9)})
    assert found.name(found.sole) == "r1"
    assert len(of({}, spot).claims[UN]) == 2


def test_unattributed_deaths_are_those_of_all_actors() -> None:
    found = of({"attribution": Attribution.UNATTRIBUTED, "actors": ()})
    ((p, strata),) = found.sole.readings
    assert p == 1
    assert strata == found.strata.select(("blue", "red"), ("north",))
    stated = of({"actors": ("red",)})
    assert stated.sole.readings == ((1.0, stated.strata.select(("red",), ("north",))),)


def test_a_contested_attribution_has_two_readings() -> None:
    fields = {"attribution": Attribution.CONTESTED, "source": "press"}
    found = of(fields)
    (p, stated), (q, everyone) = found.sole.readings
    assert (p, q) == (DEFAULT, 1 - DEFAULT)
    assert stated == found.strata.select(("red",), ("north",))
    assert everyone == found.strata.select((), ("north",))
    own = of(fields, case=case_fields() | {"contested": {"r0": 0.85}}).sole
    assert [p for p, _ in own.readings] == pytest.approx([0.85, 0.15])


def test_a_contested_attribution_that_cannot_be_wrong_has_one_reading() -> None:
    fields = {"attribution": Attribution.CONTESTED}
    sure = of(fields, case=case_fields() | {"contested": {"r0": 1.0}})
    assert sure.sole.readings == ((1.0, sure.strata.select(("red",), ("north",))),)
    assert len(of(fields | {"actors": ("red", "blue")}).sole.readings) == 1


def test_bounds_are_those_of_the_kind_of_source() -> None:
    lower = {"qualifier": Qualifier.AT_LEAST}
    assert of(lower).sole.high == 100
    assert of(lower | {"source": "press"}).sole.high == inf
