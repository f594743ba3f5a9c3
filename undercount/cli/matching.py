"""`undercount match`: records of several sources of a case that are about one incident."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import case_argument

if TYPE_CHECKING:
    from undercount.data.matching.casework import Matched


@click.command(short_help="Match the records of several sources of an imported case that are about one incident.")
@case_argument
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.9, show_default=True,
              help="Probability from which two records are one incident in the clusters.")  # fmt: skip
@click.option("--review", type=click.Path(path_type=Path, dir_okay=False), metavar="CSV",
              help="Decisions on pairs in doubt: imports/review.csv with its last column filled in.")  # fmt: skip
@click.option("--draws", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="Linkages that are drawn: replicates of imports/overlap.csv.")  # fmt: skip
@click.option("--incidents", type=click.IntRange(min=1), metavar="N",
              help="Let clusters with at least N dead enter the case as incidents.")  # fmt: skip
@click.option("--victims", metavar="CLASS", help="Whose numbers are compared.  [default: that of the case]")
@click.option("--days", type=click.IntRange(0, 366), default=7, show_default=True,
              help="Days that may lie between two records of one incident.")  # fmt: skip
@click.option("--kilometres", type=click.FloatRange(0, 500, min_open=True), default=20.0, show_default=True,
              help="Kilometres between their places, beyond the errors of both.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0, max=2**63 - 1), default=2017, show_default=True,
              help="Same seed, same linkages.")  # fmt: skip
@format_option
def match(case: str, format_: str, **options: Any) -> None:
    """Match the records of several sources of a case that `import` made.

    Writes imports/matches.csv (pairs and how likely they are one), clusters.csv, review.csv (pairs in doubt, for people
    to decide), overlap.csv: how many incidents each set of sources saw, in each of the drawn linkages, for
    `undercount overlap`, and incidents.json for `undercount estimate CASE --matched`.
    """
    from undercount.data.bundled import find_case
    from undercount.data.matching.casework import match_case

    review, draws, least = (options.pop(name) for name in ("review", "draws", "incidents"))
    with redirect_stdout(sys.stderr):
        found = match_case(find_case(case), review=review, draws=draws, least=least, **options)
        shares = _shares(found)
    if format_ == "json":
        write_json({**found.content(), "shares": shares})
    else:
        write(_text(found, shares))


def _shares(found: Matched) -> list[dict[str, Any]]:
    """What share of the incidents, and of the dead in them, each source saw."""
    if isinstance(found.to_fit, str):
        return []
    from undercount.estimators.incident_shares import incident_shares

    return [{str(name): value for name, value in row.items()}
            for row in incident_shares(found.to_fit).to_dict("records")]  # fmt: skip


def _text(found: Matched, shares: list[dict[str, Any]]) -> str:
    told = found.content()
    how = {"trained": "trained on these pairs", "documented": "as documented: there is too little to train on"}
    sources = len(told["sources"])
    who = f"in the clusters, and in {told['draws']:,} linkages (mean, range)"
    pairs = (
        f"{told['sure']:,} at {told['threshold']:g} or more",
        f"{told['unsure']:,} in doubt",
        f"{told['decided']:,} decided",
    )
    lines = [
        f"{told['records']:,} records of {sources} sources, {told['pairs']:,} pairs near enough to be one incident",
        *([f"  {told['left_alone']:,} more of longer times than one incident takes"] if told["left_alone"] else []),
        f"  model: {how[told['model']]}",
        f"  pairs: {', '.join(pairs)}",
        f"  {told['clusters']:,} clusters, {told['several']:,} of several records",
        "",
        f"incidents by who saw them: {who}",
    ]
    lines += _columns([_row(row) for row in told["overlap"]])
    lines += _share_lines(shares) if shares else ["", f"nothing to fit with the counts: {told['not_to_fit']}"]
    lines += ["", f"pairs in doubt: {found.folder / 'review.csv'}"]
    if told["incidents"] is not None:
        one = told["incidents"] == 1
        lines.append(f"{told['incidents']:,} incident{'' if one else 's'} entered the case")
    lines.append(f"then run: undercount overlap {found.folder / 'overlap.csv'} --replicate replicate")
    if shares:
        lines.append(f"      or: undercount estimate {found.folder.parent} --matched")
    return "\n".join(lines) + "\n"


def _columns(rows: list[tuple[str, str, str, str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [f"  {who:{widths[0]}}  {one:>{widths[1]}}  {mean:>{widths[2]}}  {span}" for who, one, mean, span in rows]


def _share_lines(shares: list[dict[str, Any]]) -> list[str]:
    """What each source saw, of the incidents and of the dead in them."""
    from undercount.report.text import visible

    lines = []
    for of in ("incidents", "dead"):
        those = [row for row in shares if row["of"] == of]
        ends = [round(those[0][name]) for name in ("total", "total_lower", "total_upper")]
        what = "incidents there were" if of == "incidents" else "dead in them"
        lines += ["", f"{what}: {ends[0]:,}, 95 % interval {ends[1]:,} to {ends[2]:,}; share that each source saw:"]
        lines += _columns([
            (visible(row["source"], 80), f"{row['seen']:,.0f}", f"{row['share']:.0%}",
             f"{row['lower']:.0%} to {row['upper']:.0%}")
            for row in those
        ])  # fmt: skip
    return lines


def _row(row: dict[str, Any]) -> tuple[str, str, str, str]:
    from undercount.report.text import visible

    who = visible(" + ".join(row["sources"]), 80)
    return who, f"{row['clusters']:,}", f"{row['mean']:,.1f}", f"{row['low']:,} to {row['high']:,}"
