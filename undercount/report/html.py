"""An estimate in a notebook: one small table, every text of it escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from undercount.report.text import between, count, interval_name, visible

if TYPE_CHECKING:
    from undercount.estimators import Estimate


def estimate_html(estimate: Estimate) -> str:
    """Summarise an estimate as HTML.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str
        A `div`; nothing in it can be a tag that the evidence brought along.
    """
    toll, missed = estimate.toll(), estimate.undercount()
    interval = interval_name(toll.ci_prob, toll.ci_kind)
    rows = [
        ("toll", count(toll.median), between(*toll.interval)),
        ("documented", count(estimate.documented()), ""),
        ("undercount", count(missed.median), between(*missed.interval)),
    ]
    rows += [
        (f"by {row['name'] or row['actor']}", count(row["median"]), between(row["lower"], row["upper"]))
        for row in estimate.rows.toll("actor")
    ]
    cells = "".join(
        f"<tr><td>{_safe(name)}</td><td>{_safe(median)}</td><td>{_safe(ends)}</td></tr>" for name, median, ends in rows
    )
    checks = estimate.check()
    failed = ", ".join(check.name for check in checks.checks if not check.passed)
    verdict = f"all {len(checks.checks)} gates passed" if checks.passed else f"gates failed: {failed}"
    banner = "" if checks.passed else '<strong style="color:#b00020">GATES FAILED: do not quote</strong><br>'
    return (
        f"<div>{banner}<strong>{_safe(estimate.evidence.case.title)}</strong><br>{_safe(estimate.estimand, 500)}"
        f"<table><thead><tr><th></th><th>median</th><th>{_safe(interval)}</th></tr></thead><tbody>{cells}</tbody></table>"
        f"<small>{_safe(verdict)}; seed {estimate.seed}; "
        f"evidence sha256 {_safe(estimate.evidence.sha256)}</small></div>"
    )


def _safe(text: str, longest: int = 120) -> str:
    return escape(visible(text, longest))
