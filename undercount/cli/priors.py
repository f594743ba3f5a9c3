"""`undercount priors CASE`: the prior table, with what the case changes."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import case_argument

_WIDTH: Final = 80


@click.command(short_help="Print every prior of a case with its reason.")
@case_argument
@format_option
def priors(case: str, format_: str) -> None:
    """Print every prior of a case: median and 95 % interval, unit, reason and reference."""
    from undercount.data.bundled import find_case
    from undercount.data.reading import read_case
    from undercount.estimators.prior_rows import prior_rows
    from undercount.models.priors import PriorTable

    evidence = read_case(find_case(case))
    rows = prior_rows(PriorTable(evidence.case.priors), evidence.sources)
    if format_ == "json":
        write_json(rows)
    else:
        write("\n".join(_block(row) for row in rows))


def _block(row: dict[str, Any]) -> str:
    from undercount.report.text import visible

    figure = f"{row['median']:.3g}"
    if row["interval"] is not None:
        low, high = row["interval"]
        figure += f", 95 % {low:.3g} to {high:.3g}" + (f" (Student t, {row['tail']:g})" if row["tail"] else "")
    else:
        figure += ", fixed"
    changed = "" if row["is_default"] else "   CHANGED BY THIS CASE"
    lines = [f"{visible(row['name'])}: {figure}{changed}"]
    for words in (f"unit: {row['unit']}", row["reason"], row["reference"]):
        lines += textwrap.wrap(
            visible(words, 1000), _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
    return "\n".join(lines) + "\n"
