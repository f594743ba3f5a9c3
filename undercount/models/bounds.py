"""From a qualified figure to the interval that the source's count lies in.

A *recorder* (and a belligerent, on what it acknowledged) knows its own tally: "at least 307" means
that it documented 307. A *claimant* states a figure about the dead: "at least 307" leaves the upper
end open, and a round figure stands for every count that rounds to it.

==========  =======================================  ==========================================
qualifier   recorder, belligerent                    claimant
==========  =======================================  ==========================================
exact       v                                        what rounds to v at its own trailing zeros
at_least    v                                        v or more
more_than   v + 1 up to the next round figure        v + 1 or more
up_to       0 to v                                   0 to v
about       v ± one unit of its trailing zeros, at least 5 %, for both
range       low to high                              low to high
words       low to high                              low to high
per_day     days × v, to half a unit of v a day, for both
==========  =======================================  ==========================================
"""

from __future__ import annotations

from math import ceil, inf

from undercount.data.schema import Kind, Qualifier, Report
from undercount.errors import EvidenceError

Interval = tuple[float, float]


def unit(value: int) -> int:
    """Weight of the last digit that is not a trailing zero: 600 -> 100, 531 -> 1.

    Examples
    --------
    >>> unit(600), unit(531), unit(40000), unit(0)
    (100, 1, 10000, 1)
    """
    size = 1
    while value and value % (10 * size) == 0:
        size *= 10
    return size


def _rounded(value: int, size: int, days: int = 1) -> Interval:
    low = max(0, ceil(days * (value - size / 2)))
    return float(low), float(max(low, ceil(days * (value + size / 2)) - 1))


def count_interval(report: Report, kind: Kind) -> Interval:
    """Lowest and highest count that the report allows; `inf` where the upper end is open.

    Parameters
    ----------
    report : Report
        A report with the figures that its qualifier needs.
    kind : Kind
        Of the source of the report.

    Returns
    -------
    tuple of float
        Whole numbers, 0 ≤ low ≤ high.

    Raises
    ------
    EvidenceError
        If a figure that the qualifier needs is missing.
    """
    qualifier = report.qualifier
    if qualifier in (Qualifier.RANGE, Qualifier.WORDS):
        if report.low is None or report.high is None:
            raise _missing(report, "low and high")
        return float(report.low), float(report.high)
    if report.value is None:
        raise _missing(report, "value")
    value, size, claimant = report.value, unit(report.value), kind is Kind.CLAIMANT
    match qualifier:
        case Qualifier.EXACT:
            return _rounded(value, size) if claimant else (float(value), float(value))
        case Qualifier.AT_LEAST:
            return float(value), inf if claimant else float(value)
        case Qualifier.MORE_THAN:
            return value + 1.0, inf if claimant else value + float(max(size, ceil(value / 10), 1))
        case Qualifier.UP_TO:
            return 0.0, float(value)
        case Qualifier.ABOUT:
            width = max(size, ceil(value / 20))
            return float(max(0, value - width)), float(value + width)
        case _:
            return _rounded(value, size, report.window.days)


def _missing(report: Report, fields: str) -> EvidenceError:
    return EvidenceError(
        f"'{report.qualifier}' needs {fields}",
        code="evidence-no-figure",
        where=f"report {report.report}",
        hint=f"give {fields}, or mark the report used = no with a reason",
    )
