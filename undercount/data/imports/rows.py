"""What became of every row of every imported file: a table for each file, beside the records."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.merging import FILE
from undercount.data.imports.windows import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.imports.incidents import Account

COLUMNS: Final = ("row", "read", "reports", "reason")
_AT_A_TIME: Final = 50_000
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")


def write_rows(folder: Path, sha256: str, account: Account, table: pa.Table) -> None:
    """Write what became of the rows of a file, and mend the reports that other files' rows now stand in.

    Parameters
    ----------
    folder : Path
        With the tables of earlier imports.
    sha256 : str
        Of the file.
    account : Account
        Of its rows.
    table : pyarrow.Table
        All records of the case, with `file`, `row` and `report`.
    """
    own = folder / _name(sha256)
    for path in sorted(folder.glob("rows-*.csv")):
        if path != own:
            _retell(path, table)
    _write(own, _told(account, _reports(table, own.name, account.rows)))


def _name(sha256: str) -> str:
    return f"rows-{sha256[:12]}.csv"


def _told(account: Account, reports: Iterable[str]) -> Iterator[tuple[str, ...]]:
    reasons: dict[int, list[str]] = {}
    dropped = {int(row) for rows in account.dropped.values() for row in rows}
    for found in (account.dropped, account.doubted):
        for reason, rows in found.items():
            for row in rows:
                reasons.setdefault(int(row), []).append(reason)
    for row, those in zip(account.rows.tolist(), reports, strict=True):
        yield str(row), _read(row in dropped, those), those, _guarded("; ".join(reasons.get(row, ())))


def _retell(path: Path, table: pa.Table) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        told = [tuple(row) for row in csv.reader(stream)][1:]
    reports = _reports(table, path.name, np.array([int(row) for row, *_ in told], dtype=np.int64))
    _write(path, [
        (row, _read(read == "no", now), now, reason)
        for (row, read, _, reason), now in zip(told, reports, strict=True)
    ])  # fmt: skip


def _reports(table: pa.Table, name: str, rows: NDArray[np.int64]) -> Iterator[str]:
    """Reports that the records of each row of a file went into, separated by ';'."""
    import pyarrow as pa

    files = table[FILE].combine_chunks()
    is_mine = np.array([_name(sha256) == name for sha256 in files.dictionary.to_pylist()], dtype=bool)
    chosen = table.select(["row", REPORT]).filter(pa.array(is_mine[files.indices.to_numpy()])).sort_by("row")
    there, named = chosen["row"].to_numpy(), chosen[REPORT].combine_chunks()
    names, codes = np.array(named.dictionary.to_pylist(), dtype=object), named.indices.to_numpy()
    for those in np.array_split(rows, rows.size // _AT_A_TIME + 1):
        firsts, afters = (np.searchsorted(there, those, side=side) for side in ("left", "right"))
        start = int(firsts[0]) if firsts.size else 0
        told = names[codes[start : int(afters[-1]) if afters.size else 0]].tolist()
        for first, after in zip((firsts - start).tolist(), (afters - start).tolist(), strict=True):
            yield ";".join(dict.fromkeys(told[first:after]))


def _read(is_dropped: bool, reports: str) -> str:
    """Whether the records of a row stand, or those of another file in their place."""
    return "no" if is_dropped else "yes" if reports else "known"


def _write(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    # The file may be the very one in the case that is being replaced, under another name.
    path.unlink(missing_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_LIVE) else text
