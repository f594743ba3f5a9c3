"""Columns of a frame or file, and what each of them is: a list, the count, the stratum, the replicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data import frames
from undercount.data.lists.places import ColumnProblem, list_name_fault
from undercount.data.lists.table import MOST_LISTS
from undercount.data.problems import Problem, raise_problems, shown, write_one_of

if TYPE_CHECKING:
    import narwhals as nw
    from numpy.typing import NDArray

FRAME: Final = "lists frame"
DEFAULT_COUNT: Final = "count"
_COUNT_LIKE: Final = frozenset("n freq frequency count counts number weight weights victims total".split())


@dataclass(frozen=True, slots=True)
class Layout:
    """What is asked of the columns; as `Lists.from_frame` takes it."""

    count: str | None = DEFAULT_COUNT
    stratum: str | None = None
    replicate: str | None = None
    lists: Sequence[str] | None = None
    aggregate: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that are read only when they are asked for.

    Attributes
    ----------
    file : str
        The name that messages give to their origin.
    names : tuple of str
        Two may be the same.
    cells : callable
        Gives the cells of a column: an array of bool, numbers or objects.
    numbers : sequence of int
        The numbers of the rows in messages.
    """

    file: str
    names: tuple[str, ...]
    cells: Callable[[str], NDArray[Any]]
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Roles:
    """What the columns are: names of columns, None where there is none."""

    lists: tuple[str, ...]
    count: str | None
    stratum: str | None
    replicate: str | None


def from_frame(frame: Any) -> Columns:
    """Open a pandas, polars or pyarrow table, or a list of mappings."""
    if frames.is_records(frame):
        rows = [{str(name): cell for name, cell in record.items()} for record in frame]
        names = tuple(dict.fromkeys(name for row in rows for name in row))
        return Columns(FRAME, names, lambda name: objects([row.get(name) for row in rows]), range(len(rows)))
    names = _native_names(frame)
    if len(set(names)) < len(names):
        return Columns(FRAME, names, lambda _: objects([]), range(0))
    eager = frames.opened(frame, FRAME)
    series = dict(zip(map(str, eager.columns), eager.iter_columns(), strict=True))
    return Columns(FRAME, tuple(series), lambda name: _cells(series[name]), range(len(eager)))


def _native_names(frame: Any) -> tuple[str, ...]:
    """Names as pandas and pyarrow have them: two may be the same, which narwhals would not say of which."""
    if type(frame).__module__.partition(".")[0] not in {"pandas", "pyarrow"}:
        return ()
    return tuple(map(str, getattr(frame, "column_names", getattr(frame, "columns", ()))))


def _cells(series: nw.Series[Any]) -> NDArray[Any]:
    import narwhals as nw

    kind = series.dtype
    if (kind.is_numeric() or kind == nw.Boolean) and not kind.is_decimal() and not series.is_null().any():
        cells = np.asarray(series.to_numpy())
        if cells.dtype.kind in "biuf":
            return cells
    return objects(series.to_list())


def objects(cells: Sequence[Any]) -> NDArray[Any]:
    """An array of Python objects, whatever these are."""
    return np.fromiter(cells, dtype=object, count=len(cells))


def roles(columns: Columns, layout: Layout) -> Roles:
    """Say what the columns are.

    Parameters
    ----------
    columns : Columns
    layout : Layout

    Returns
    -------
    Roles

    Raises
    ------
    InvalidEvidenceError
        If columns are missing, unknown, or stand twice; it names columns, and shows no cell of them.
    """
    count, stratum, replicate = map(_text, (layout.count, layout.stratum, layout.replicate))
    if count == DEFAULT_COUNT and count not in columns.names:
        count = None
    if layout.lists is None:
        lists = [name for name in dict.fromkeys(columns.names) if name not in {count, stratum, replicate}]
    else:
        lists = [] if isinstance(layout.lists, str) else list(map(str, layout.lists))
    found = Roles(tuple(sorted(lists)), count, stratum, replicate)
    for rules in (_header, _lists, _content):
        if problems := list(rules(columns, layout, found)):
            raise_problems(problems)
    return found


