"""Taking evidence in: what is new is added, what is known is recognised, nothing is ever erased."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from undercount.data.arrivals import files_of_case, problems_together, read_arrival
from undercount.data.problems import Problem, raise_problems
from undercount.data.schema import Report
from undercount.runs.clock import now, somebody
from undercount.runs.ledger.entries import CASE, REPORT, SOURCE, Entries, Entry, append
from undercount.runs.ledger.sealing import canonical, number_of, sealed, sha256_of, unsealed
from undercount.runs.ledger.tables import BATCHES
from undercount.runs.objects import writable
from undercount.runs.points import reached

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from undercount.data.arrivals import Arrival
    from undercount.data.schema import Source
    from undercount.runs.store import Store

DOCUMENTS: Final = "documents"
"""Folder beside a file of reports in which their documents may lie."""
CASE_FOLDER: Final = "./"
"""Begins the names of the files of the case folder."""


@dataclass(frozen=True)
class Taken:
    """What came of a file."""

    file: str
    sha256: str
    rows: int
    new: tuple[str, ...] = ()
    """Identifiers that were not known."""
    revised: tuple[str, ...] = ()
    """Identifiers of which there is now another version."""
    known: int = 0
    """Rows whose very content the ledger has."""
    older: tuple[str, ...] = ()
    """Of these, the ones for which a later version stands: they change nothing. None of a case folder's file that is
    as it was when it was last read."""


@dataclass(frozen=True)
class _File:
    arrival: Arrival
    content: bytes
    is_of_case: bool
    """Whether it is a file of the case folder itself, in which people edit."""

    @property
    def sha256(self) -> str:
        return sha256_of(self.content)

    @property
    def name(self) -> str:
        """What the ledger calls it."""
        return f"{CASE_FOLDER}{self.arrival.path.name}" if self.is_of_case else self.arrival.path.name

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All its rows."""
        arrival = self.arrival
        if arrival.case is not None:
            return (Entry.of(arrival.case, corrects=self.is_of_case),)
        rows: list[tuple[Source | Report, int]] = []
        for parsed in (arrival.sources, arrival.reports):
            rows += [] if parsed is None else zip(parsed.records, parsed.numbers, strict=True)
        path, corrects = arrival.path, self.is_of_case
        return tuple(Entry.of(record, row, _document(path, record), corrects=corrects) for record, row in rows)

    @property
    def listing(self) -> dict[str, str]:
        return {_place(entry): entry.sha256 for entry in self.entries}

    def added(self, entries: Entries, before: Mapping[str, str]) -> list[Entry]:
        """Rows that are to be added.

        A row of the case folder that is not as it was when the folder was last read was edited: it counts, also where
        it goes back to what stood before. A row of any other file whose very content was ever in the ledger is known.
        """
        if not self.is_of_case:
            return [entry for entry in self.entries if not entries.has(entry)]
        valid = entries.valid()
        edited = [entry for entry in self.entries if before.get(_place(entry)) != entry.sha256]
        return [e for e in edited if (e.kind, e.key) not in valid or valid[e.kind, e.key].sha256 != e.sha256]


def ingest(store: Store, paths: Sequence[Path] = ()) -> tuple[tuple[Taken, ...], Entries]:
    """Take in the files of the case folder, and others with them: all of them, or none.

    Parameters
    ----------
    store : Store
        Open.
    paths : sequence of Path
        Tables of reports or sources, or case folders.

    Returns
    -------
    tuple of Taken
        One for each file, those of the case folder first.
    Entries
        All that the ledger holds now.

    Raises
    ------
    EvidenceError
        If a row breaks a rule, or a report of the case folder is gone; one error that lists every problem.
    StoreError
        If the ledger cannot be written.
    """
    files = _files(store, paths)
    with store.ledger.writing(store.name) as connection:
        for file in files:
            store.objects.add(file.content)
        found = _taken(connection, store.name, files)
        reached("ingest: written")
    reached("ingest: committed")
    return found


def try_ingest(store: Store, paths: Sequence[Path] = ()) -> tuple[tuple[Taken, ...], Entries]:
    """Say what `ingest` would come to; nothing is written."""
    files = _files(store, paths)
    with store.ledger.writing(store.name) as connection:
        found = _taken(connection, store.name, files)
        connection.rollback()
    return found


def _files(store: Store, paths: Sequence[Path]) -> list[_File]:
    own = [_read(path, is_of_case=True) for path in files_of_case(store.case_folder)]
    return [*own, *(_read(path, is_of_case=False) for path in _each(paths))]


def _taken(connection: Connection, case: str, files: Sequence[_File]) -> tuple[tuple[Taken, ...], Entries]:
    entries = Entries.read(connection, case)
    before = [_listing_before(connection, case, file) for file in files]
    problems = [*_others(case, files), *_gone(files, before)]
    taken = []
    for file, listing in zip(files, before, strict=True):
        found, entries = _take(connection, case, entries, file, listing)
        taken.append(found)
    if problems or any(one.new or one.revised for one in taken):
        _check(entries, files, problems)
    return tuple(taken), entries


def _each(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (files_of_case(path) if path.is_dir() else (path,))]


def _read(path: Path, *, is_of_case: bool) -> _File:
    arrival = read_arrival(path)
    with writable(path):
        return _File(arrival, path.read_bytes(), is_of_case)


def _place(entry: Entry) -> str:
    return f"{entry.kind} {entry.key}"


