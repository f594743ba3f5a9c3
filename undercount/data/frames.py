"""From a data frame of any kind to the text cells of a csv, so that both enter by the same way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from undercount.data.cells import REPORT_PARSERS, SOURCE_PARSERS, CellFault
from undercount.data.problems import Problem, raise_problems
from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS, Report, Source
from undercount.data.tables import Row, Table, header_problems

if TYPE_CHECKING:
    import narwhals as nw

REPORT_FRAME: Final = "reports frame"
SOURCE_FRAME: Final = "sources frame"
_NUMBERS: Final = frozenset({"value", "low", "high", "window_uncertainty_days", "prior_median", "prior_scale"})

LARGEST_WHOLE: Final = 2**53
"""Up to here floats tell all whole numbers apart."""


def report_table(frame: Any) -> Table:
    """Take the rows of a frame of reports, or of a list of mappings."""
    required = [name for name, field in Report.model_fields.items() if field.is_required()]
    return _table(frame, REPORT_FRAME, REPORT_COLUMNS, required, "report")


def source_table(frame: Any) -> Table:
    """Take the rows of a frame of sources, or of a list of mappings."""
    required = [name for name, field in Source.model_fields.items() if field.is_required()]
    return _table(frame, SOURCE_FRAME, SOURCE_COLUMNS, required, "source")


def _table(frame: Any, file: str, known: Sequence[str], required: Sequence[str], key: str) -> Table:
    columns, records = _opened(frame, file)
    problems = header_problems(file, columns, known, required, None)
    if problems:
        return Table(file, (), tuple(problems), complete=False)
    rows: list[Row] = []
    loose: set[str] = set()
    for number, record in enumerate(records):
        cells, found = _text_cells(file, number, record, key)
        problems += found
        if found:
            loose.update(cells.values())
        else:
            rows.append(Row(number, cells))
    return Table(file, tuple(rows), tuple(problems), loose=frozenset(loose))


def _opened(frame: Any, file: str) -> tuple[list[str], list[dict[str, Any]]]:
    if is_records(frame):
        records = [{str(name): value for name, value in record.items()} for record in frame]
        return list(dict.fromkeys(name for record in records for name in record)), records
    eager = opened(frame, file)
    return [str(name) for name in eager.columns], [
        {str(name): value for name, value in record.items()} for record in eager.iter_rows(named=True)
    ]


def is_records(frame: Any) -> bool:
    """Whether this is a list of mappings, one for each row."""
    return isinstance(frame, Sequence) and all(isinstance(record, Mapping) for record in frame)


def opened(frame: Any, file: str) -> nw.DataFrame[Any]:
    """Open a pandas, polars or pyarrow table by one interface.

    Parameters
    ----------
    frame : pandas, polars or pyarrow table
    file : str
        The name that messages give to it.

    Returns
    -------
    narwhals.DataFrame

    Raises
    ------
    InvalidEvidenceError
        If it is no table, or cannot be read.
    """
    import narwhals as nw
    from narwhals.exceptions import NarwhalsError

    try:
        eager: nw.DataFrame[Any] = nw.from_native(frame, eager_only=True)
        # pandas finds two columns of one name only when asked.
        eager.columns  # noqa: B018 - asked for that alone
    except NarwhalsError as error:
        rule = f"the frame cannot be read: {str(error).splitlines()[0]}"
        fault = Problem(file, None, None, "", "", rule, "give each column a name of its own", "evidence-bad-frame")
    except TypeError:
        hint = "give a pandas, polars or pyarrow table (collect a lazy one first), or a list of mappings"
        rule = f"a {type(frame).__name__} is not a table"
        fault = Problem(file, None, None, "", "", rule, hint, "evidence-bad-frame")
    else:
        return eager
    return raise_problems([fault])


def _text_cells(file: str, number: int, record: Mapping[str, Any], key: str) -> tuple[dict[str, str], list[Problem]]:
    cells: dict[str, str] = {}
    problems: list[Problem] = []
    name = record.get(key)
    for field, value in record.items():
        try:
            cells[field] = cell_text(value, field)
        except CellFault as fault:
            label = name if isinstance(name, str) else None
            problems.append(Problem(file, number, label, field, str(value)[:200], fault.rule, fault.hint, fault.code))
    return cells, problems


def cell_text(value: Any, field: str) -> str:
    """Write a value of a frame as the cell of a csv.

    Parameters
    ----------
    value : object
        What the frame holds.
    field : str
        The column: numbers, dates, yes/no and text are held to different rules.

    Returns
    -------
    str
        The cell; empty where the frame has no value.

    Raises
    ------
    CellFault
        Where the value has no faithful text.
    """
    if is_absent(value):
        return ""
    if isinstance(value, str):
        return str(value)
    if type(value).__module__ == "numpy":
        value = value.tolist()
    if isinstance(value, bool):
        return _bool_text(value, field)
    if isinstance(value, int | float | Decimal):
        return _number_text(value, field)
    if isinstance(value, date):
        return _date_text(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return _list_text(value)
    hint = "write text, a number, a date or nothing"
    raise CellFault(f"a value of type {type(value).__name__} cannot stand in a cell", hint, "evidence-wrong-type")


def is_absent(value: Any) -> bool:
    """Whether a value of a frame stands for none: None, NA, NaT, NaN."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def _bool_text(value: bool, field: str) -> str:
    if field == "used":
        return "yes" if value else "no"
    raise CellFault("true or false where none is expected", "write the number or the text", "evidence-wrong-type")


def _number_text(value: int | float | Decimal, field: str) -> str:
    if field in _NUMBERS:
        # A column of whole numbers with gaps comes as floats.
        whole = not field.startswith("prior") and -LARGEST_WHOLE < value < LARGEST_WHOLE and value == int(value)
        return str(int(value)) if whole else str(value)
    if isinstance(value, int) and field not in REPORT_PARSERS and field not in SOURCE_PARSERS:
        return str(value)
    hint = "read this column as text, for example with dtype=str"
    raise CellFault("a number where text is expected", hint, "evidence-wrong-type")


def _date_text(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is not None or value.time() != time():
        hint = "drop the time of day and the time zone, in the time zone of the case"
        raise CellFault("a moment where a day is expected", hint, "evidence-bad-date")
    return value.date().isoformat()


def _list_text(value: Sequence[Any]) -> str:
    if not all(isinstance(part, str) for part in value) or any(";" in part for part in value):
        raise CellFault("a list of something else than names", "write a list of names without ';'", "evidence-bad-list")
    return ";".join(value)
