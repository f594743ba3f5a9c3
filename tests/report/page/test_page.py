"""The report: every figure is that of the summary, nothing runs, nothing is asked for, and every part is there."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.hostile import TEXTS
from tests.report.page.document import Document
from tests.report.page.synthetic import findings_of
from undercount.errors import RunError
from undercount.report.explaining.figures import resolve
from undercount.report.page import claims as claims_module
from undercount.report.page import html as html_module
from undercount.report.page.findings import Findings
from undercount.report.page.html import policy, report_html, style
from undercount.report.words import LANGUAGES, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.report.page.conftest import Page
    from undercount.estimators import Estimate

SECTIONS = (
    "finding", "timeline", "tolls", "sources", "what-if", "vintages", "evidence", "checks", "method", "limits",
    "provenance",
)  # fmt: skip


@pytest.fixture(scope="module")
def findings(estimate: Estimate) -> Findings:
    return findings_of(estimate)


@pytest.fixture(scope="module")
def html(page: Page) -> str:
    return page("mosul-2017")


def writers(language: str) -> list[Callable[[Any], str]]:
    """Every way in which a figure may be written."""
    spoken = words(language)

    def text(value: Any) -> str:
        return str(spoken.rule(str(value)))

    def day(value: Any) -> str:
        from datetime import date

        return spoken.date(date.fromisoformat(value))

    return [spoken.count, spoken.rate, spoken.percent, spoken.number, text, day]


def is_written(value: Any, shown: str, language: str) -> bool:
    for write in writers(language):
        try:
            if write(value) == shown:
                return True
        except (TypeError, ValueError):
            continue
    return False


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_that_of_the_summary(findings: Findings, page: Page, language: str) -> None:
    summary = json.loads(json.dumps(findings.content(), allow_nan=False))
    reports = {report.report: report for report in findings.estimate.evidence.reports}
    marks = Document(page("mosul-2017", language)).marks
    assert len(marks) > 300
    for mark in marks:
        if "data-figure" in mark.attributes:
            value = resolve(summary, mark.attributes["data-figure"])
        else:
            value = getattr(reports[mark.attributes["data-report"]], mark.attributes["data-field"])
        assert mark.attributes["value"] == str(value), mark
        assert is_written(value, mark.text, language), (mark, value)


def test_all_that_the_summary_has_is_shown(findings: Findings, html: str) -> None:
    told = {mark.attributes.get("data-figure", "") for mark in Document(html).marks}
    summary = findings.content()
    for table, figures in {
        "timeline": ("median", "interval_50/0", "interval_80/1", "interval_95/0"), "incidents": ("median",),
        "by/actor": ("median", "interval/1"), "reporting_rates": ("prior/median", "posterior/interval/0"),
        "sensitivity/leave_one_out": ("median",), "sensitivity/recorder_prior": ("median",),
        "sensitivity/attributions": ("interval/0",), "vintages": ("reports",), "gates/checks": ("value",),
        "reports": ("predicted/interval/0", "tail"), "priors": ("median",),
    }.items():  # fmt: skip
        rows = resolve(summary, f"/{table}")
        assert rows
        assert {f"/{table}/{i}/{figure}" for i in range(len(rows)) for figure in figures} <= told
    assert {"/toll/median", "/toll/interval/0", "/toll/interval/1", "/toll/documented"} <= told


ALLOWED = re.compile(
    r"(50|80|95) %|50, 80 and 95( in 100)?|SHA-256|2023|120, e2307372120|2013, section 3\.3\.1|2024|34, 57|0\.05"
)  # fmt: skip
"""Numbers that are no figures: of intervals, of the literature, of the limit of an alarm."""


def test_no_figure_is_typed(html: str, findings: Findings) -> None:
    """Digits stand in marked figures, in days and in the evidence's own words, and hardly anywhere else."""
    limits = {check["limit"] for check in findings.content()["gates"]["checks"]}
    allowed = {
        words().allowed(*claim.counts) for claim in claims_module.claims(findings.estimate, words()) if claim.counts
    }
    loose = [text for text in Document(html).loose if re.search(r"\d", ALLOWED.sub("", text))]
    unexplained = [text for text in loose if text.strip() not in limits | allowed]
    assert unexplained == []


def test_every_part_is_there_in_the_order_of_the_reader(html: str) -> None:
    found = re.findall(r'<h2 id="([^"]+)"', html)
    assert tuple(found) == SECTIONS
    links = re.findall(r'<a href="#([^"]+)"', html)
    assert set(links) <= set(found)
    assert html.count("<svg") == 10  # five charts in two widths
    ids = Document(html).ids
    assert len(ids) == len(set(ids))


def test_every_report_is_shown_with_what_disputes_it(findings: Findings, html: str) -> None:
    text = Document(html)
    shown = " ".join(text.loose)
    assert html.count("<article") == len(findings.estimate.evidence.reports)
    assert shown.count("Disputed by") == sum(bool(one.disputed_by) for one in findings.estimate.evidence.reports)
    assert html.count('class="used"') == len(findings.estimate.rows.reports())
    for report in findings.estimate.evidence.reports:
        assert f">{report.report}</code>" in html


