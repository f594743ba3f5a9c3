"""What is matched: one unit for each incident of each source, as plain columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.imports.drafting import identifier
from undercount.errors import EvidenceError
from undercount.errors.naming import plain, write_one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.settings import MatchSettings
    from undercount.data.schema import Source

MOST_SOURCES: Final = 16
"""As many lists as `Lists` takes."""
MOST_ERROR: Final = 100.0
"""Kilometres; a place that may be further off is only known by its area."""


@dataclass(frozen=True, eq=False)
class Units:
    """Records that are compared, sorted by source and record.

    Parameters
    ----------
    records : pyarrow.Table
        (units,) rows, one for each source and record.
    sources : tuple of str
        Their identifiers, sorted.
    source : ndarray of int64, shape (units,)
        Place in `sources`.
    first, last : ndarray of int64, shape (units,)
        Days since 1970-01-01.
    latitude, longitude, error : ndarray, shape (units,)
        Degrees and kilometres; NaN where there are no coordinates.
    low, high : ndarray, shape (units,)
        Numbers; high is infinite where the end is open.
    actors, cites : tuple of frozenset of str
        Identifiers; of cited sources those of `sources` where they are among them.
    left_alone : int
        Records with too long a window to be of one incident.
    """

    records: pa.Table
    sources: tuple[str, ...]
    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    error: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    actors: tuple[frozenset[str], ...]
    cites: tuple[frozenset[str], ...]
    left_alone: int = 0

    def __len__(self) -> int:
        return int(self.source.size)

    @property
    def span(self) -> NDArray[np.int64]:
        """Days of each window, shape (units,)."""
        return self.last - self.first + 1


def units_of(records: pa.Table, settings: MatchSettings, sources: Sequence[Source] = ()) -> Units:
    """Take the records that are compared.

    Parameters
    ----------
    records : pyarrow.Table
        Canonical records, see `undercount.data.imports.incidents.FIELDS`; further columns are kept.
    settings : MatchSettings
    sources : sequence of Source
        Whose names records may cite.

    Returns
    -------
    Units

    Raises
    ------
    EvidenceError
        If no record is of the class that is asked for, one source has two of one identifier, or there are more than 16
        sources, or only one.
    """
    import pyarrow.compute as pc

    wanted = pc.and_(pc.equal(records["victims"], settings.victims), pc.equal(records["quantity"], settings.quantity))
    table = records.filter(wanted).sort_by([("source", "ascending"), ("record", "ascending")]).combine_chunks()
    if not table.num_rows:
        raise _nothing(records, settings)
    asked = table.num_rows
    table = table.filter(_days(table["end"]) - _days(table["start"]) < settings.longest).combine_chunks()
    if not table.num_rows:
        raise _long(settings)
    names, source = np.unique(_texts(table["source"]).astype(str), return_inverse=True)
    _check(table, source, names.tolist())
    latitude, longitude = _located(table)
    error = np.where(np.isnan(latitude), np.nan, _numbers(table["place_error"], settings.place_error))
    high = _numbers(table["high"], np.inf)
    low = _numbers(table["low"], 0.0)
    return Units(
        records=table, sources=tuple(names.tolist()), source=source.astype(np.int64), first=_days(table["start"]),
        last=_days(table["end"]), latitude=latitude, longitude=longitude, error=error, low=low,
        high=np.maximum(low, high), actors=tuple(_parts(table["actors"])),
        cites=tuple(_cited(table["cites"], names.tolist(), sources)), left_alone=asked - table.num_rows,
    )  # fmt: skip


def _texts(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.asarray(column.cast("string").fill_null("").to_numpy(zero_copy_only=False), dtype=object)


def _days(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy()).astype("datetime64[D]").astype(np.int64)


def _numbers(column: pa.ChunkedArray, empty: float) -> NDArray[np.float64]:
    found = np.asarray(column.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.where(np.isnan(found), empty, found)


def _located(table: pa.Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    latitude, longitude = (_numbers(table[name], np.nan) for name in ("latitude", "longitude"))
    lost = ~(
        (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180) & (_numbers(table["place_error"], 0.0) <= MOST_ERROR)
    )
    return np.where(lost, np.nan, latitude), np.where(lost, np.nan, longitude)


def _parts(column: pa.ChunkedArray) -> list[frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    return [
        known.setdefault(cell, frozenset(identifier(part) for part in cell.split(";") if identifier(part)))
        for cell in _texts(column).tolist()
    ]


def _cited(column: pa.ChunkedArray, names: Sequence[str], sources: Sequence[Source]) -> list[frozenset[str]]:
    """Cited sources, those that are matched here under their own identifier."""
    own = {identifier(name): name for name in names}
    own |= {identifier(one.name): one.source for one in sources if one.source in names}
    return [frozenset(own.get(part, part) for part in parts) for parts in _parts(column)]


def _check(table: pa.Table, source: NDArray[Any], names: Sequence[str]) -> None:
    if len(names) < 2 or len(names) > MOST_SOURCES:
        raise EvidenceError(
            f"the records are of {len(names)} source{'' if len(names) == 1 else 's'}",
            code="import-cannot-match",
            where="records",
            hint=f"match the records of 2 to {MOST_SOURCES} sources: import another file into the case",
        )
    record = _texts(table["record"])
    again = np.flatnonzero((source[1:] == source[:-1]) & (record[1:] == record[:-1]))
    if again.size:
        raise EvidenceError(
            f"the source {plain(names[source[again[0]]])} has the record {plain(str(record[again[0]]))} twice",
            code="import-record-twice",
            where="records",
            hint="let each record of a source have an identifier of its own",
        )


def _long(settings: MatchSettings) -> EvidenceError:
    return EvidenceError(
        f"every record has a window of more than {settings.longest} days",
        code="import-cannot-match",
        where="records",
        hint="match records of single incidents: those of many days are sums of several",
    )


def _nothing(records: pa.Table, settings: MatchSettings) -> EvidenceError:
    victims = sorted({one for one in records["victims"].to_pylist() if one})
    return EvidenceError(
        f"no record counts {plain(settings.quantity)} of the class {plain(settings.victims)}",
        code="import-cannot-match",
        where="records",
        hint=f"of the classes of victims, {write_one_of(settings.victims, victims)}",
    )
