"""What two vintages differ in: exact, ordered, the same from both sides, and empty only for the same evidence."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import make_case, make_evidence, make_report, make_reports, make_source, make_sources
from undercount.data.schema import Kind, Qualifier
from undercount.runs.changes import Changes, changes

if TYPE_CHECKING:
    from undercount.data import Evidence

LATER = date(2020, 5, 1)


def with_report(*, drop: tuple[str, ...] = (), **edits: dict[str, Any]) -> Evidence:
    """The evidence of the builders with reports edited, added or left out."""
    reports = {report.report: report for report in make_reports() if report.report not in drop}
    for name, fields in edits.items():
        key = name.replace("_", "-")
        old = reports.get(key, make_report(report=key))
        reports[key] = type(old).model_validate({**old.model_dump(), **fields})
    return make_evidence(reports.values())


def test_the_same_evidence_has_no_changes() -> None:
    found = changes(make_evidence(), make_evidence(reversed(make_reports())))
    assert found == Changes()
    assert found.is_empty
    assert found.rows() == []
    assert str(found) == "nothing changed"


def test_a_new_a_revised_and_a_gone_report() -> None:
    after = with_report(
        drop=("press-words",), press_all={"value": 950, "note": "corrected"}, un_feb={"published": LATER, "value": 7}
    )
    found = changes(make_evidence(), after)
    assert [change.name for change in found.new] == ["un-feb"]
    assert [change.name for change in found.withdrawn] == ["press-words"]
    (revised,) = found.revised
    assert revised.differences() == {"value": (900, 950), "note": ("", "corrected")}
    assert found.words() == (
        "revised report press-all of press: value was 900, is 950; note was '', is 'corrected'",
        (
            "gone report press-words of press: words 100 to 1,000 civilians killed, 2020-01-01 to 2020-01-31, "
            "published 2020-04-20, not used"
        ),
        "new report un-feb of un: exact 7 civilians killed, 2020-01-01 to 2020-01-31, published 2020-05-01",
    )


def test_a_report_that_is_used_no_longer_is_withdrawn_and_one_taken_into_use_is_revised() -> None:
    after = with_report(press_all={"used": False, "reason": "a misprint"}, press_words={"used": True, "reason": ""})
    found = changes(make_evidence(), after)
    assert [change.name for change in found.withdrawn] == ["press-all"]
    assert [change.name for change in found.revised] == ["press-words"]
    assert found.words()[0] == (
        "withdrawn report press-all of press: used was true, is false; reason was '', is 'a misprint'"
    )


def test_sources_and_the_case() -> None:
    sources = [*make_sources()[1:], make_source(kind=Kind.CLAIMANT), make_source(source="who", name="Health office")]
    prior = {"rate": {"location": 0.0, "scale": 1.0, "reason": "a survey"}}
    found = changes(make_evidence(), make_evidence(sources=sources, case=make_case(priors=prior)))
    assert found.words() == (
        "revised source un: kind was 'recorder', is 'claimant'",
        "new source who",
        (
            "the case says something else: priors was '{}', is "
            """'{"rate": {"location": 0.0, "scale": 1.0, "reason": "a survey"}}'"""
        ),
    )
    assert [(row["what"], row["name"], row["change"]) for row in found.rows()] == [
        ("source", "un", "revised"), ("source", "who", "new"), ("case", "testland", "revised"),
    ]  # fmt: skip


def test_limits_of_the_release_are_a_change_of_the_case() -> None:
    found = changes(make_evidence(), make_evidence(case=make_case(release={"silent_days": 30})))
    assert found.case is not None
    assert found.case.differences() == {"release": (None, {"silent_days": 30})}


def test_rows_can_be_written_as_json() -> None:
    found = changes(make_evidence(), with_report(press_all={"published": LATER}, un_feb={"published": LATER}))
    (press, un) = json.loads(json.dumps(found.rows(), allow_nan=False))
    assert press["fields"] == {"published": {"before": "2020-04-20", "after": "2020-05-01"}}
    assert un == {"what": "report", "name": "un-feb", "change": "new", "source": "un", "fields": {}}


def test_nothing_in_the_words_steers_a_terminal() -> None:
    found = changes(make_evidence(), with_report(press_all={"note": "a\nb\N{RIGHT-TO-LEFT OVERRIDE}c"}))
    assert all(sentence.isprintable() for sentence in found.words())


edits = st.fixed_dictionaries(
    {},
    optional={
        "value": st.integers(0, 3),
        "note": st.sampled_from(["", "x"]),
        "actors": st.sampled_from([("red",), ("red", "blue"), ("blue", "red")]),
        "used": st.booleans(),
        "disputed_by": st.sampled_from([(), ("the ministry",)]),
    },
)
COMMON: dict[str, Any] = {"reason": "why", "qualifier": Qualifier.ABOUT}
vintages = st.builds(
    lambda reports, prior: make_evidence(
        [make_report(), *(make_report(report=name, **COMMON, **fields) for name, fields in reports.items())],
        case=make_case(priors={} if prior is None else {"rate": {"location": prior, "scale": 1.0, "reason": "x"}}),
        sources=make_sources() if prior is None else [*make_sources(), make_source(source="who", name="WHO")],
    ),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), edits),
    st.sampled_from([None, 0.0, -0.0, 1.0]),
)


@settings(max_examples=60, deadline=None)
@given(vintages, vintages)
def test_symmetric_ordered_and_empty_only_for_equal_hashes(one: Evidence, other: Evidence) -> None:
    there, back = changes(one, other), changes(other, one)
    assert there.reversed == back
    assert there.is_empty == (one.sha256 == other.sha256)
    assert [change.name for change in there.reports] == sorted(change.name for change in there.reports)
    assert {change.name for change in there.reports} == {
        name
        for name in {r.report for r in (*one.reports, *other.reports)}
        if {r.report: r for r in one.reports}.get(name) != {r.report: r for r in other.reports}.get(name)
    }
    assert len(there.new) + len(there.revised) + len(there.withdrawn) == len(there.reports)