def test_the_policy_allows_one_style_and_nothing_else(html: str) -> None:
    digest = b64encode(sha256(style().encode()).digest()).decode()
    assert policy() == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f"<style>{style()}</style>" in html
    assert f'content="{policy()}"'.replace("'", "&#39;") in html
    assert "@import" not in html
    assert "url(" not in style()


BIDI = {("text", "direction"), ("text", "unicode-bidi")}
"""What a chart says of a name that is written from right to left."""


def test_nothing_runs_and_nothing_is_asked_for(html: str) -> None:
    found = Document(html)
    assert found.tags.isdisjoint(
        {"script", "img", "link", "iframe", "object", "embed", "form", "base", "foreignobject"}
    )
    for tag, name, value in found.attributes:
        assert name != "style"
        assert not name.startswith("on")
        if name in ("href", "src", "xlink:href"):
            assert value.startswith("#") or (tag == "a" and value.startswith("https://")), (tag, name, value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_texts_stay_texts(page: Page, language: str) -> None:
    html = page("attacked", language)
    found, harmless = Document(html), Document(page("mosul-2017", language))
    assert found.tags <= harmless.tags
    names = {(tag, name) for tag, name, _ in harmless.attributes}
    assert {(tag, name) for tag, name, _ in found.attributes} <= names | BIDI | {("a", "rel"), ("a", "href")}
    links = [value for tag, name, value in found.attributes if name == "href" and not value.startswith("#")]
    assert all(link.startswith("https://") for link in links)
    assert not any(letter in html for letter in "\0\x1b\u202e\u2066\u2028\ufeff\U000e0041")
    assert len(TEXTS) >= 40


def test_gates_that_failed_are_said_first(failed: Estimate) -> None:
    html = report_html(Findings(failed))
    body = html[html.index("<body") :]
    assert body.index("GATES FAILED: do not quote these figures") < body.index("<h1>")
    assert "Do not quote these figures" in " ".join(Document(html).loose)


def test_what_was_not_worked_out_is_said(estimate: Estimate) -> None:
    html = report_html(Findings(estimate))
    assert "was not worked out for this report" in html
    assert "undercount report mosul-2017" in html
    assert html.count("<svg") == 6
    assert "undercount estimate mosul-2017 --seed 2017" in html


def test_a_release_says_who_and_why(html: str) -> None:
    assert "Released on" in html
    assert "A. Person" in html
    assert "the new grave explains it" in html
    assert "undercount reproduce ./case:3" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_and_direction(page: Page, language: str) -> None:
    html = page("mosul-2017", language)
    direction = "ltr" if language == "en" else "rtl"
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert ("No native speaker has checked" in html) == (language != "en")
    if language != "en":
        assert not re.search(r'data-figure="[^"]*">[^<]*[0-9]', html)


def test_the_same_findings_give_the_same_bytes(findings: Findings, html: str) -> None:
    assert report_html(findings) == html


def test_an_unknown_language_is_refused(findings: Findings) -> None:
    with pytest.raises(RunError, match="is not a language") as caught:
        report_html(findings, "kur")
    assert caught.value.code == "run-unknown-language"


def test_many_reports_are_cut_and_that_is_said(estimate: Estimate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "MOST", 8)
    html = report_html(Findings(estimate))
    assert html.count("<article") == 8
    assert html.count('class="used"') == 7
    assert "8 of 24 reports are shown" in html


def test_of_many_those_without_words_are_rows(estimate: Estimate, html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claims_module.claims(estimate, words())[0]
    silent = claim.report.model_copy(update={"quote": "", "disputed_by": ()})
    disputed = silent.model_copy(update={"disputed_by": ("un",)})
    assert [replace(claim, report=report).is_brief for report in (claim.report, silent, disputed)] == [
        False,
        True,
        False,
    ]

    monkeypatch.setattr(html_module, "MOST_WHOLE", 8)
    monkeypatch.setattr(claims_module.Claim, "is_brief", property(lambda self: not self.is_used))
    cut = report_html(Findings(estimate))
    assert cut.count("<article") == cut.count('class="used"') == 7
    assert "Reports without words of their own" in cut
    assert "Reports without words of their own" not in html

    def figures(text: str) -> set[tuple[str, str, str]]:
        marks = [mark.attributes for mark in Document(text).marks if "data-report" in mark.attributes]
        return {(mark["data-report"], mark["data-field"], mark["value"]) for mark in marks}

    assert figures(cut) == figures(html)


def test_it_is_written_whole_or_not_at_all(estimate: Estimate, tmp_path: Path) -> None:
    written = estimate.report(tmp_path / "new" / "mosul.html", "ckb")
    assert written.read_text(encoding="utf-8") == report_html(Findings(estimate), "ckb")
    with pytest.raises(RunError):
        estimate.report(tmp_path / "new" / "mosul.html", "xx")
    assert written.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in written.parent.iterdir()] == ["mosul.html"]
