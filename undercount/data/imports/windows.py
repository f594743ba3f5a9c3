"""Records as reports: what each source counted in each window, area and actor, added up."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.imports.drafting import DAY, MONTH
from undercount.data.imports.pools import spelled
from undercount.data.imports.scopes import Counted, Group, counted
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
_TALLY: Final = ("source", "victims", "quantity", "derived")
"""Groups that are alike in these are of one tally."""
EVERYWHERE: Final = "everywhere"
"""Area of a case whose records name none."""
_BATCH: Final = 10_000
_MOST_NUMBERS: Final = 2**62
RECORDS: Final = "imports/records.parquet"
"""The document of an imported report: where its records stand."""


def grouped(records: pa.Table, window: str, derived: pa.DictionaryArray) -> pa.Table:
    """Say of each record which report it is part of.

    Parameters
    ----------
    records : pyarrow.Table
        Merged records.
    window : {"day", "week", "month", "all"}
        A record whose days do not lie in one window has a window of its own, all that it touches.
    derived : pyarrow.DictionaryArray, a text for each record
        The source that it was taken from, or ``""``.

    Returns
    -------
    pyarrow.Table
        The records, with `from`, `to`, `derived` and `report`.
    """
    import pyarrow as pa

    start, end = (records[name].to_numpy().astype("datetime64[D]") for name in ("start", "end"))
    first, last = _edges(start, end, window)
    table = records.append_column("derived", derived)
    table = table.append_column("from", pa.array(first)).append_column("to", pa.array(last))
    numbers, examples = _alike([table[name] for name in GROUP])
    keys = table.select(list(GROUP)).take(pa.array(examples)).to_pylist()
    names = pa.array([report_name(key) for key in keys], pa.string())
    return table.append_column(REPORT, pa.DictionaryArray.from_arrays(numbers.astype(np.int32), names))


def _alike(columns: Sequence[pa.ChunkedArray]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the rows by what they hold: (rows,) numbers, and a row of each."""
    numbers, extent = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        held = column.combine_chunks()
        # By the order of their first rows, whatever the order of a pool.
        coded = getattr(held, "indices", held).dictionary_encode(null_encoding="encode")
        size = max(len(coded.dictionary), 1)
        if extent * size > _MOST_NUMBERS:
            known, numbers = np.unique(numbers, return_inverse=True)
            extent = known.size
        numbers, extent = numbers * size + coded.indices.to_numpy().astype(np.int64), extent * size
    _, examples, numbers = np.unique(numbers, return_index=True, return_inverse=True)
    return numbers, examples


def _edges(start: Days, end: Days, window: str) -> tuple[Days, Days]:
    """First day of the window that a record begins in, and last day of the one that it ends in."""
    if window == "day":
        return start, end
    if window == "week":
        return _monday(start), _monday(end) + 6 * DAY
    if window == "month":
        months = [days.astype("datetime64[M]") for days in (start, end)]
        following: Days = (months[1] + MONTH).astype("datetime64[D]")
        return months[0].astype("datetime64[D]"), (following - DAY).astype("datetime64[D]")
    return np.full_like(start, start.min()), np.full_like(end, end.max())


def _monday(days: Days) -> Days:
    # 1970-01-01 was a Thursday.
    found: Days = days - ((days.astype(np.int64) + 3) % 7) * DAY
    return found


def report_name(key: Mapping[str, Any]) -> str:
    """An identifier that any later import of the same group gives again."""
    told = "|".join(str(key[name]) for name in ("actors", "attribution", "victims", "quantity", "derived"))
    first, last = (f"{key[name]:%Y%m%d}" for name in ("from", "to"))
    mark = hashlib.sha256(f"{key['area']}|{told}".encode()).hexdigest()[:8]
    return f"{key['source'][:40]}-{first}-{last}-{(key['area'] or 'everywhere')[:40]}-{mark}"


