"""Writes the report: one HTML file with its charts and its style inside, that runs nothing and asks nobody."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

from undercount.estimators.sensitivity import ALARM
from undercount.report.charts.palette import colour_css
from undercount.report.page.charts import Charts
from undercount.report.page.claims import ATTRIBUTIONS, KINDS, MOST_WHOLE, QUALIFIERS, claims, evidence_number
from undercount.report.page.facts import Facts
from undercount.report.words import words

if TYPE_CHECKING:
    from undercount.report.page.findings import Findings

POLICY: Final = "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
"""What a browser is told: nothing but this one style, no script, no image, no frame, no address anywhere."""
ODD: Final = 0.025
"""A report whose predictive tail is smaller is named among the checks."""


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("undercount.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The style sheet of a report, with the colours of light, dark and paper."""
    return f"{colour_css()}\n{_templates().get_template('report.css').render()}"


def policy() -> str:
    """The Content-Security-Policy of a report."""
    return POLICY.format(digest=b64encode(hashlib.sha256(style().encode()).digest()).decode())


def report_html(findings: Findings, language: str = "en") -> str:
    """Write the report of an estimate.

    Parameters
    ----------
    findings : Findings
    language : {"en", "ar", "ckb"}
        English, Arabic or Sorani Kurdish.

    Returns
    -------
    str
        A whole document. The same findings give the same bytes.

    Raises
    ------
    RunError
        If the language is another one.
    """
    spoken = words(language)
    estimate = findings.estimate
    fact = Facts(findings.content(), spoken)
    explanation = estimate.explain(language, findings.sensitivity, findings.vintages)
    context: dict[str, Any] = {
        "w": fact,
        "several": fact.several,
        "fact": fact,
        "words": spoken,
        "style": Markup(style()),  # noqa: S704 - our own sheet, which holds nothing of the evidence
        "policy": policy(),
        "findings": findings,
        "estimate": estimate,
        "case": estimate.evidence.case,
        "sources": {source.source: source for source in estimate.evidence.sources},
        "told": {group[0].about: group for group in explanation.paragraphs()},
        "charts": Charts(findings, spoken),
        "claims": claims(estimate, spoken),
        "most_whole": MOST_WHOLE,
        "evidence_number": evidence_number,
        "qualifiers": QUALIFIERS,
        "kinds": KINDS,
        "attributions": ATTRIBUTIONS,
        "odd": ODD,
        "alarm": ALARM,
    }
    return _templates().get_template("report.html").render(context)


def plain(findings: Findings) -> Findings:
    """The same without what takes long to find out."""
    return replace(findings, sensitivity=None, vintages=None)
