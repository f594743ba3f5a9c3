"""A format at work: it reads columns, drops rows with a reason, and adds records."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.imports.incidents import FIELDS, Account, Incidents, record_schema
from undercount.data.imports.texts import dates, numbers, texts
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.texts import Parsed
    from undercount.data.schema import Source

    type Mask = NDArray[np.bool_]

_LONGEST: Final = 80


def identifier(text: str) -> str:
    """Make an identifier of a name: small letters and hyphens, in any script.

    Examples
    --------
    >>> identifier("US-led Coalition (CJTF–OIR)"), identifier("نينوى")
    ('us-led-coalition-cjtf-oir', 'نينوى')
    """
    flat = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"[^\w]+", "-", flat).replace("_", "-").strip("-")[:_LONGEST].strip("-")


class Draft:
    """The rows of one file on their way to records.

    Parameters
    ----------
    columns : Columns
        Of the file, under the names that the format gives them.

    Attributes
    ----------
    kept : ndarray of bool, shape (rows,)
        Rows that were not dropped so far.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows: NDArray[np.int64] = columns.raw.rows.to_numpy()
        self.kept: Mask = np.ones(self.rows.size, dtype=bool)
        self._dropped: dict[str, Mask] = {}
        self._doubted: dict[str, Mask] = {}
        self._notes: list[str] = [*columns.raw.notes, *columns.notes]
        self._tables: list[pa.Table] = []

    def drop(self, where: Mask, reason: str) -> None:
        """Read no record out of some rows."""
        gone = where & self.kept
        if gone.any():
            self._dropped[reason] = self._dropped.get(reason, np.zeros_like(gone)) | gone
            self.kept &= ~gone

    def doubt(self, where: Mask, reason: str) -> None:
        """Say that rows which are read can be read in more than one way."""
        self._doubted[reason] = self._doubted.get(reason, np.zeros_like(where)) | where

    def note(self, words: str) -> None:
        """Say what was decided about the whole file."""
        self._notes.append(words)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Read a column of numbers; NaN where it is empty. A row with another text in it is dropped."""
        return self._parsed(name, numbers).astype(np.float64)

    def dates(self, name: str, order: str | None = None) -> NDArray[np.datetime64]:
        """Read a column of days; NaT where it is empty. A row with another text in it is dropped."""
        return self._parsed(name, lambda column: dates(column, order)).astype("datetime64[D]")

    def texts(self, name: str) -> NDArray[Any]:
        """Read a column of texts: one line each, ``""`` where it is empty or the file has no such column."""
        if name not in self.columns:
            return np.full(self.rows.size, "", dtype=object)
        return np.asarray(texts(self.columns[name]).values.fill_null("").to_numpy(zero_copy_only=False), dtype=object)

    def _parsed(self, name: str, parse: Callable[[pa.ChunkedArray], Parsed]) -> NDArray[Any]:
        column = self.columns[name]
        found = parse(column)
        printed = self.columns.printed[name]
        self._notes += [f"column {plain(printed)}: {words}" for words in found.notes]
        if found.faults:
            cells = np.asarray(column.to_numpy(), dtype=object)
            for text, reason in found.faults.items():
                self.drop(cells == text, f"{plain(printed)} is {plain(text)}: {reason}")
        values = found.values
        return np.asarray(values.to_numpy(zero_copy_only=False))

    def add(self, where: Mask, **fields: Any) -> None:
        """Add a record for each row at some places that was not dropped.

        Parameters
        ----------
        where : ndarray of bool, shape (rows,)
        **fields
            Of `incidents.FIELDS`, but `row`: an array over all rows, or one value. NaN and NaT are empty.
        """
        import pyarrow as pa

        places = np.flatnonzero(where & self.kept)
        schema = record_schema()
        columns = {"row": pa.array(self.rows[places])}
        for name in FIELDS:
            if name != "row":
                columns[name] = _column(fields.get(name), places, schema.field(name).type)
        self._tables.append(pa.table(columns, schema=schema))

    def finish(self, name: str, sources: Sequence[Source], names: Mapping[str, Mapping[str, str]]) -> Incidents:
        """Give the records; rows without any are dropped."""
        import pyarrow as pa

        schema = record_schema()
        records = pa.concat_tables([schema.empty_table(), *self._tables]).sort_by("row")
        self.drop(~np.isin(self.rows, records["row"].to_numpy()), "no figure in it")
        account = Account(
            self.rows,
            {reason: self.rows[mask] for reason, mask in self._dropped.items()},
            {reason: self.rows[mask & self.kept] for reason, mask in self._doubted.items() if (mask & self.kept).any()},
            tuple(dict.fromkeys(self._notes)),
        )
        raw = self.columns.raw
        return Incidents(name, raw.file, raw.sha256, records, account, tuple(sources), names)


def _column(values: Any, places: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """A column of records: of an array over all rows, of one value, or empty."""
    import pyarrow as pa

    if values is None or isinstance(values, str | int | float):
        return pa.array([values] * places.size, type=kind)
    chosen = np.asarray(values)[places]
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers_ = chosen.astype(float)
        empty = np.isnan(numbers_)
        whole = np.where(empty, 0, numbers_)
        return pa.array(whole.astype(np.int64) if pa.types.is_integer(kind) else whole, type=kind, mask=empty)
    if pa.types.is_date(kind):
        return pa.array(chosen.astype("datetime64[D]"), type=kind)
    return pa.array(chosen, type=kind)
