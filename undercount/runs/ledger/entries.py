"""The evidence in the ledger: every version of the case, its sources and reports, and what was known when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from undercount.data.evidence import Evidence
from undercount.data.schema import Case, Report, Source
from undercount.errors import EvidenceError
from undercount.runs.ledger.sealing import canonical, chained, damaged, sha256_of
from undercount.runs.ledger.tables import ENTRIES

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    type Record = Case | Source | Report

CASE, SOURCE, REPORT = "case", "source", "report"
_MODELS: Final[Mapping[str, type[Case | Source | Report]]] = {CASE: Case, SOURCE: Source, REPORT: Report}


_COLUMNS: Final = ("kind", "key", "content", "published", "row", "document_sha256", "corrects", "batch")


@dataclass(frozen=True)
class Entry:
    """One version of one record."""

    kind: str
    key: str
    content: str
    """Canonical JSON."""
    published: str = ""
    """Of a report, YYYY-MM-DD."""
    row: int = 0
    document_sha256: str = ""
    corrects: int = 0
    """1 of a row that was edited in the case folder: versions published after it are void."""
    number: int = 0
    """Place in the ledger; 0 of one that is not in it."""
    batch: int = 0

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return sha256_of(self.content)

    @property
    def sealed(self) -> tuple[str | int, ...]:
        """What its place in the chain stands for."""
        return (
            self.kind,
            self.key,
            self.sha256,
            self.published,
            self.row,
            self.document_sha256,
            self.corrects,
            self.batch,
        )

    @property
    def record(self) -> Record:
        """The record itself."""
        return _MODELS[self.kind].model_validate_json(self.content)

    @classmethod
    def of(cls, record: Record, row: int = 0, document_sha256: str = "", *, corrects: bool = False) -> Entry:
        """A version that is not in the ledger yet."""
        content = canonical(record.model_dump(mode="json"))
        if isinstance(record, Report):
            day = record.published.isoformat()
            return cls(REPORT, record.report, content, day, row, document_sha256, int(corrects))
        if isinstance(record, Source):
            return cls(SOURCE, record.source, content, row=row, corrects=int(corrects))
        return cls(CASE, record.case, content, row=row, corrects=int(corrects))


@dataclass(frozen=True)
class Entries:
    """All entries of a case, in the order in which they came."""

    rows: tuple[Entry, ...]
    chain: str
    """Checksum of all of them."""

    @classmethod
    def read(cls, connection: Connection, case: str) -> Entries:
        """Read, and hold every checksum against what was read.

        Raises
        ------
        StoreError
            If an entry is not as it was written, or one is gone.
        """
        query = select(ENTRIES).where(ENTRIES.c.case_name == case).order_by(ENTRIES.c.number)
        rows, chain = [], ""
        for row in connection.execute(query).mappings():
            entry = _entry(row)
            chain = chained(chain, *entry.sealed)
            if row["sha256"] != entry.sha256 or row["chain"] != chain or entry != _sound(entry):
                raise damaged(f"entry {row['number']} of the ledger ({row['kind']} {row['key']})")
            rows.append(entry)
        return cls(tuple(rows), chain)

    @property
    def last(self) -> int:
        """Number of the last entry; 0 if there is none."""
        return self.rows[-1].number if self.rows else 0

    def until(self, number: int) -> Entries:
        """Those up to an entry: what the ledger held then."""
        return Entries(tuple(entry for entry in self.rows if entry.number <= number), "")

    def versions(self, kind: str, key: str) -> list[Entry]:
        """Every version of a record, the first one first."""
        return [entry for entry in self.rows if (entry.kind, entry.key) == (kind, key)]

    def valid(self, as_of: date | None = None) -> dict[tuple[str, str], Entry]:
        """The version of each record that counts: of a report the one published last, by the day if one is given.

        A revision that came into the ledger late does not stand for one that was published after it, unless it
        corrects; of two of one day, the one that came last counts. A report that was not yet published is there in its
        first version.
        """
        until = as_of.isoformat() if as_of else "9999-12-31"
        live: dict[tuple[str, str], dict[str, Entry]] = {}
        for entry in self.rows:
            versions = live.setdefault((entry.kind, entry.key), {})
            if entry.corrects:
                for later in [day for day in versions if day > entry.published]:
                    del versions[later]
            versions[entry.published] = entry
        return {key: versions[_last(versions, until)] for key, versions in live.items()}

    def has(self, entry: Entry) -> bool:
        """Whether this very content stands in the ledger."""
        return (entry.kind, entry.key, entry.sha256) in self._hashes

    @cached_property
    def _hashes(self) -> set[tuple[str, str, str]]:
        return {(entry.kind, entry.key, entry.sha256) for entry in self.rows}

    def reports(self, as_of: date | None = None) -> list[Report]:
        """The reports that were known, sorted by identifier; they need not be enough for an estimate."""
        until = as_of.isoformat() if as_of else "9999-12-31"
        entries = [e for e in self.valid(as_of).values() if e.kind == REPORT and e.published <= until]
        return [Report.model_validate_json(entry.content) for entry in sorted(entries, key=lambda entry: entry.key)]

    def evidence(self, as_of: date | None = None) -> Evidence:
        """What was known.

        Parameters
        ----------
        as_of : date, optional
            Only what was published by then. Case and sources are as they are now: they say how to read reports.

        Raises
        ------
        EvidenceError
            If there is none, or nothing that can be used was published by then.
        """
        valid = self.valid(as_of)
        records: dict[str, list[Any]] = {kind: [] for kind in _MODELS}
        for entry in valid.values():
            records[entry.kind].append(entry.record)
        if not records[CASE]:
            raise EvidenceError(
                "the ledger holds no evidence of this case",
                code="evidence-none-taken-in",
                where="ledger",
                hint="take it in with `undercount ingest CASE`",
            )
        found = Evidence(records[CASE][0], tuple(records[SOURCE]), tuple(records[REPORT]))
        return found if as_of is None else found.as_of(as_of)


def _entry(row: RowMapping) -> Entry:
    return Entry(**{name: row[name] for name in (*_COLUMNS, "number")})


def _sound(entry: Entry) -> Entry:
    """The entry as its content says: kind, key and day stand beside it only to be looked for."""
    content = json.loads(entry.content)
    return replace(entry, key=content[entry.kind], published=content["published"] if entry.kind == REPORT else "")


def _last(days: Iterable[str], until: str) -> str:
    """The last day by a day, or else the first of all."""
    return max((day for day in days if day <= until), default=min(days))


def append(connection: Connection, case: str, entries: Iterable[Entry], chain: str, batch: int) -> str:
    """Add entries; gives the checksum of all with them.

    Parameters
    ----------
    connection : Connection
        In a transaction in which nobody else writes about the case.
    case : str
    entries : iterable of Entry
    chain : str
        Checksum of those before.
    batch : int
        Number of the file that they came with.
    """
    rows: list[dict[str, Any]] = []
    for entry in entries:
        new = replace(entry, batch=batch)
        chain = chained(chain, *new.sealed)
        values = {name: getattr(new, name) for name in (*_COLUMNS, "sha256")}
        rows.append({"case_name": case, **values, "chain": chain})
    if rows:
        connection.execute(insert(ENTRIES), rows)
    return chain
