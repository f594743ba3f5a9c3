"""A table as it stands in a file: nothing but texts, and where each row of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from undercount.data.imports.limits import refusal
from undercount.data.imports.pools import give_back, pooled, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Raw:
    """A table of texts.

    Attributes
    ----------
    file : str
        Name of the file.
    kind : str
        ``"csv"`` (or any other text with separators), ``"xlsx"`` or ``"parquet"``.
    columns : tuple of str
        Names of the columns as printed, in one line each; unique.
    held : pyarrow.Table
        A column for each; null where a cell is empty. Each different text of a column is held once: see `pools`.
    rows : pyarrow.Int64Array, one value for each row
        Where the row starts: the line of a text, the row of a sheet (the header counts); of a Parquet file, which has
        no header row, its place, counted from 1.
    notes : tuple of str
        Everything that was decided.
    sha256 : str
        Of the file as it came.
    """

    file: str
    kind: str
    columns: tuple[str, ...]
    held: pa.Table
    rows: pa.Int64Array
    notes: tuple[str, ...]
    sha256: str

    @property
    def table(self) -> pa.Table:
        """A column of strings for each column."""
        return spelled(self.held)


class Body(NamedTuple):
    """What a reader of one kind of file found.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    unnamed : tuple of int
        Positions of those that had none.
    table : pyarrow.Table
        The texts, as strings or pooled.
    rows : array of int64
        Where each row starts.
    notes : tuple of str
        What was decided.
    """

    columns: tuple[str, ...]
    unnamed: tuple[int, ...]
    table: pa.Table
    rows: NDArray[np.int64]
    notes: tuple[str, ...]


def raw_table(file: str, kind: str, body: Body, notes: Sequence[str], sha256: str) -> Raw:
    """Leave out what is empty at the end of a table and to its right.

    Parameters
    ----------
    file : str
        Name of the file.
    kind : str
        As for `Raw`.
    body : Body
        What was read.
    notes : sequence of str
        What was decided before that.
    sha256 : str
        Of the file.

    Returns
    -------
    Raw
        With at least one row and one column.

    Raises
    ------
    EvidenceError
        If there is no row.
    """
    import pyarrow as pa

    table = body.table.rename_columns(list(map(str, range(len(body.columns)))))
    kept = len(table) - _empty_at_end(table)
    said = [*notes, *body.notes]
    if kept == 0:
        raise refusal(file, "there is a header, but no row below it", "export it again, with its rows", "no-rows")
    if kept < len(table):
        said.append(
            _counted(len(table) - kept, "empty row at the end was left out", "empty rows at the end were left out")
        )
    table = table.slice(0, kept)
    empty = [place for place in body.unnamed if table.column(place).null_count == kept]
    places = [place for place in range(len(body.columns)) if place not in set(empty)]
    if empty:
        said.append(
            _counted(
                len(empty), "column without name and cells was left out", "columns without name and cells were left out"
            )
        )
    said += [
        f"column {place + 1} has no name; it is called {body.columns[place]}"
        for place in body.unnamed
        if place not in empty
    ]
    columns = tuple(body.columns[place] for place in places)
    chosen = pooled(table.select(places).rename_columns(list(columns)))
    give_back()
    return Raw(file, kind, columns, chosen, pa.array(body.rows[:kept], pa.int64()), tuple(said), sha256)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _empty_at_end(table: pa.Table) -> int:
    import numpy as np

    filled = np.zeros(len(table), dtype=bool)
    # Only where the last row is empty does any other matter.
    if len(table) == 0 or any(column[-1].is_valid for column in table.columns):
        return 0
    for column in table.columns:
        filled |= column.is_valid().to_numpy()
    places = np.flatnonzero(filled)
    return len(table) if len(places) == 0 else len(table) - 1 - int(places[-1])
