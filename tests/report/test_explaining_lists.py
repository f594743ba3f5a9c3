"""Explanations of estimates from lists: every figure from their summary, the assumption said, in every language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.report.explained import check_explanation
from undercount.data.lists import load_lists
from undercount.estimators.overlap import LatentClass, LowerBound
from undercount.report.explaining import explain_lists
from undercount.report.overlap.files import estimate_json
from undercount.report.words import LANGUAGES

if TYPE_CHECKING:
    from undercount.estimators.overlap import OverlapEstimate


@pytest.fixture(scope="module")
def bound() -> OverlapEstimate:
    return LowerBound().fit(load_lists("kosovo-1999"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_stands_in_the_summary(bound: OverlapEstimate, language: str) -> None:
    summary = json.loads(estimate_json(bound))
    told = bound.explain(language)
    check_explanation(told, summary)
    assert "4,400" in explain_lists(summary).text()
    assert [row["text"] for row in summary["explanation"]] == [sentence.text for sentence in bound.explain()]


def test_what_must_be_true_is_said(bound: OverlapEstimate) -> None:
    text = bound.explain().text()
    assert f"The figure is right only if this holds: {bound.assumption}" in text
    assert text.count("To be kept in mind: ") == len(bound.lists.caveats) > 0
    assert "on at least one of the 4 lists." in text
    assert LowerBound.ASSUMPTION not in bound.explain("ckb").text()


def test_an_interval_says_what_it_means(bound: OverlapEstimate) -> None:
    assert "intervals made in this way hold the true number in 95 % of all cases" in bound.explain().text()
    summary = bound.summary() | {"estimator": LatentClass.__name__}
    assert "lies in that interval with a probability of 95 %" in explain_lists(summary).text()
    summary["gates"] |= {"passed": False, "failed": 1}
    summary["gates"]["checks"][0]["passed"] = False
    assert explain_lists(summary).text().startswith("Do not quote these figures: 1 check")