def _document(file: Path, record: Source | Report) -> str:
    """Hash of a report's document, where it lies beside the file; empty where it does not."""
    name = record.document if isinstance(record, Report) else ""
    if not name or Path(name).name != name or name in {".", ".."}:
        return ""
    for place in (file.parent / name, file.parent / DOCUMENTS / name):
        with suppress(OSError, ValueError):
            if place.is_file() and place != file:
                return sha256_of(place.read_bytes())
    return ""


def _listing_before(connection: Connection, case: str, file: _File) -> dict[str, str]:
    """What a file of the case folder listed when it was last read; nothing of any other file."""
    query = select(BATCHES).where(BATCHES.c.case_name == case, BATCHES.c.file == file.name)
    last = connection.execute(query.order_by(BATCHES.c.number.desc()).limit(1)).mappings().first()
    if last is None or not file.is_of_case:
        return {}
    listing: dict[str, str] = json.loads(unsealed(last, "batches")["listing"])
    return listing


def _take(
    connection: Connection, case: str, entries: Entries, file: _File, before: Mapping[str, str]
) -> tuple[Taken, Entries]:
    known, added = {(entry.kind, entry.key) for entry in entries.rows}, file.added(entries, before)
    new = tuple(entry.key for entry in added if (entry.kind, entry.key) not in known)
    revised = tuple(entry.key for entry in added if (entry.kind, entry.key) in known)
    if added or (file.is_of_case and file.listing != before):
        values = sealed(
            case_name=case, taken_in=now(), taken_in_by=somebody(), file=file.name, sha256=file.sha256,
            rows=len(file.entries), listing=canonical(file.listing),
        )  # fmt: skip
        batch = number_of(connection, insert(BATCHES).values(values))
        append(connection, case, added, entries.chain, batch)
        entries = Entries.read(connection, case)
    valid, is_as_it_was = entries.valid(), file.is_of_case and file.listing == before
    rows = () if is_as_it_was else file.entries
    older = tuple(entry.key for entry in rows if valid[entry.kind, entry.key].sha256 != entry.sha256)
    taken = Taken(file.name, file.sha256, len(file.entries), new, revised, len(file.entries) - len(added), older)
    return taken, entries


def _check(entries: Entries, files: Sequence[_File], problems: list[Problem]) -> None:
    """Hold all that is known now against every rule; an error undoes what was added."""
    records: dict[str, list[Any]] = {CASE: [], SOURCE: [], REPORT: []}
    arrived = {entry.sha256 for file in files for entry in file.entries}
    for entry in entries.valid().values():
        if entry.kind == CASE or entry.sha256 not in arrived:
            records[entry.kind].append(entry.record)
    seen: set[str] = set()
    arrivals = [_that_counts(file, entries, seen) for file in files]
    twice = [problem for file in files for problem in _twice(file)]
    together = problems_together(records[CASE][0], (records[SOURCE], records[REPORT]), arrivals) if not problems else []
    if found := [*problems, *twice, *together]:
        raise_problems(found)


def _that_counts(file: _File, entries: Entries, seen: set[str]) -> Arrival:
    """What arrives, without rows for which another version counts, or that an earlier file has."""
    valid, changes = entries.valid(), {}
    for name in ("sources", "reports"):
        parsed = getattr(file.arrival, name)
        if parsed is not None:
            rows = [
                (record, number)
                for record, number, entry in zip(parsed.records, parsed.numbers, file.entries, strict=True)
                if valid[entry.kind, entry.key].sha256 == entry.sha256 and entry.sha256 not in seen
            ]
            changes[name] = replace(parsed, records=tuple(r for r, _ in rows), numbers=tuple(n for _, n in rows))
    seen.update(entry.sha256 for entry in file.entries)
    return replace(file.arrival, **changes)


def _twice(file: _File) -> list[Problem]:
    """Rows of one file with one identifier and two contents: which of them counts would be a guess."""
    seen: dict[str, str] = {}
    found = []
    for entry in file.entries:
        if seen.setdefault(entry.key, entry.sha256) != entry.sha256:
            rule = "two rows of this file have this identifier"
            hint = "keep one of the rows; a later version of a report comes with a file of its own"
            code = "evidence-duplicate-source" if entry.kind == SOURCE else "evidence-duplicate-report"
            found.append(Problem(file.arrival.path.name, entry.row, entry.key, entry.kind, entry.key, rule, hint, code))
    return found


def _others(case: str, files: Sequence[_File]) -> list[Problem]:
    """Case files of another case."""
    return [
        Problem(file.arrival.path.name, None, None, "case", one.case, f"this is another case: {case!r} was asked for",
                "take it in under its own name", "evidence-other-case")
        for file in files if (one := file.arrival.case) is not None and one.case != case
    ]  # fmt: skip


def _gone(files: Sequence[_File], before: Sequence[Mapping[str, str]]) -> list[Problem]:
    """Rows that stood in the case folder and do so no longer."""
    found = []
    for file, listing in zip(files, before, strict=True):
        for place in sorted(listing.keys() - file.listing.keys()):
            kind, _, key = place.partition(" ")
            hint = "put it back; where a report is not to count, write no in used, and why in reason"
            found.append(Problem(file.arrival.path.name, None, key, kind, key,
                                 "the row stood in this file and is gone from it; nothing is ever erased", hint,
                                 "evidence-row-gone"))  # fmt: skip
    return found
