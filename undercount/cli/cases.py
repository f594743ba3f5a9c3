"""`undercount cases`: what comes with the package."""

from __future__ import annotations

import click

from undercount.cli.output import format_option, write, write_json


@click.command(short_help="List the cases that come with the package.")
@format_option
def cases(format_: str) -> None:
    """List the cases that come with the package."""
    from undercount.data.bundled import case_names, load_case
    from undercount.report.text import visible

    rows = []
    for name in case_names():
        evidence = load_case(name)
        case = evidence.case
        rows.append({
            "case": name,
            "title": case.title,
            "timeline": [case.timeline.start.isoformat(), case.timeline.end.isoformat()],
            "reports": len(evidence.reports),
            "used": len(evidence.used),
            "sha256": evidence.sha256,
        })  # fmt: skip
    if format_ == "json":
        write_json(rows)
        return
    lines = [
        f"{row['case']}\n  {visible(str(row['title']))}; {row['reports']} reports, {row['used']} used\n" for row in rows
    ]
    write("".join(lines))