def _text(name: object) -> str | None:
    return None if name is None else str(name)


def _problem(columns: Columns, name: str, rule: str, hint: str, code: str) -> Problem:
    return ColumnProblem(columns.file, None, None, name, "", rule, hint, code)


def _header(columns: Columns, layout: Layout, found: Roles) -> Iterator[Problem]:
    if isinstance(layout.lists, str):
        yield _problem(
            columns,
            "",
            f"lists= is one text, {shown(layout.lists)}",
            "give a list of names, such as ['a', 'b']",
            "lists-bad-lists",
        )
    for name, times in Counter(columns.names).items():
        if times > 1:
            rule = f"{times} columns have this name"
            yield _problem(columns, name, rule, "give each column a name of its own", "evidence-duplicate-column")
    asked = [name for name in (found.count, found.stratum, found.replicate, *found.lists) if name is not None]
    for name, times in Counter(asked).items():
        if name not in columns.names:
            hint = write_one_of(str(name), columns.names)
            yield _problem(columns, str(name), "there is no such column", hint, "lists-missing-column")
        if times > 1:
            hint = "name each column once, as a list or as count, stratum or replicate"
            yield _problem(columns, str(name), f"it is named {times} times", hint, "lists-column-twice")


def _lists(columns: Columns, layout: Layout, found: Roles) -> Iterator[Problem]:
    for name in found.lists:
        if fault := list_name_fault(name):
            yield _problem(columns, name, fault, "rename the column", "lists-bad-name")
    ignored = [name for name in columns.names if name not in found.lists and name.lower() in _COUNT_LIKE]
    if layout.count == DEFAULT_COUNT and found.count is None and layout.lists is not None:
        for name in ignored:
            if name not in {found.stratum, found.replicate}:
                hint = f"write count={name!r} if it holds the counts, or count=None if each row is one victim"
                yield _problem(columns, name, "it may hold the counts", hint, "lists-which-count")
    if not columns.numbers:
        yield _problem(columns, "", "there are no rows", "give a row for each pattern or victim", "lists-no-rows")


def _content(columns: Columns, layout: Layout, found: Roles) -> Iterator[Problem]:
    unknown = [] if layout.lists is not None else [name for name in found.lists if not _may_be_list(columns, name)]
    for name in unknown:
        rule = "it does not hold 0 and 1, as the column of a list does"
        yield _problem(columns, name, rule, _unknown_hint(name, found), "lists-unknown-column")
    lists = len(found.lists) - len(unknown)
    if lists > MOST_LISTS:
        rule, hint = f"{lists} lists, and no more than {MOST_LISTS} can be held", "name some of them with lists=[...]"
        yield _problem(columns, "", rule, hint, "lists-too-many-lists")
    if lists < 2 and not unknown:
        hint = "give a column of 0 and 1 for each list; .reset_index() turns an index into columns"
        yield _problem(columns, "", f"{lists} columns of lists, and at least 2 are needed", hint, "lists-too-few-lists")


def _unknown_hint(name: str, found: Roles) -> str:
    hint = "name the lists with lists=[...], and all other columns are ignored and never stored"
    if found.count is None and name.lower() in _COUNT_LIKE:
        return f"write count={name!r} if it holds the counts; or {hint}"
    return hint if found.stratum else f"{hint}; or write stratum={name!r} if it names the strata"


def _may_be_list(columns: Columns, name: str) -> bool:
    """Whether most of the cells that it has are 0 or 1, or text that says so."""
    cells = columns.cells(name)
    if cells.dtype.kind in "biu":
        return bool(2 * np.count_nonzero((cells == 0) | (cells == 1)) >= len(cells))
    there = [cell for cell in cells.tolist() if not frames.is_absent(cell)]
    like = sum(isinstance(cell, bool | int | float | str) and cell in {0, 1, "0", "1"} for cell in there)
    return bool(there) and 2 * like >= len(there)
