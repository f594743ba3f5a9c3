"""`undercount priors CASE`: the prior table, with what the case changes."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import case_argument

if TYPE_CHECKING:
    from undercount.data.schema import Source
    from undercount.models.priors import Prior

_WIDTH: Final = 80


@click.command(short_help="Print every prior of a case with its reason.")
@case_argument
@format_option
def priors(case: str, format_: str) -> None:
    """Print every prior of a case: median and 95 % interval, unit, reason and reference."""
    from undercount.data.bundled import find_case
    from undercount.data.reading import read_case
    from undercount.models.priors import PriorTable

    evidence = read_case(find_case(case))
    rows = [_row(prior) for prior in PriorTable(evidence.case.priors).values()]
    rows += [_source_row(source) for source in evidence.sources if source.prior_median is not None]
    if format_ == "json":
        write_json(rows)
    else:
        write("\n".join(_block(row) for row in rows))


def _row(prior: Prior) -> dict[str, Any]:
    is_fixed = prior.link == "probability"
    return {
        "name": prior.name,
        "median": float(prior.inverse(prior.location)),
        "interval": None if is_fixed else list(prior.interval),
        "unit": prior.unit,
        "reason": prior.reason,
        "reference": prior.reference,
        "link": prior.link,
        "location": prior.location,
        "scale": prior.scale,
        "tail": prior.tail,
        "is_default": prior.is_default,
    }


def _source_row(source: Source) -> dict[str, Any]:
    """The reporting rate of a source that has a prior of its own."""
    from math import exp, log

    median, scale = source.prior_median or 1.0, source.prior_scale or 1.0
    return {
        "name": f"source {source.source}",
        "median": median,
        "interval": [median * exp(-1.959964 * scale), median * exp(1.959964 * scale)],
        "unit": "reporting rate",
        "reason": source.prior_reason,
        "reference": "sources.csv",
        "link": "log",
        "location": log(median),
        "scale": scale,
        "tail": None,
        "is_default": False,
    }


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
