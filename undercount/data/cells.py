"""From text cells to `Report` and `Source`: the one way by which every row enters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from undercount.data.faults import translated
from undercount.data.problems import Problem, write_one_of
from undercount.data.schema import MAX_COUNT, Attribution, Kind, Lag, Qualifier, Report, Source, Speakers
from undercount.data.tables import MOST_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    from pydantic import BaseModel

    from undercount.data.tables import Row, Table


class CellFault(Exception):  # noqa: N818 - never leaves this module
    """A cell that cannot be read."""

    def __init__(self, rule: str, hint: str, code: str) -> None:
        super().__init__(rule)
        self.rule, self.hint, self.code = rule, hint, code


def whole_number(text: str) -> int:
    """Read plain digits; anything that a spreadsheet may have made of a number is refused."""
    if re.fullmatch(r"-[0-9]+", text):
        raise CellFault("a count cannot be negative", "write how many, 0 or more", "evidence-negative")
    if not re.fullmatch(r"0|[1-9][0-9]*", text):
        raise CellFault("not a whole number in plain digits", _number_advice(text), "evidence-not-an-integer")
    if len(text) > len(str(MAX_COUNT)) or int(text) > MAX_COUNT:
        raise CellFault(f"above {MAX_COUNT:,}", "write a count of people", "evidence-count-too-large")
    return int(text)


def _number_advice(text: str) -> str:
    digits = re.fullmatch(r"\s*0*([0-9]{1,10})(?:\.0+)?\s*", text, re.ASCII)
    if digits:
        return f"write {digits[1]}"
    if re.fullmatch(r"[0-9]{1,3}(?:[,' ][0-9]{3})+", text, re.ASCII):
        return f"write {re.sub('[^0-9]', '', text)}"
    if text.strip().lower() in {"nan", "na", "n/a", "none", "null", "-"}:
        return "leave the cell empty where there is no figure"
    return "write digits only, such as 1200; leave the cell empty where there is no figure"


def day(text: str) -> date:
    """Read a date written YYYY-MM-DD."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise CellFault("not a date", "write the date as YYYY-MM-DD, such as 2017-03-17", "evidence-bad-date") from None


def decimal(text: str) -> float:
    """Read a decimal number with a point."""
    if not re.fullmatch(r"-?[0-9]{1,20}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?", text):
        raise CellFault("not a decimal number", "write digits with a point, such as 0.25", "evidence-not-a-number")
    return float(text)


def yes_or_no(text: str) -> bool:
    """Read yes or no, and nothing else."""
    if text not in {"yes", "no"}:
        raise CellFault("neither yes nor no", "write yes or no", "evidence-not-yes-or-no")
    return text == "yes"


def parts(text: str) -> tuple[str, ...]:
    """Split a list at ';'."""
    found = tuple(part.strip() for part in text.split(";"))
    if not all(found):
        hint = "write the parts with one ';' between them and none at the ends"
        raise CellFault("the list has an empty part", hint, "evidence-bad-list")
    return found


def choice[E: StrEnum](kind: type[E], name: str) -> Callable[[str], E]:
    """Make a parser of the members of an enumeration; `name` says in messages what they are."""

    def read(text: str) -> E:
        allowed = [str(member) for member in kind]
        if text not in allowed:
            raise CellFault(f"not a known {name}", write_one_of(text, allowed), "evidence-unknown-choice")
        return kind(text)

    return read


def _fields(parser: Callable[[str], object], *names: str) -> dict[str, Callable[[str], object]]:
    return dict.fromkeys(names, parser)


REPORT_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    **_fields(whole_number, "value", "low", "high", "window_uncertainty_days"),
    **_fields(day, "published", "window_start", "window_end"),
    **_fields(parts, "actors", "areas", "derived_from", "disputed_by"),
    **_fields(yes_or_no, "used"),
    **_fields(choice(Qualifier, "qualifier"), "qualifier"),
    **_fields(choice(Attribution, "attribution"), "attribution"),
}
"""Columns that are not simply text -> how they are read."""
SOURCE_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    **_fields(decimal, "prior_median", "prior_scale"),
    **_fields(choice(Kind, "kind"), "kind"),
    **_fields(choice(Speakers, "number of speakers"), "speakers"),
    **_fields(choice(Lag, "lag"), "lag"),
}


@dataclass(frozen=True, slots=True)
class Parsed[R: (Report, Source)]:
    """What came of a table.

    Attributes
    ----------
    file : str
        Name of the table in messages.
    records : tuple
        The rows that could be read.
    numbers : tuple of int
        Their rows, one for each record.
    names : frozenset of str
        Every identifier of the table, also of rows that could not be read.
    problems : tuple of Problem
        Why not.
    complete : bool
        Whether every row was seen.
    """

    file: str
    records: tuple[R, ...]
    numbers: tuple[int, ...]
    names: frozenset[str]
    problems: tuple[Problem, ...]
    complete: bool = True


def parse_reports(table: Table) -> Parsed[Report]:
    """Read every row of a table as a report."""
    return _parse(table, Report, REPORT_PARSERS, "report")


def parse_sources(table: Table) -> Parsed[Source]:
    """Read every row of a table as a source."""
    return _parse(table, Source, SOURCE_PARSERS, "source")


def _parse[R: (Report, Source)](
    table: Table, model: type[R], parsers: Mapping[str, Callable[[str], object]], key: str
) -> Parsed[R]:
    records: list[R] = []
    numbers: list[int] = []
    problems = list(table.problems)
    for row in table.rows:
        record, found = parse_row(table.file, row, model, parsers, key)
        problems += found
        if record is not None:
            records.append(record)
            numbers.append(row.number)
        if len(problems) >= MOST_PROBLEMS:
            break
    names = frozenset(row.cells[key] for row in table.rows if row.cells.get(key)) | table.loose
    return Parsed(table.file, tuple(records), tuple(numbers), names, tuple(problems), table.complete)


def as_cells(record: Report | Source) -> dict[str, str]:
    """Write a record as text cells that read back as the same record."""
    # Most cells are plain texts; members of enumerations are of another type.
    return {field: value if type(value) is str else _as_cell(value) for field, value in record}


def _as_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value)


def parse_row[R: BaseModel](
    file: str, row: Row, model: type[R], parsers: Mapping[str, Callable[[str], object]], key: str = ""
) -> tuple[R | None, list[Problem]]:
    """Read the cells of one row.

    Parameters
    ----------
    file : str
        Name of the table in messages.
    row : Row
        The row.
    model : type
        What it becomes.
    parsers : mapping
        Columns that are not simply text -> how they are read.
    key : str
        The column of the row's identifier, if it has one.

    Returns
    -------
    record : model or None
        None where there are problems.
    problems : list of Problem
        Every cell that cannot be read or breaks a rule.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    name = row.cells.get(key) or None
    for field, text in row.cells.items():
        if not text:
            continue
        try:
            values[field] = parsers.get(field, str)(text)
        except CellFault as fault:
            problems.append(Problem(file, row.number, name, field, text, fault.rule, fault.hint, fault.code))
    unread = {problem.field for problem in problems}
    try:
        record = model.model_validate(values)
    except ValidationError as error:
        faults = (fault for fault in translated(error, model) if fault.field not in unread)
        problems += [
            Problem(
                file, row.number, name, fault.field, row.cells.get(fault.field, ""), fault.rule, fault.hint, fault.code
            )
            for fault in faults
        ]
        return None, problems
    return (None if problems else record), problems
