"""Evidence in a notebook: one small table, every text of it escaped."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.schema import Case, Report, Source


def summary(case: Case, sources: Sequence[Source], reports: Sequence[Report], sha256: str) -> str:
    """Summarise evidence as HTML.

    Parameters
    ----------
    case : Case
    sources : sequence of Source
    reports : sequence of Report
    sha256 : str
        The hash of the evidence.

    Returns
    -------
    str
        A `div`; nothing in it can be a tag that the evidence brought along.
    """
    used = Counter(report.source for report in reports if report.used)
    unused = Counter(report.source for report in reports if not report.used)
    rows = "".join(
        f"<tr><td>{escape(source.name)}</td><td>{escape(source.kind)}</td>"
        f"<td>{used[source.source]}</td><td>{unused[source.source]}</td></tr>"
        for source in sources
    )
    return (
        f"<div><strong>{escape(case.title)}</strong> ({escape(case.case)})<br>"
        f"{case.timeline.start} to {case.timeline.end}: {len(reports)} reports, {used.total()} used, "
        f"{unused.total()} not used, {len(sources)} sources"
        "<table><thead><tr><th>source</th><th>kind</th><th>used</th><th>not used</th></tr></thead>"
        f"<tbody>{rows}</tbody></table><small>sha256 {escape(sha256)}</small></div>"
    )
