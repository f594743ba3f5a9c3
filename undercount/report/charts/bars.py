"""Reports as bars: what each says, over which days, at how many a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial, reduce
from math import isinf
from typing import TYPE_CHECKING, Final

from undercount.report.text import visible
from undercount.report.words import message

if TYPE_CHECKING:
    from undercount.data.schema import Case, Estimand, Report
    from undercount.estimators import Estimate
    from undercount.report.words import Words

_LONGEST: Final = 40
_ALL: Final = {"actor": message("all actors"), "area": message("all areas")}


@dataclass(frozen=True)
class Bar:
    """One report of the likelihood.

    Attributes
    ----------
    number : int
        Ties the bar in the upper chart to its row in the lower one, from 1.
    low, high : float
        Lowest and highest count that the report allows; `high` is infinite where the end is open.
    """

    number: int
    report: str
    source: str
    kind: str
    start: date
    end: date
    low: float
    high: float
    scope: str

    @property
    def days(self) -> int:
        """Days of the window, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def after(self) -> date:
        """First day after the window."""
        return self.end + timedelta(days=1)

    @property
    def weekly(self) -> tuple[float, float]:
        """The two counts as deaths per week."""
        return self.low / self.days * 7, self.high / self.days * 7

    @property
    def shape(self) -> str:
        """`point`, `open` (no upper end) or `range`."""
        if isinf(self.high):
            return "open"
        return "point" if self.low == self.high else "range"

    def told(self, w: Words) -> str:
        """The counts and whose deaths they are about."""
        counts = w.allowed(self.low, self.high)
        return _both(w, counts, self.scope) if self.scope else counts


def report_bars(estimate: Estimate, w: Words) -> list[Bar]:
    """Give the reports of the likelihood as bars, in the order in which their windows start.

    Parameters
    ----------
    estimate : Estimate
    w : Words
        Of the language in which scopes are named.

    Returns
    -------
    list of Bar
    """
    case = estimate.evidence.case
    known = {report.report: report for report in estimate.evidence.reports}
    sources = {source.source: source for source in estimate.evidence.sources}
    keys = ("window_start", "window_end", "source", "report")
    rows = sorted(estimate.rows.reports(), key=lambda row: tuple(row[key] for key in keys))
    return [
        Bar(
            number=number,
            report=row["report"],
            source=w.name(sources[row["source"]].name),
            kind=str(sources[row["source"]].kind),
            start=row["window_start"],
            end=row["window_end"],
            low=row["low"],
            high=row["high"],
            scope=_scope(case, estimate.scope, known[row["report"]], w),
        )
        for number, row in enumerate(rows, start=1)
    ]


def _scope(case: Case, scope: Estimand, report: Report, w: Words) -> str:
    """Whose deaths, as far as they are not those that the toll is about."""
    parts = []
    sides = (("actor", report.actors, scope.actors), ("area", report.areas, scope.areas))
    for dimension, told, asked in sides:
        levels = case.dimension(dimension).levels
        inside = {level for level in told if level in levels} or set(levels)
        if inside == set(levels) and asked:
            parts.append(w(_ALL[dimension]))
        elif inside != (set(asked) or set(levels)):
            names = [visible(w.name(levels[level]), _LONGEST) for level in levels if level in inside]
            parts.append("".join(w.either_parts(names)))
    for dimension, level in (("victims", report.victims), ("quantity", report.quantity)):
        levels = case.dimension(dimension).levels
        if level != getattr(scope, dimension):
            parts.append(visible(w.name(levels.get(level, level)), _LONGEST))
    if report.incident:
        parts.append(w("one incident"))
    return reduce(partial(_both, w), parts) if parts else ""


def _both(w: Words, first: str, second: str) -> str:
    return w("{first}, {second}", first=first, second=second)