def reports_of(table: pa.Table, published: date) -> Iterator[Report]:
    """Say what each source counted in the scope of each report.

    Parameters
    ----------
    table : pyarrow.Table
        What `grouped` gives.
    published : date
        Day on which records count as published that do not say it themselves.

    Yields
    ------
    Report
        Exact where low and high agree, a range where they do not, and "at least" where the end of a record is open; see
        `scopes`.
    """
    sums = _sums(table)
    named = {text: tuple(sorted(filter(None, text.split(";")))) for text in sums["actors"].unique().to_pylist()}
    areas = tuple(sorted({*sums["area"].unique().to_pylist()} - {""}))
    where = {"": areas or (EVERYWHERE,), **{area: (area,) for area in areas}}
    figures = _counted(sums)
    for place, row in enumerate(_rows(sums)):
        figure = figures[place]
        yield Report(
            report=row[REPORT],
            source=row["source"],
            document=RECORDS,
            published=row["published_max"] or published,
            published_basis="latest day of its records" if row["published_max"] else "day of the import",
            quantity=row["quantity"],
            victims=row["victims"],
            actors=named[row["actors"]],
            attribution=Attribution(row["attribution"]),
            areas=where[row["area"]],
            window_start=row["from"],
            window_end=row["to"],
            window_basis="days of its records",
            used=True,
            note=_note(row["low_count"], figure),
            **_figures(figure),
        )


def _sums(table: pa.Table) -> pa.Table:
    """Each report with its group and the sums of its records, by the names of the reports."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = table[REPORT].combine_chunks()
    codes, examples = np.unique(names.indices.to_numpy(), return_index=True)
    groups = spelled(table.select(list(GROUP)).take(pa.array(examples)))
    told = table.select(["low", "high", "published"]).append_column(REPORT, names.indices)
    sums = told.group_by(REPORT).aggregate([
        ("low", "sum"), ("high", "sum"), ("high", "count"), ("low", "count"), ("published", "max"),
    ]).sort_by(REPORT).drop_columns(REPORT)  # fmt: skip
    for name in (*GROUP, REPORT):
        column = groups[name] if name in GROUP else names.dictionary.take(pa.array(codes))
        sums = sums.append_column(name, column)
    whole = sums.set_column(sums.schema.get_field_index("actors"), "actors", pc.fill_null(sums["actors"], ""))
    return whole.sort_by(REPORT)


def _rows(sums: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in sums.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _counted(sums: pa.Table) -> list[Counted]:
    """What each report comes to: those of one tally are looked at together."""
    tallies, _ = _alike([sums[name] for name in _TALLY])
    found: dict[int, Counted] = {}
    for tally in range(int(tallies.max()) + 1):
        places = np.flatnonzero(tallies == tally)
        groups = [_group(row) for row in _rows(sums.take(places))]
        found.update(zip(places.tolist(), counted(groups), strict=True))
    return [found[place] for place in range(sums.num_rows)]


def _group(row: Mapping[str, Any]) -> Group:
    is_open = row["high_count"] < row["low_count"]
    return Group(
        first=row["from"].toordinal(),
        last=row["to"].toordinal(),
        area=row["area"],
        actors=frozenset(filter(None, row["actors"].split(";"))),
        is_sure=row["attribution"] != Attribution.CONTESTED,
        low=int(row["low_sum"]),
        high=None if is_open else int(row["high_sum"]),
        records=row["low_count"],
    )


def _note(records: int, figure: Counted) -> str:
    told = f"Sum of {records:,} record{'s' if records > 1 else ''}."
    if not figure.more:
        return told
    return f"{told} {figure.more:,} more may be in its scope, or beside it."


def _figures(figure: Counted) -> dict[str, Any]:
    low = min(figure.low, MAX_COUNT)
    if figure.high is None:
        return {"value": low, "qualifier": Qualifier.AT_LEAST, "qualifier_printed": "open end"}
    high = min(max(figure.high, low), MAX_COUNT)
    if low == high:
        return {"value": low, "qualifier": Qualifier.EXACT}
    return {"low": low, "high": high, "qualifier": Qualifier.RANGE}
