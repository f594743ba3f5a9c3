"""Estimates from lists in a notebook: small tables, every text of them escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from undercount.report.text import between, count, interval_name, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.estimators.overlap import Comparison, OverlapEstimate

FAILED = "<strong>GATES FAILED: do not quote</strong>"


def estimate_html(estimate: OverlapEstimate) -> str:
    """Summarise an estimate as HTML; nothing in it can be a tag that the lists brought along."""
    toll, missed = estimate.toll(), estimate.undercount()
    rows = [
        ("toll", count(toll.median), between(*toll.interval)),
        ("documented", count(estimate.documented()), ""),
        ("undercount", count(missed.median), between(*missed.interval)),
    ]
    verdict = f"all {len(estimate.check().checks)} gates passed" if estimate.check().passed else FAILED
    return (
        f"<div><p><strong>{_text(estimate.title)}</strong> — {_text(estimate.estimator)}, {verdict}</p>"
        f"{_table(['', 'median', interval_name(toll.ci_prob, toll.ci_kind)], rows)}"
        f"<p>Right only if: {_text(estimate.assumption)}</p></div>"
    )


def comparison_html(comparison: Comparison) -> str:
    """Set estimators side by side as HTML."""
    rows = [
        (row["label"], count(row["median"]), f"{between(row['lower'], row['upper'])} ({row['ci_kind']})",
         "passed" if row["passed"] else "FAILED: do not quote", row["assumption"])
        for row in comparison.rows()
    ]  # fmt: skip
    head = ["estimator", "toll", "95 %", "gates", "right only if"]
    return f"<div><p><strong>{_text(comparison.estimates[0].title)}</strong></p>{_table(head, rows)}</div>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return escape(visible(text, 1000))
