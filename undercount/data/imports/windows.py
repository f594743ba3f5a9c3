"""Records as reports: what each source counted in each window, area and actor, added up."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.schema import MAX_COUNT, Attribution, Qualifier, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    type Days = NDArray[np.datetime64]

WINDOWS: Final = ("day", "week", "month", "all")
"""What `--window` takes; weeks begin on Mondays."""
GROUP: Final = ("source", "area", "actors", "attribution", "victims", "quantity", "derived", "from", "to")
"""Records that are alike in these are one report; `derived` is the source that they were taken from."""
REPORT: Final = "report"
_CODE: Final = "code"
RECORDS: Final = "imports/records.parquet"
"""The document of an imported report: where its records stand."""


def grouped(records: pa.Table, window: str, derived: NDArray[Any]) -> pa.Table:
    """Say of each record which report it is part of.

    Parameters
    ----------
    records : pyarrow.Table
        Merged records.
    window : {"day", "week", "month", "all"}
        A record whose days do not lie in one window has a window of its own, its days.
    derived : ndarray of str, shape (records,)
        The source that a record was taken from, or ``""``.

    Returns
    -------
    pyarrow.Table
        The records, with `from`, `to`, `derived` and `report`.
    """
    import pyarrow as pa

    start, end = (records[name].to_numpy().astype("datetime64[D]") for name in ("start", "end"))
    first, last = _edges(start, end, window)
    is_inside = end <= last
    first, last = np.where(is_inside, first, start), np.where(is_inside, last, end)
    table = records.append_column("derived", pa.array(derived, pa.string()).dictionary_encode())
    table = table.append_column("from", pa.array(first)).append_column("to", pa.array(last))
    columns = [table[name].combine_chunks() for name in GROUP]
    group, example = _codes([column.fill_null("") if name == "actors" else column
                             for name, column in zip(GROUP, columns, strict=True)])  # fmt: skip
    keys = table.select(list(GROUP)).take(example).to_pylist()
    named = pa.DictionaryArray.from_arrays(group, pa.array([_name(key) for key in keys], pa.string()))
    return table.append_column(REPORT, named)


def _codes(columns: Sequence[pa.Array]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Number the different rows of some columns; gives the number of each row, and a row of each number."""
    import pyarrow as pa

    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        joined = code * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
        # Numbered anew after each column, so that they stay small.
        code = np.unique(joined, return_inverse=True)[1]
    _, example, group = np.unique(code, return_index=True, return_inverse=True)
    return group.astype(np.int32), example


def _edges(start: Days, end: Days, window: str) -> tuple[Days, Days]:
    """First and last day of the window that a record begins in."""
    day = np.timedelta64(1, "D")
    if window == "day":
        return start, start
    if window == "week":
        # 1970-01-01 was a Thursday.
        first = start - ((start.astype(np.int64) + 3) % 7) * day
        return first, first + 6 * day
    if window == "month":
        month = start.astype("datetime64[M]")
        following: Days = (month + np.timedelta64(1, "M")).astype("datetime64[D]")
        return month.astype("datetime64[D]"), (following - day).astype("datetime64[D]")
    return np.full_like(start, start.min()), np.full_like(end, end.max())


def _name(key: Mapping[str, Any]) -> str:
    """An identifier that any later import of the same group gives again."""
    told = "|".join(str(key[name] or "") for name in ("actors", "attribution", "victims", "quantity", "derived"))
    first, last = (f"{key[name]:%Y%m%d}" for name in ("from", "to"))
    mark = hashlib.sha256(f"{key['area']}|{told}".encode()).hexdigest()[:8]
    return f"{key['source'][:40]}-{first}-{last}-{key['area'][:40]}-{mark}"


def reports_of(table: pa.Table, published: date) -> Iterator[Report]:
    """Add the records of each report up.

    Parameters
    ----------
    table : pyarrow.Table
        What `grouped` gives.
    published : date
        Day on which records count as published that do not say it themselves.

    Yields
    ------
    Report
        Exact where low and high agree, a range where they do not, and "at least" where the end of a record is open.
    """
    import pyarrow as pa

    names = table[REPORT].combine_chunks()
    codes, example = np.unique(names.indices.to_numpy(), return_index=True)
    told = table.select(list(GROUP)).take(example).to_pylist()
    sums = table.select(["low", "high", "published"]).append_column(_CODE, pa.array(names.indices.to_numpy()))
    found = sums.group_by(_CODE).aggregate([
        ("low", "sum"), ("high", "sum"), ("high", "count"), ("low", "count"), ("published", "max"),
    ]).sort_by(_CODE).to_pylist()  # fmt: skip
    of_code = {
        code: {REPORT: names.dictionary[code].as_py(), **key} for code, key in zip(codes.tolist(), told, strict=True)
    }
    rows = [of_code[row[_CODE]] | row for row in found]
    for row in sorted(rows, key=lambda row: str(row[REPORT])):
        yield Report(
            report=row[REPORT],
            source=row["source"],
            document=RECORDS,
            published=row["published_max"] or published,
            published_basis="latest day of its records" if row["published_max"] else "day of the import",
            quantity=row["quantity"],
            victims=row["victims"],
            actors=tuple(sorted(filter(None, (row["actors"] or "").split(";")))),
            attribution=Attribution(row["attribution"]),
            areas=(row["area"],),
            window_start=row["from"],
            window_end=row["to"],
            window_basis="days of its records",
            used=True,
            note=f"Sum of {row['low_count']:,} records.",
            **_figures(row),
        )


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = min(int(row["low_sum"] or 0), MAX_COUNT), min(int(row["high_sum"] or 0), MAX_COUNT)
    if row["high_count"] < row["low_count"]:
        return {"value": low, "qualifier": Qualifier.AT_LEAST, "qualifier_printed": "open end"}
    if low == high:
        return {"value": low, "qualifier": Qualifier.EXACT}
    return {"low": low, "high": max(high, low), "qualifier": Qualifier.RANGE}
