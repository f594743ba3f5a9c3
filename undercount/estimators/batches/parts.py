"""The rows of a batch as they come: many small files, each whole, each named by the hash of its content."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from undercount.errors import StoreError
from undercount.estimators.batches import parquet
from undercount.estimators.batches.columns import FAILED, Row
from undercount.estimators.batches.whole_file import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

FLUSH_ROWS: Final = 5000
FLUSH_SECONDS: Final = 1.0
"""A kill costs the cases that finished in this time."""
CHUNK: Final = 2000
"""Cases that are put in order at a time: memory does not grow with the batch."""
_NAME: Final = re.compile(r"part-(\d{6,})-([0-9a-f]{64})\.parquet")


class Spot(NamedTuple):
    """Where the rows of a case stand."""

    part: int
    place: int
    """The `place` that they bear there: that of the call that wrote them."""


class Found(NamedTuple):
    """A case that an earlier call finished."""

    spot: Spot
    status: str
    file: str | None


class Parts:
    """Rows in files `part-<number>-<sha256>.parquet`.

    Parameters
    ----------
    folder : Path
        Exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = self._listed()
        self._number = max(self._paths, default=-1) + 1
        self._rows: list[Row] = []
        self._waiting = 0
        self._since = 0.0
        self.stored = 0
        """Cases of this call whose rows are on disk."""

    def _listed(self) -> dict[int, tuple[Path, str]]:
        found: dict[int, tuple[Path, str]] = {}
        for path in sorted(self._folder.iterdir()):
            match = _NAME.fullmatch(path.name)
            if match is None or int(match[1]) in found:
                raise StoreError(
                    "this is no part of the batch, or another part has its number",
                    code="store-damaged",
                    where=str(path),
                    hint="move it out of the folder",
                )
            found[int(match[1])] = (path, match[2])
        return found

    def _read(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        return parquet.read(*self._paths[number], columns)

    def finished(self) -> dict[tuple[str, str], Found]:
        """Look up what earlier calls finished, by name and evidence; a case that broke down is not among it."""
        found = {}
        for number in self._paths:
            columns = ("place", "case", "status", "by", "file", "evidence_sha256")
            for row in self._read(number, columns).to_pylist():
                if row["by"] == "total" and row["evidence_sha256"] is not None and row["status"] != FAILED:
                    spot = Spot(number, row["place"])
                    found[row["case"], row["evidence_sha256"]] = Found(spot, row["status"], row["file"])
        return found

    def add(self, place: int, rows: Sequence[Row]) -> Spot:
        """Take the rows of a case; they are on disk after the next `flush`."""
        if not self._rows:
            self._since = time.monotonic()
        self._rows += rows
        self._waiting += 1
        return Spot(self._number, place)

    def tick(self) -> None:
        """Write what waited long enough."""
        if len(self._rows) >= FLUSH_ROWS or (self._rows and time.monotonic() - self._since >= FLUSH_SECONDS):
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait as one part."""
        if not self._rows:
            return
        content = parquet.packed(self._rows)
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._folder / f"part-{self._number:06}-{sha256}.parquet"
        with whole_file(path) as beside:
            beside.write_bytes(content)
        self._paths[self._number] = (path, sha256)
        self._number += 1
        self.stored += self._waiting
        self._rows, self._waiting = [], 0

    def in_order(self, spots: Mapping[int, Spot]) -> Iterator[pa.Table]:
        """Give the rows of cases by their place in this call.

        Parameters
        ----------
        spots : mapping of int to Spot
            By place.

        Yields
        ------
        pyarrow.Table
            Of `CHUNK` cases each.
        """
        import pyarrow as pa

        places = sorted(spots)
        for first in range(0, len(places), CHUNK):
            wanted: dict[int, dict[int, int]] = {}
            for place in places[first : first + CHUNK]:
                wanted.setdefault(spots[place].part, {})[spots[place].place] = place
            picked = [_picked(self._read(part), place_of) for part, place_of in wanted.items()]
            yield pa.concat_tables(picked).sort_by("place")


def _picked(table: pa.Table, place_of: Mapping[int, int]) -> pa.Table:
    """The rows of some cases, with the places that these have now."""
    import pyarrow as pa
    from pyarrow import compute

    mine = table.filter(compute.is_in(table["place"], value_set=pa.array(place_of, pa.int64())))
    places = pa.array([place_of[place] for place in mine["place"].to_pylist()], pa.int64())
    return mine.set_column(0, table.schema.field("place"), places)
