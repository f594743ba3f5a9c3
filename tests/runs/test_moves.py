"""What moved a figure: the parts add up, a change that nobody can see has no effect, and links go together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from math import log
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import make_case, make_evidence, make_report, make_source, make_sources
from tests.runs.stand_in import Proportional
from undercount.data.schema import Kind
from undercount.estimators import CountFusion
from undercount.runs.effects import NONE, Effect
from undercount.runs.moves import MOST_REFITS, Moves, moves

if TYPE_CHECKING:
    from undercount.data import Evidence
    from undercount.data.schema import Report

DAYS = [{"window_start": date(2020, 1, day), "window_end": date(2020, 1, day)} for day in range(1, 32)]


def january(day: int, value: int, **changes: Any) -> Report:
    """A count by "un" of one day."""
    return make_report(**({"report": f"un-{day:02}", "value": value} | DAYS[day - 1] | changes))


def evidence_of(*reports: Report, **changes: Any) -> Evidence:
    return make_evidence(reports, **({"case": make_case(incidents=())} | changes))


def moved(before: Evidence, after: Evidence, estimator: Proportional | None = None) -> Moves:
    mine = estimator or Proportional()
    old, new = mine.fit(before), mine.fit(after)
    mine.fitted.clear()
    return moves(mine, old, new)


def names(found: Moves) -> list[tuple[str, ...]]:
    return [tuple(key.name for key in part.keys) for part in found.parts]


def test_one_new_report_is_the_whole_of_what_the_evidence_did() -> None:
    found = moved(evidence_of(january(1, 100)), evidence_of(january(1, 100), january(2, 50)))
    assert found.model == NONE
    assert found.refitted is None
    assert found.total == found.evidence
    assert found.total.log_ratio == pytest.approx(log(1.5), abs=1e-12)
    (part,) = found.parts
    assert part.effect == found.total
    assert part.name == "report un-02"


def test_revised_and_withdrawn_reports() -> None:
    before = evidence_of(january(1, 100), january(2, 50), january(3, 10))
    after = evidence_of(january(1, 120), january(2, 50, used=False, reason="a misprint"))
    found = moved(before, after)
    effects = {part.keys[0].name: part.effect.log_ratio for part in found.parts if part.effect}
    assert effects == {
        "un-01": pytest.approx(log(120 / 100)),
        "un-02": pytest.approx(log(120 / 170)),
        "un-03": pytest.approx(log(120 / 130)),
    }
    assert names(found) == [("un-02",), ("un-01",), ("un-03",)]
    assert found.total.log_ratio == pytest.approx(log(120 / 160))


def test_another_model_is_told_apart_from_new_evidence() -> None:
    before, after = evidence_of(january(1, 100)), evidence_of(january(1, 100), january(2, 50))
    old = Proportional().fit(before)
    now = Proportional(multiple=2, versions={"undercount": "0.2.0"})
    new = now.fit(after)
    now.fitted.clear()
    found = moves(now, old, new)
    assert now.fitted == [before.sha256, before.sha256]
    assert found.model.log_ratio == pytest.approx(log(2))
    assert found.evidence.log_ratio == pytest.approx(log(1.5))
    assert found.model.log_ratio + found.evidence.log_ratio == pytest.approx(found.total.log_ratio, abs=1e-12)
    assert found.refitted == 2 * old.toll().median
    assert found.differences == "multiple was 1, is 2; versions undercount was 0.1.0, is 0.2.0"


def test_longer_sampling_and_another_day_are_no_other_model() -> None:
    estimator, evidence = Proportional(), evidence_of(january(1, 100))
    old = estimator.fit(evidence, as_of="2020-05-01")
    new = estimator.fit(evidence, as_of="2020-05-02")
    longer = {**new.configuration, "draws": 2000, "tune": 1000, "target_accept": 0.95}
    found = moves(estimator, old, replace(new, configuration=longer))
    assert (found.model, found.parts, found.total.log_ratio) == (NONE, (), 0.0)


def test_what_the_model_cannot_see_has_no_effect_and_no_fit() -> None:
    before = evidence_of(january(1, 100))
    after = evidence_of(
        january(1, 100, note="checked again"),
        january(2, 50, used=False, reason="outside the scope"),
        january(3, 100, report="copy", relay="wire", derived_from=("un-01",)),
    )
    estimator = Proportional()
    found = moved(before, after, estimator)
    assert [part.effect for part in found.parts] == [NONE, NONE, NONE]
    assert estimator.fitted == []


def test_a_change_takes_along_what_depends_on_it() -> None:
    whole = january(1, 100, report="whole", window_end=date(2020, 1, 31))
    part = january(2, 30, report="part", within="whole")
    copy = january(4, 100, report="copy", source="press", derived_from=("whole",))
    found = moved(evidence_of(january(1, 5)), evidence_of(january(1, 5), whole, part, copy))
    assert set(names(found)) == {("part",), ("copy",), ("copy", "part", "whole")}
    assert found.of("whole") is not None
    assert found.of("part") == next(part for part in found.parts if part.name == "report part")
    largest = found.parts[0]
    assert largest.effect is not None
    assert largest.effect.log_ratio == pytest.approx(log(135 / 5))


def test_a_report_that_comes_back_brings_back_what_it_names() -> None:
    origin, copy = january(1, 100), january(2, 100, source="press", report="copy", derived_from=("un-01",))
    stays = january(9, 7)
    found = moved(evidence_of(origin, copy, stays), evidence_of(stays))
    assert set(names(found)) == {("un-01",), ("copy", "un-01")}


def test_reports_of_a_source_that_is_gone_and_of_an_incident_that_is_new() -> None:
    incident = {"incident": "bridge", "title": "A bridge", "date": date(2020, 1, 3), "area": "north",
                "actors": {"red": 1.0}, "reports": ("un-03",)}  # fmt: skip
    before = evidence_of(january(1, 5), january(2, 9, source="press"))
    after = evidence_of(
        january(1, 5), january(3, 20, incident="bridge"), case=make_case(incidents=(incident,)),
        sources=[make_source()],
    )  # fmt: skip
    found = moved(before, after)
    assert set(names(found)) == {("un-02",), ("un-03",), ("un-03", "testland")}
    assert all(part.effect is not None for part in found.parts)


def test_a_source_that_is_seen_otherwise() -> None:
    sources = [make_source(kind=Kind.CLAIMANT), *make_sources()[1:]]
    found = moved(evidence_of(january(1, 5)), evidence_of(january(1, 5), sources=sources))
    assert [part.name for part in found.parts] == ["source un"]


def test_without_the_change_nothing_can_be_estimated() -> None:
    press = january(1, 5, source="press")
    (only,) = moved(evidence_of(january(2, 5), press), evidence_of(january(2, 6), press)).parts
    assert only.effect is not None
    before, after = evidence_of(january(2, 5)), evidence_of(january(3, 6), january(2, 5, used=False, reason="no"))
    parts = {part.name: part for part in moved(before, after).parts}
    assert parts["report un-03"].effect is None
    assert parts["report un-03"].reason.startswith("without it the evidence is not valid: no report is used")
    other = Proportional()
    old, new = other.fit(evidence_of(press, january(2, 5))), other.fit(evidence_of(press, january(3, 6)))
    (gone, new_part) = moves(other, old, new).parts
    assert gone.name == "report un-02"
    assert (new_part.name, new_part.reason) == (
        "report un-03", "without it nothing can be estimated: nothing by un",
    )  # fmt: skip


def test_very_many_changes_are_taken_back_by_source() -> None:
    before = evidence_of(january(1, 100))
    sources = [*make_sources(), *(make_source(source=f"s{i}", name=f"S {i}") for i in range(30))]
    many = [january(1 + i % 31, 10, report=f"new-{i}", source=f"s{i % 3}") for i in range(30)]
    estimator = Proportional()
    found = moved(before, evidence_of(january(1, 100), *many, sources=sources), estimator)
    assert len(estimator.fitted) == 3
    assert [len(part.keys) for part in found.parts] == [10, 10, 10]
    wide = [january(1 + i, 10, report=f"new-{i:02}", source=f"s{i}") for i in range(30)]
    found = moved(before, evidence_of(january(1, 100), *wide, sources=sources), estimator)
    assert len(estimator.fitted) == MOST_REFITS
    assert sorted(len(part.keys) for part in found.parts) == [1] * (MOST_REFITS - 1) + [30 - MOST_REFITS + 1]


def test_words_and_rows() -> None:
    found = moved(evidence_of(january(1, 100)), evidence_of(january(1, 100), january(2, 50)))
    assert found.words()[2].startswith("by new evidence: +50.0 % (Monte Carlo error ")
    assert found.words()[3].startswith("by report un-02: +50.0 %")
    rows = json.loads(json.dumps(found.rows(), allow_nan=False))
    assert [row["what"] for row in rows] == ["total", "model or versions", "new evidence", "changes"]
    assert rows[3]["names"] == [{"what": "report", "name": "un-02", "source": "un"}]


def test_another_question_is_asked_of_every_fit() -> None:
    estimator = Proportional()
    window = ("2020-01-01", "2020-01-10")
    old, new = (estimator.fit(evidence_of(january(1, value))).about(window) for value in (100, 150))
    found = moves(estimator, old, new)
    assert found.total.log_ratio == pytest.approx(log(1.5))
    assert found.parts[0].effect == found.total


def test_another_estimand_moves_the_figure_though_the_model_is_the_same() -> None:
    window = {"start": date(2020, 1, 1), "end": date(2020, 1, 31)}
    shorter = make_case(incidents=(), estimand={"quantity": "killed", "victims": "civilians", "window": window})
    (part,) = moved(evidence_of(january(1, 100)), evidence_of(january(1, 100), case=shorter)).parts
    assert part.name == "case testland"
    assert part.effect is not None
    assert part.effect.log_ratio < log(0.5)


def test_an_effect_is_beyond_its_error_and_a_share() -> None:
    assert Effect(0.1, 0.02).is_beyond(4, 0.02)
    assert not Effect(0.1, 0.03).is_beyond(4, 0.02)
    assert not Effect(-0.015, 0.001).is_beyond(4, 0.02)
    assert Effect(-0.03, 0.001).is_beyond(4, 0.02)


def test_every_fit_tells_where_it_stands() -> None:
    estimator, told = Proportional(), list[Any]()
    old, new = (estimator.fit(evidence_of(january(1, 5 + day)), as_of=f"2020-05-0{day}") for day in (1, 2))
    moves(estimator, old, new, progress=told.append)
    assert told == ["as of 2020-05-02"]


def test_real_fits() -> None:
    """The same seed and evidence give the same draws: what one report did alone is all that happened."""
    estimator = CountFusion(draws=200, tune=200, retry=False, cores=1)
    before, after = evidence_of(january(1, 100)), evidence_of(january(1, 100), january(2, 400))
    old, new = estimator.fit(before, seed=3), estimator.fit(after, seed=3)
    found = moves(estimator, old, new)
    (part,) = found.parts
    assert part.effect == found.total == found.evidence
    assert found.total.is_beyond(4, 0.02)
    other = CountFusion(
        draws=200, tune=200, retry=False, cores=1,
        priors={"recorder": {"location": 0.0, "scale": 0.1, "reason": "all were counted"}},
    )  # fmt: skip
    changed = moves(other, old, other.fit(before, seed=3))
    assert "priors recorder location was absent, is 0.0" in changed.differences
    assert changed.model.is_beyond(4, 0.02)
    assert changed.evidence.log_ratio == 0.0
