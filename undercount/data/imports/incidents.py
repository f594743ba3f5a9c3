"""What a format reads out of a file: records in one table, and what became of every row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.schema import Source

    type Rows = NDArray[np.int64]

FIELDS: Final[Mapping[str, str]] = {
    "row": "row of the file that it was read from, counted as a spreadsheet does",
    "record": "identifier in the file, unique together with victims and quantity",
    "source": "identifier of the source that counted",
    "start": "first day that it may have happened",
    "end": "last day",
    "low": "lowest number that the source gives",
    "best": "the number that the source holds for best, where it gives one",
    "high": "highest number; empty where the end is open",
    "actors": "who killed, as identifiers separated by ';'; empty where nobody is named",
    "attribution": "stated, contested or unattributed",
    "victims": "class of the victims",
    "quantity": "what was counted: killed, injured",
    "area": "identifier of the area; empty where it may be any of the case",
    "place": "name of the place, as printed",
    "latitude": "degrees north",
    "longitude": "degrees east",
    "place_error": "kilometres by which the place may be off",
    "grade": "how sure the source is, in its own word",
    "cites": "sources that the record cites, separated by ';'",
    "published": "day of its publication, where it has one",
    "document": "address of the record",
    "quote": "the words of the source",
}
"""Field of a record -> what it holds."""
_TYPES: Final = {
    "row": "int64", "start": "date32", "end": "date32", "low": "int64", "best": "int64", "high": "int64",
    "latitude": "float64", "longitude": "float64", "place_error": "float64", "published": "date32",
}  # fmt: skip
NEEDED: Final = frozenset(
    "row record source start end low attribution victims quantity area".split()
)  # fmt: skip
"""Fields that are never empty."""


def record_schema() -> pa.Schema:
    """Types of the fields of a record."""
    import pyarrow as pa

    return pa.schema([
        pa.field(name, getattr(pa, _TYPES.get(name, "string"))(), nullable=name not in NEEDED) for name in FIELDS
    ])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Account:
    """What became of the rows of a file.

    Parameters
    ----------
    rows : ndarray of int64
        Every row, in order.
    dropped, doubted : mapping of str to ndarray
        Reason -> rows that were not read, each under one reason; and rows that were read with a doubt.
    notes : tuple of str
        What was decided about the whole file.
    """

    rows: Rows
    dropped: Mapping[str, Rows]
    doubted: Mapping[str, Rows]
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> Rows:
        """Rows that were not dropped."""
        gone = np.concatenate([np.empty(0, dtype=np.int64), *self.dropped.values()])
        return np.setdiff1d(self.rows, gone, assume_unique=True)

    def but(self, rows: Rows, reason: str) -> Account:
        """Drop more rows, with a reason."""
        more = np.setdiff1d(rows, np.concatenate([np.empty(0, dtype=np.int64), *self.dropped.values()]))
        if not more.size:
            return self
        found = {**self.dropped, reason: np.union1d(self.dropped.get(reason, np.empty(0, dtype=np.int64)), more)}
        doubted = {words: np.setdiff1d(those, more, assume_unique=True) for words, those in self.doubted.items()}
        return Account(self.rows, found, {words: those for words, those in doubted.items() if those.size}, self.notes)

    def counts(self) -> dict[str, Any]:
        """Numbers, ready for JSON."""
        return {
            "rows": int(self.rows.size),
            "read": int(self.read.size),
            "dropped": {reason: int(rows.size) for reason, rows in self.dropped.items()},
            "doubted": {reason: int(rows.size) for reason, rows in self.doubted.items()},
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class Incidents:
    """Records of one file.

    Parameters
    ----------
    format : str
        Which format read it.
    file, sha256 : str
        The file.
    records : pyarrow.Table
        With the fields of `FIELDS`, sorted by row; texts may be pooled.
    account : Account
    sources : tuple of Source
        That `records` names.
    names : mapping of str to mapping
        Dimension (actor, area, victims, quantity) -> identifier -> name as printed.
    lists_events : bool
        Whether it holds every event that its source knows: on days without a record the source counted nobody.

    Raises
    ------
    ValueError
        If a row is neither read nor dropped, or both: a fault of the format.
    """

    format: str
    file: str
    sha256: str
    records: pa.Table
    account: Account
    sources: tuple[Source, ...]
    names: Mapping[str, Mapping[str, str]]
    lists_events: bool = False

    def __post_init__(self) -> None:
        read = np.unique(self.records["row"].to_numpy())
        if not np.array_equal(read, self.account.read):
            raise ValueError(f"format {self.format}: rows are read and dropped at once, or neither")

    def __len__(self) -> int:
        return int(self.records.num_rows)

    def only(self, kept: NDArray[np.bool_], reason: str) -> Incidents:
        """Keep some records; rows that have none left are dropped with a reason.

        Parameters
        ----------
        kept : ndarray of bool, shape (records,)
        reason : str
        """
        import pyarrow as pa

        if kept.all():
            return self
        rows = self.records["row"].to_numpy()
        account = self.account.but(np.setdiff1d(rows, rows[kept]), reason)
        return replace(self, records=self.records.filter(pa.array(kept)), account=account)
