"""A format at work: it reads columns, drops rows with a reason, and adds records."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.imports.incidents import FIELDS, Account, Incidents, record_schema
from undercount.data.imports.parsed import cleaned
from undercount.data.imports.pools import filled, places_of, pool_of, pooled, pooled_schema, reordered
from undercount.data.imports.texts import dates, numbers, ranges
from undercount.data.schema import MAX_COUNT
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.contract import Order
    from undercount.data.imports.texts import Parsed, Ranges
    from undercount.data.schema import Source

    type Mask = NDArray[np.bool_]

_LONGEST: Final = 80
_COMMAS: Final = re.compile(r"[;,|\n]")
NOBODY: Final = frozenset(
    "unknown unidentified unspecified unclear none n-a na not-known not-applicable مجهول غير-معروف".split()
)
"""Identifiers of what is printed where nobody is named."""
_THOUSANDS: Final = r"([1-9][0-9]{0,2}),([0-9]{3})\b"
_DEGREES: Final = r"^([+\-−]?[0-9]{1,3})[.,]([0-9]{3})$"
_ONLY_EMPTY: Final = re.compile(r"[\d,]+ cells? (is|are) empty")
DAY: Final = np.timedelta64(1, "D")
MONTH: Final = np.timedelta64(1, "M")


def identifier(text: str) -> str:
    """Make an identifier of a name: small letters and hyphens, in any script.

    Examples
    --------
    >>> identifier("US-led Coalition (CJTF–OIR)"), identifier("نينوى")
    ('us-led-coalition-cjtf-oir', 'نينوى')
    """
    # Case folding may take a letter apart that NFC holds together.
    flat = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return re.sub(r"[\W_]+", "-", flat).strip("-")[:_LONGEST].strip("-")


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
    names : dict of str to dict
        Dimension -> identifier -> name as printed, of all that `named` and `actors` have seen.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows: NDArray[np.int64] = columns.raw.rows.to_numpy()
        self.kept: Mask = np.ones(self.rows.size, dtype=bool)
        self._dropped: dict[str, Mask] = {}
        self._doubted: dict[str, Mask] = {}
        self._notes: list[str] = [*columns.raw.notes, *columns.notes]
        self._tables: list[pa.Table] = []
        self.names: dict[str, dict[str, str]] = {}

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
        column = self.columns[name]
        found = numbers(column)
        self._drop_wrong(name, column, found)
        return _floats(found.values)

    def dates(self, name: str, order: Order | None = None) -> NDArray[np.datetime64]:
        """Read a column of days; NaT where it is empty. A row with another text in it is dropped."""
        column = self.columns[name]
        found = dates(column, order)
        self._drop_wrong(name, column, found)
        return _days(found.values)

    def counts(self, name: str) -> NDArray[np.float64]:
        """Read a column of persons; NaN where it is empty or not there. A row with less than a whole one is dropped."""
        if name not in self.columns:
            return np.full(self.rows.size, np.nan)
        column, printed = self._without_commas(name), plain(self.columns.printed[name])
        read = numbers(column)
        self._drop_wrong(name, column, read)
        found = _floats(read.values)
        self.drop(found < 0, f"{printed} is below 0")
        self.drop(found % 1 > 0, f"{printed} is no whole number")
        self.drop(found > MAX_COUNT, f"{printed} is above {MAX_COUNT:,}")
        return found

    def spans(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Read a column of figures such as ``3``, ``3-5`` or ``at least 3``: lowest, and highest or NaN if it is open.

        Both are NaN where it is empty, or there is no such column.
        """
        if name not in self.columns:
            return np.full(self.rows.size, np.nan), np.full(self.rows.size, np.nan)
        column, printed = self._without_commas(name), plain(self.columns.printed[name])
        found = ranges(column)
        self._drop_wrong(name, column, found)
        low, high = _floats(found.low), _floats(found.high)
        low = np.where(np.isnan(low) & ~np.isnan(high), 0.0, low)
        self.drop((low < 0) | (low % 1 > 0) | (high % 1 > 0), f"{printed} is no whole number of persons")
        self.drop((low > MAX_COUNT) | (high > MAX_COUNT), f"{printed} is above {MAX_COUNT:,}")
        return low, high

    def days(
        self, first: str, last: str = "", order: Order | None = None
    ) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
        """Read first and last day; a row without a first one is dropped, one without a last one is of one day."""
        start = self.dates(first, order)
        end = self.dates(last, order) if last in self.columns else start
        end = np.where(np.isnat(end), start, end)
        self.drop(np.isnat(start), "no day")
        self.drop(end < start, "its last day is before its first")
        return start, end

    def degrees(self, latitude: str, longitude: str) -> dict[str, NDArray[np.float64]]:
        """Read coordinates, as fields of a record; both are empty where they are no place on Earth, or 0, 0."""
        if latitude not in self.columns or longitude not in self.columns:
            nowhere = np.full(self.rows.size, np.nan)
            return {"latitude": nowhere, "longitude": nowhere}
        north, east = (self._loose(name, self._in_degrees(name)) for name in (latitude, longitude))
        is_odd = (np.abs(north) > 90) | (np.abs(east) > 180) | ((north == 0) & (east == 0))
        self.doubt(is_odd & self.kept, "its coordinates are no place: left out")
        empty = is_odd | np.isnan(north) | np.isnan(east)
        return {"latitude": np.where(empty, np.nan, north), "longitude": np.where(empty, np.nan, east)}

    def coded(self, name: str, meaning: Mapping[int, float]) -> NDArray[np.float64]:
        """Read a column of codes as what they mean; NaN for any other, and where there is no such column."""
        found = np.full(self.rows.size, np.nan)
        if name in self.columns:
            codes = self._loose(name, self.columns[name])
            for code, value in meaning.items():
                found[codes == code] = value
        return found

    def areas(self, area: str, country: str) -> NDArray[Any]:
        """Read identifiers of areas: of a column of areas, or where the file has none of countries; ``""`` is any."""
        found = self.named("area", self.texts(area if area in self.columns else country))
        self.doubt((found == "") & self.kept, "it names no area: it may be any of the case")
        return found

    def named(self, dimension: str, printed: NDArray[Any], empty: str = "") -> NDArray[Any]:
        """Make identifiers of names, and keep the names; `empty` is the name of what has none."""
        return self.each(printed, lambda text: self._name(dimension, text or empty))

    def actors(self, printed: NDArray[Any], between: str = r"[;|\n]") -> NDArray[Any]:
        """Make identifiers of lists of actors, each as one text; ``""`` where nobody is named.

        Parameters
        ----------
        printed : ndarray of str, shape (rows,)
        between : str
            Pattern of what stands between two names.
        """

        def whom(text: str) -> str:
            names = [name for name in re.split(between, text) if identifier(name) not in NOBODY]
            return ";".join(sorted({self._name("actor", name) for name in names} - {""}))

        return self.each(printed, whom)

    def _name(self, dimension: str, printed: str) -> str:
        """An identifier; of several spellings the first in the alphabet is kept, so that no order of rows matters."""
        one, text = identifier(printed), " ".join("".join(c if c.isprintable() else " " for c in printed).split())
        if one:
            known = self.names.setdefault(dimension, {})
            known[one] = min(known.get(one, text), text)
        return one

    @staticmethod
    def each(printed: NDArray[Any], make: Callable[[str], str | float]) -> NDArray[Any]:
        """Make something of each distinct text."""
        import pyarrow as pa

        distinct = pa.array(printed, pa.string()).dictionary_encode()
        made = np.array([make(text) for text in distinct.dictionary.to_pylist()], dtype=object)
        return np.asarray(made[distinct.indices.to_numpy()] if made.size else printed)

    def texts(self, name: str) -> NDArray[Any]:
        """Read a column of texts: one line each, ``""`` where it is empty or the file has no such column."""
        found = self.cells(name)
        # One object for each different text, however often it comes.
        distinct = np.array(found.dictionary.to_pylist(), dtype=object)
        return np.asarray(distinct[places_of(found)])

    def cells(self, name: str) -> pa.DictionaryArray:
        """Read a column of texts as `texts` does, to be passed on to `add` as it is: a million objects less."""
        if name not in self.columns:
            return pool_of([""], np.zeros(self.rows.size, dtype=np.int64))
        return filled(cleaned(self.columns.pooled(name)))

    def listed(self, name: str) -> NDArray[Any]:
        """Read a column of lists of names, each as one text with ';' between them."""
        return self.each(self.texts(name), lambda text: ";".join(filter(None, map(str.strip, _COMMAS.split(text)))))

    def published(
        self, name: str, start: NDArray[np.datetime64], order: Order | None = None
    ) -> NDArray[np.datetime64] | None:
        """Read a column of days of publication, not before `start`; None where there is no such column."""
        if name not in self.columns:
            return None
        found = dates(self.columns[name], order)
        for reason, wrong in self._told(name, self.columns[name], found).items():
            self.doubt(wrong & self.kept, f"{reason}: left out")
        return self.not_before(_days(found.values), start)

    def not_before(self, published: NDArray[np.datetime64], start: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        """Leave days of publication out on which nothing had happened yet."""
        is_early = published < start
        self.doubt(is_early & self.kept, "its day of publication is before its first day: left out")
        return np.where(is_early, np.datetime64("NaT", "D"), published)

    def _without_commas(self, name: str) -> pa.ChunkedArray:
        """Cells of a column of persons without commas before three digits: there are no thousandths of a person."""
        import pyarrow.compute as pc

        column, bare = None, self.columns[name]
        while column is None or not column.equals(bare):
            column, bare = bare, pc.replace_substring_regex(bare, _THOUSANDS, r"\1\2")
        return bare

    def _in_degrees(self, name: str) -> pa.ChunkedArray:
        """Cells of a coordinate with a fourth decimal where they have three: there are no thousands of degrees."""
        import pyarrow.compute as pc

        return pc.replace_substring_regex(self.columns[name], _DEGREES, r"\1.\20")

    def _loose(self, name: str, column: pa.ChunkedArray) -> NDArray[np.float64]:
        """Read a column of numbers without which a row still counts."""
        found = numbers(column)
        for reason, wrong in self._told(name, column, found).items():
            self.doubt(wrong & self.kept, f"{reason}: left out")
        return _floats(found.values)

    def _drop_wrong(self, name: str, column: pa.ChunkedArray, found: Parsed | Ranges) -> None:
        for reason, wrong in self._told(name, column, found).items():
            self.drop(wrong, reason)

    def _told(self, name: str, column: pa.ChunkedArray, found: Parsed | Ranges) -> dict[str, Mask]:
        """Note what was decided about a column, and give why cells of it cannot be read, and where."""
        printed = plain(self.columns.printed[name])
        self._notes += [f"column {printed}: {words}" for words in found.notes if not _ONLY_EMPTY.fullmatch(words)]
        by_reason: dict[str, list[str]] = {}
        for text, reason in found.faults.items():
            by_reason.setdefault(reason, []).append(text)
        cells = np.asarray(column.to_pylist() if by_reason else [], dtype=object)
        return {
            f"{printed} is {reason}, such as {plain(min(wrong))}": np.isin(cells, np.array(wrong, dtype=object))
            for reason, wrong in by_reason.items()
        }

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
        schema = pooled_schema(record_schema())
        columns = {"row": pa.array(self.rows[places])}
        for name in FIELDS:
            if name != "row":
                columns[name] = _column(fields.get(name), places, schema.field(name).type)
        self._tables.append(pa.table(columns, schema=schema))

    def finish(
        self, name: str, sources: Sequence[Source], names: Mapping[str, Mapping[str, str]] | None = None
    ) -> Incidents:
        """Give the records; rows without any are dropped. `names` stand beside those that `named` kept."""
        import pyarrow as pa
        import pyarrow.compute as pc

        schema = pooled_schema(record_schema())
        whole = pooled(pa.concat_tables([schema.empty_table(), *self._tables]))
        self._tables.clear()
        order, columns = pc.sort_indices(whole["row"]).to_numpy(), dict(zip(FIELDS, whole.columns, strict=True))
        del whole
        records = reordered(columns, order).cast(schema)
        self.drop(~np.isin(self.rows, records["row"].to_numpy()), "no figure in it")
        account = Account(
            self.rows,
            {reason: self.rows[mask] for reason, mask in self._dropped.items()},
            {reason: self.rows[mask & self.kept] for reason, mask in self._doubted.items() if (mask & self.kept).any()},
            tuple(dict.fromkeys(self._notes)),
        )
        raw = self.columns.raw
        return Incidents(name, raw.file, raw.sha256, records, account, tuple(sources), {**self.names, **(names or {})})


def _days(values: pa.Array) -> NDArray[np.datetime64]:
    return np.asarray(values.to_numpy(zero_copy_only=False)).astype("datetime64[D]")


def _floats(values: pa.Array) -> NDArray[np.float64]:
    return np.asarray(values.to_numpy(zero_copy_only=False)).astype(np.float64)


def _column(values: Any, places: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """A column of records: of an array over all rows, of one value, or empty."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _texts(values, places)
    if values is None or isinstance(values, int | float):
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


def _texts(values: Any, places: NDArray[np.int64]) -> pa.DictionaryArray:
    """A column of texts, each held once."""
    import pyarrow as pa

    if values is None or isinstance(values, str):
        return pool_of([values], np.zeros(places.size, dtype=np.int64))
    if isinstance(values, pa.DictionaryArray):
        return values.take(pa.array(places))
    return pa.array(np.asarray(values)[places], pa.string()).dictionary_encode()
