"""Both Mosul cases as they are fitted: the whole report, in every language, figure by figure and in a real Chromium."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.report.page.browser import chromium, opened
from tests.report.page.document import Document
from tests.report.page.test_page import is_written
from undercount.data import load_case
from undercount.estimators import CountFusion
from undercount.estimators.refitting import estimator_like
from undercount.report.explaining.figures import resolve
from undercount.report.page.findings import Findings
from undercount.report.page.html import report_html
from undercount.report.words import LANGUAGES
from undercount.runs.backtest import backtest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mosul-2017", "mosul-2017-extended"])
def test_the_report_of_a_fit(case: str, tmp_path: Path) -> None:
    estimate = CountFusion(draws=250, tune=300, retry=False).fit(load_case(case))
    vintages = backtest(estimator_like(estimate), estimate.evidence, seed=estimate.seed)
    findings = Findings(estimate, estimate.sensitivity(), vintages)
    summary = json.loads(json.dumps(findings.content(), allow_nan=False))
    with chromium() as browser:
        for language in LANGUAGES:
            html = report_html(findings, language)
            marks = [mark for mark in Document(html).marks if "data-figure" in mark.attributes]
            assert len(marks) > 300
            for mark in marks:
                value = resolve(summary, mark.attributes["data-figure"])
                assert mark.attributes["value"] == str(value)
                assert is_written(value, mark.text, language), mark
            path = tmp_path / f"{language}.html"
            path.write_text(html, encoding="utf-8")
            with opened(browser, path, 390, "dark") as seen:
                assert (seen.requests, seen.console, seen.dialogs) == ([path.as_uri()], [], [])
                assert seen.overflow <= 0
