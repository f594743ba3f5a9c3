"""The tables of an estimate, filled: plain values of the kinds that their layouts state."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.cells import as_cells
from undercount.data.lists.export import is_small
from undercount.report.exports import layouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.schema import Report, Source
    from undercount.estimators import Estimate
    from undercount.report.exports.layouts import Kind, Layout

type Cell = str | date | int | float | bool | None
type Row = Mapping[str, Any]

KEYS: Final = ("actor", "area", "week", "month")
LONGEST: Final = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""
_PERIODS: Final = ("week", "month")


@dataclass(frozen=True)
class Filled:
    """A table.

    Parameters
    ----------
    layout : Layout
    rows : sequence of tuple
        Cells in the order of the columns: text, date, int, float or bool, or None where there is nothing to say.
    """

    layout: Layout
    rows: Sequence[tuple[Cell, ...]]


def filled(layout: Layout, rows: Iterable[Row], **same: Any) -> Filled:
    """Fill a table.

    Parameters
    ----------
    layout : Layout
    rows : iterable of mapping
        Values by column; those of other names are left out.
    **same
        Values that all rows share.

    Returns
    -------
    Filled
        What a row lacks, and what is not finite, is None.
    """
    casts = [(column.name, _CASTS[column.kind]) for column in layout.columns]
    whole = ({**same, **row} for row in rows)
    return Filled(layout, [tuple(_cell(cast, row.get(name)) for name, cast in casts) for row in whole])


_CASTS: Final[Mapping[Kind, Callable[[Any], Cell]]] = {
    "text": str, "day": lambda value: value, "whole": int, "number": float, "flag": bool,
}  # fmt: skip


def _cell(cast: Callable[[Any], Cell], value: Any) -> Cell:
    is_missing = value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))
    return None if is_missing else cast(value)


def estimate_tables(estimate: Estimate) -> tuple[Filled, ...]:
    """Fill the tables of an estimate.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    tuple of Filled
        finding, toll, timeline, reporting_rates, lags, reports, gates, evidence, sources, draws.
    """
    rows, evidence = estimate.rows, estimate.evidence
    marked = {"gates_passed": estimate.check().passed}
    return (
        filled(layouts.FINDING, _finding(estimate), **marked),
        filled(layouts.TOLL, _toll(estimate), **marked),
        filled(layouts.TIMELINE, with_ends(rows.timeline(), "week", "week_end", evidence.case.timeline.end), **marked),
        filled(layouts.RATES, rows.reporting_rates(), **marked),
        filled(layouts.LAGS, rows.lags(), **marked),
        filled(layouts.REPORTS, _reports(estimate), **marked),
        gates_table(estimate),
        filled(layouts.EVIDENCE, map(_as_given, evidence.reports)),
        filled(layouts.SOURCES, map(_as_given, evidence.sources)),
        filled(layouts.DRAWS, _draws(estimate), **marked),
    )


def documented(estimate: Estimate) -> int | None:
    """What was documented; None where it counts a few persons on matched lists, which could tell who they are."""
    found = estimate.documented()
    return None if estimate.lists is not None and is_small(found) else found


def _finding(estimate: Estimate) -> Iterator[Row]:
    yield {"measure": "toll", **estimate.toll().describe()}
    if (found := documented(estimate)) is not None:
        yield {"measure": "documented", "median": found}
        yield {"measure": "undercount", **estimate.undercount().describe()}


def _toll(estimate: Estimate) -> Iterator[Row]:
    window = estimate.scope.window
    whole = {"window_start": window.start, "window_end": window.end}
    yield {"by": "total", "level": "", "name": estimate.estimand, **whole, **estimate.toll().describe()}
    for key in KEYS:
        rows: Iterable[Row] = estimate.rows.toll(key)
        if key in _PERIODS:
            rows = ({**row, "window_start": row[key]} for row in with_ends(rows, key, "window_end", window.end))
        for row in rows:
            yield {"by": key, "level": str(row[key]), **whole, **row}


def with_ends(rows: Iterable[Row], start: str, end: str, last: date) -> list[Row]:
    """Add to rows of periods the last day of each: the one before the next period, or the last of all."""
    found = list(rows)
    ends = [row[start] - timedelta(days=1) for row in found[1:]] + [last]
    return [{**row, end: day} for row, day in zip(found, ends, strict=True)]


def _reports(estimate: Estimate) -> Iterator[Row]:
    evidence = estimate.evidence
    names = {source.source: source.name for source in evidence.sources}
    predicted = {row["report"]: row for row in estimate.rows.reports()}
    for report in evidence.reports:
        told = predicted.get(report.report, {})
        reason = estimate.dropped.get(report.report) or report.reason
        yield {
            "report": report.report, "source": report.source, "source_name": names[report.source],
            "published": report.published, "window_start": report.window_start, "window_end": report.window_end,
            "used": report.used, "in_likelihood": bool(told), "why_not": "" if told else reason, **told,
        }  # fmt: skip


def gates_table(estimate: Any, hidden: frozenset[str] = frozenset()) -> Filled:
    """Every gate of an estimate; the values of those that are `hidden` by their names stay out."""
    return filled(
        layouts.GATES,
        (
            {"name": one.name, "value": None if one.name in hidden else one.value, "limit": one.limit,
             "passed": one.passed}
            for one in estimate.check().checks
        ),
    )  # fmt: skip


def _as_given(record: Report | Source) -> Row:
    """Texts as a case folder has them; days, numbers and flags as what they are."""
    return {**as_cells(record), **{name: value for name, value in record if isinstance(value, date | int | float)}}


def _draws(estimate: Estimate) -> Iterator[Row]:
    deaths = estimate.rows.deaths
    parts: list[tuple[str, str, NDArray[Any]]] = [("total", "", deaths.total())]
    parts += [(key, str(label), draws) for key in ("actor", "area") for (label,), draws in deaths.parts([key])]
    for by, level, draws in parts:
        for (chain, draw), value in np.ndenumerate(draws):
            yield {"chain": chain, "draw": draw, "by": by, "level": level, "deaths": value}
