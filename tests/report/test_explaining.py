"""Explanations: every figure from the summary, every case said right, in every language."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import jsonschema
import pandas as pd
import pytest

from tests.builders import make_evidence, make_report
from tests.estimators import synthetic
from tests.report.explained import check_explanation
from tests.report.hostile import SCRIPT
from undercount.errors import RunError
from undercount.estimators.dependence import LEAST_CONTRACTION
from undercount.estimators.sensitivity import MATCHED, Sensitivity
from undercount.report.explaining import Name, explain
from undercount.report.explaining.figures import resolve
from undercount.report.schema import summary_schema
from undercount.report.summary import finite, summary_text
from undercount.report.words import LANGUAGES, words
from undercount.report.words.vocabulary import GATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.estimators import Estimate

EVERY = ("estimate", "extended", "failed", "hostile")


@dataclass(frozen=True)
class Days:
    rows: Sequence[dict[str, Any]]


def vintage(day: int, median: float | None, *, passed: bool | None) -> dict[str, Any]:
    return {
        "date": date(2017, 3, day), "reports": day, "sources": 2, "median": median, "lower": median, "upper": median,
        "gates_passed": passed,
    }  # fmt: skip


DAYS = Days((vintage(1, None, passed=None), vintage(2, 70.0, passed=False), vintage(3, 4100.0, passed=True),
             vintage(9, 8250.0, passed=True)))  # fmt: skip


def swept(estimate: Estimate) -> Sensitivity:
    sources, empty = estimate.design.sources, pd.DataFrame()
    figures = {"lower": 1.0, "upper": 9e4}
    left = [
        {"source": source, "median": 8000.0 + i, "ratio": 1.01, **figures} for i, source in enumerate(sources[1:])
    ] + [{"source": sources[0], "median": 2000.0, "ratio": 0.25, **figures}]
    priors = [{"prior": "past lists", "median": 8250.0, "ratio": 1.0, **figures},
              {"prior": "judgement", "median": 9300.0, "ratio": 1.13, **figures}]  # fmt: skip
    return Sensitivity(empty, pd.DataFrame(left), empty, pd.DataFrame(priors), empty)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_every_figure_stands_in_the_summary(name: str, language: str, request: pytest.FixtureRequest) -> None:
    estimate = request.getfixturevalue(name)
    told = estimate.explain(language)
    check_explanation(told, json.loads(summary_text(estimate)))
    assert [one.about for one, two in pairwise(told) if one.about != two.about] == [
        *(["warning"] if name == "failed" else []), "finding", "documented", "dependence", "evidence",
    ]  # fmt: skip
    assert told.text().count("\n\n") == len(told.paragraphs()) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_swept_and_how_it_grew_is_told(estimate: Estimate, language: str) -> None:
    sensitivity = swept(estimate)
    summary = json.loads(json.dumps(finite(estimate.summary(sensitivity, DAYS))))
    jsonschema.Draft202012Validator(summary_schema()).validate(summary)
    told = estimate.explain(language, sensitivity, DAYS)
    check_explanation(told, summary)
    pointers = [figure.pointer for sentence in told for figure in sentence.figures]
    last = len(estimate.design.sources) - 1
    wanted = [f"/sensitivity/leave_one_out/{last}/median", "/sensitivity/recorder_prior/1/median"]
    assert set(wanted) | {"/vintages/2/median", "/vintages/3/date"} <= set(pointers)
    assert not [pointer for pointer in pointers if pointer.startswith(("/vintages/0", "/vintages/1"))]


def test_the_explanation_of_the_summary_is_the_english_one(estimate: Estimate) -> None:
    summary = json.loads(summary_text(estimate))
    assert " ".join(row["text"] for row in summary["explanation"]) == estimate.explain().text().replace("\n\n", " ")
    assert explain(summary).text() == estimate.explain().text()
    figures = [figure for row in summary["explanation"] for figure in row["figures"]]
    assert all(resolve(summary, figure["pointer"]) == figure["value"] for figure in figures)


def test_the_finding_can_be_quoted(estimate: Estimate) -> None:
    first, second, covers, *_ = (sentence.text for sentence in estimate.explain())
    toll, w = estimate.toll(), words()
    low, high = map(w.count, toll.interval)
    assert first == (
        "The number of civilians killed in west Mosul from 19 Feb 2017 to 19 Jun 2017 is estimated at "
        f"{low} to {high}, with {w.count(toll.median)} as the middle value."
    )
    assert "with a probability of 95 %" in second
    assert covers == (
        "It covers civilians killed by US-led Coalition, Iraqi forces or Islamic State, in west Mosul and nowhere else."
    )


def test_names_of_the_evidence_are_parts_of_their_own(hostile: Estimate) -> None:
    told = hostile.explain("ar")
    assert SCRIPT not in "".join(part for one in told for part in one.parts if isinstance(part, str))
    names = [part.shown for one in told for part in one.parts if isinstance(part, Name)]
    assert [name for name in names if SCRIPT in name]
    assert max(map(len, names)) <= 120
    assert "\u202e" not in told.text()


def test_a_failed_estimate_is_not_to_be_quoted(failed: Estimate) -> None:
    first, second, *_ = failed.explain()
    assert first.text == f"Do not quote these figures: {len(failed.check().failed)} checks of the computation failed."
    assert "chains (1, where >= 4 is asked)" in second.text
    assert "لا تقتبسوا" in failed.explain("ar").text()


def test_every_gate_has_a_name_in_every_language(estimate: Estimate) -> None:
    assert {check.name for check in estimate.check().checks} <= set(GATES)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("/gates", {"passed": False, "failed": 1, "checks": [{"name": "chains", "value": None, "limit": ">= 4",
         "passed": False}]}, "1 check of the computation failed. Failed: chains (undefined, where >= 4 is asked)."),
        ("/estimand/as_of", "2017-04-15", "Only what was published by 15 Apr 2017 is taken into account."),
        ("/estimand/window", ["2017-03-17", "2017-03-17"], "in west Mosul on 17 Mar 2017 is estimated"),
        ("/toll/documented", 0, "No recorder documented a count that lies within this, so that the undercount is"),
        ("/toll/documented_by", {"source": None, "name": None}, "The matched lists together hold"),
        ("/toll/undercount/interval", [-3.0, 5.0], "is estimated at -3 to 5"),
        ("/toll/undercount/probability", 1.0, "larger than what was documented is 100 %."),
        ("/toll/undercount/probability", 0.9996, "larger than what was documented is over 99 %."),
        ("/dependence/prior_driven", 5, "For 5 of them the evidence narrowed that assumption by less than 20 %"),
        ("/evidence/reports", 1, "The evidence holds 1 report."),
        ("/evidence/sources", 1, "from 1 source."),
        ("/evidence/in_likelihood", 1, "1 of them enters the estimate"),
        ("/evidence/left_out", {"not_used": 1, "adds_nothing": 1}, "1 is not used; its row says why. 1 adds nothing"),
        ("/evidence/left_out", {"not_used": 2, "adds_nothing": 3}, "2 are not used; the row of each says why. 3 add"),
    ],
)  # fmt: skip
def test_one_and_none_are_said_right(estimate: Estimate, path: str, value: object, told: str) -> None:
    summary = estimate.summary()
    *folder, name = path.split("/")
    resolve(summary, "/".join(folder))[name] = value
    assert told in explain(summary).text().replace("\n\n", " ")
    for language in LANGUAGES:
        check_explanation(explain(summary, language), summary)


def test_no_overcount_where_the_interval_is_above_zero(estimate: Estimate) -> None:
    summary = estimate.summary()
    summary["toll"]["undercount"]["interval"] = [1.0, 5.0]
    assert "overcount" not in explain(summary).text()
    summary["toll"]["undercount"]["interval"] = [-1.0, 5.0]
    assert "overcount" in explain(summary).text()


def test_one_report_of_one_source() -> None:
    told = synthetic.make_estimate(make_evidence([make_report()])).explain().text()
    assert "The evidence holds 1 report. It enters the estimate, from 1 source." in told
    assert "not used" not in told


def test_no_source_of_a_prior_that_the_evidence_left_as_it_was_is_forgotten(estimate: Estimate) -> None:
    summary = estimate.summary()
    rates = summary["reporting_rates"]
    for place, rate in enumerate(rates):
        rate["contraction"] = 0.5 + place / 100
    summary["dependence"]["prior_driven"] = 0
    assert f"narrowed that assumption least for {rates[0]['name']}, by 50 %." in explain(summary).text()
    rates[1]["contraction"] = rates[2]["contraction"] = LEAST_CONTRACTION / 2
    summary["dependence"]["prior_driven"] = 2
    assert f"For {rates[1]['name']} and {rates[2]['name']} the evidence" in explain(summary).text()


def test_lists_without_a_name_are_named(estimate: Estimate) -> None:
    found = swept(estimate)
    found = replace(found, leave_one_out=found.leave_one_out.assign(source=MATCHED))
    assert "left out, is matched lists:" in estimate.explain(sensitivity=found).text()


def test_an_unknown_language_is_refused(estimate: Estimate) -> None:
    with pytest.raises(RunError, match="'fr' is not a language"):
        estimate.explain("fr")
