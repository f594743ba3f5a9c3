"""People at risk: read from a table, and known on any day with what is not known of it.

Between two days of which a number is known, its logarithm is a straight line, as the model takes it
(`undercount.models.design`), with a Brownian bridge around it: what happened in between nobody wrote down. Before the
first and after the last day it is constant, with a Brownian motion. A number itself is off by what its row says, or
else by `UNSURE`. On day t between days a and b, with w = (t - a) / (b - a),

    var log people(t) = (1 - w)² · var(a) + w² · var(b) + DAILY² · (t - a) · (b - t) / (b - a).

The model has a rate of dying that is free, with a prior over a factor of 19 either way: a number of people that is
wrong by a third moves this rate, and hardly the toll.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.data.imports.columns import Field, columns_of
from undercount.data.imports.drafting import identifier
from undercount.data.imports.opening import open_table
from undercount.data.imports.texts import dates, numbers, texts
from undercount.data.schema import Population
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns

UNSURE: Final = 0.1
"""Standard deviation of the log of a number of people that comes without a range: right to a fifth, by judgement."""
DAILY: Final = 0.02
"""Standard deviation of the change of the log in a day, where nothing is known: a tenth in a month, by judgement."""
_NORMAL: Final = 1.959963984540054
FIELDS: Final = (
    Field("date", ("day", "as_of", "reporting_date"), is_needed=True),
    Field("area", ("admin1", "adm1_name", "governorate", "district", "place"), is_needed=True),
    Field("people", ("population", "persons", "individuals", "total"), is_needed=True),
    Field("low", ("lower", "minimum")),
    Field("high", ("upper", "maximum")),
    Field("basis", ("source", "note")),
)


class People(NamedTuple):
    """A number of people in an area on a day, and how sure it is."""

    point: Population
    error: float
    """Standard deviation of its logarithm."""


def read_people(path: Path, areas: Mapping[str, str]) -> tuple[People, ...]:
    """Read a table with the columns date, area and people; low, high (95 %) and basis where it has them.

    Parameters
    ----------
    path : Path
        csv, xlsx or Parquet.
    areas : mapping of str to str
        Areas of the case, by identifier and name; both are known in the table.

    Returns
    -------
    tuple of People
        Sorted by area and day.

    Raises
    ------
    EvidenceError
        If a cell cannot be read, an area is unknown, or a number makes no sense; it names the first such row.
    """
    columns = columns_of(open_table(path), FIELDS, "people at risk")
    known = {identifier(text): area for area, name in areas.items() for text in (area, name)}
    rows = columns.raw.rows.to_pylist()
    cells = {name: _cells(columns, name) for name in ("date", "area", "people", "low", "high", "basis")}
    found = []
    for place, row in enumerate(rows):
        day, area, people, low, high, basis = (cells[name][place] for name in cells)
        if identifier(area or "") not in known:
            raise _refused(columns, row, f"{plain(area or '')} is no area of the case", "write an area of case.toml")
        if day is None or people is None or not 1 <= people <= 10**10:
            raise _refused(columns, row, "a day or a number of people is missing", "leave the row out, or fill it in")
        if (low is None) != (high is None) or (low is not None and not 0 < low <= people <= high):
            raise _refused(columns, row, "low, people and high are not in this order", "give both ends, or neither")
        error = UNSURE if low is None else log(high / low) / (2 * _NORMAL)
        point = Population(area=known[identifier(area)], date=day, people=round(people), basis=basis or path.name)
        found.append(People(point, error))
    return tuple(sorted(found, key=lambda one: (one.point.area, one.point.date)))


def _cells(columns: Columns, name: str) -> list[Any]:
    if name not in columns:
        return [None] * len(columns.raw.rows)
    parse = {"date": dates, "area": texts, "basis": texts}.get(name, numbers)
    parsed = parse(columns[name])
    if parsed.faults:
        text, reason = min(parsed.faults.items())
        raise _refused(columns, None, f"{plain(columns.printed[name])} is {plain(text)}: {reason}", "mend the cell")
    return list(parsed.values.to_pylist())


def _refused(columns: Columns, row: int | None, message: str, hint: str) -> EvidenceError:
    where = plain(columns.raw.file) + ("" if row is None else f", row {row}")
    return EvidenceError(message, code="import-bad-people", where=where, hint=hint)


def at_risk(points: Sequence[People], days: Sequence[date]) -> NDArray[np.float64]:
    """How many people there were on some days, with a 95 % interval.

    Parameters
    ----------
    points : sequence of People
        Of one area, at least one.
    days : sequence of date

    Returns
    -------
    ndarray, shape (days, 3)
        Median, lower and upper end.

    Examples
    --------
    >>> from datetime import date
    >>> point = Population(area="east", date=date(2020, 1, 1), people=1000, basis="census")
    >>> at_risk([People(point, 0.0)], [date(2020, 1, 1), date(2020, 4, 10)]).round().tolist()
    [[1000.0, 1000.0, 1000.0], [1000.0, 676.0, 1480.0]]
    """
    ordered = sorted(points, key=lambda one: one.point.date)
    known = np.array([one.point.date.toordinal() for one in ordered], dtype=float)
    t = np.array([day.toordinal() for day in days], dtype=float)
    inside = np.clip(t, known[0], known[-1])
    # Of a single day there is no line: the same once more, on the day after.
    ordered, known = (ordered * 2, np.append(known, known + 1)) if known.size == 1 else (ordered, known)
    level, error = np.log([one.point.people for one in ordered]), np.array([one.error for one in ordered])
    after = np.clip(np.searchsorted(known, inside, side="right"), 1, known.size - 1)
    first, last = known[after - 1], known[after]
    w = (inside - first) / (last - first)
    middle = (1 - w) * level[after - 1] + w * level[after]
    alone = ((1 - w) * error[after - 1]) ** 2 + (w * error[after]) ** 2
    drift = (inside - first) * (last - inside) / (last - first) + np.abs(t - inside)
    half = _NORMAL * np.sqrt(alone + DAILY**2 * drift)
    return np.exp(np.stack([middle, middle - half, middle + half], axis=1))
