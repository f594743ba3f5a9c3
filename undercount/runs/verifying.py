"""Whether everything in a store is as it was written, and every figure follows from its draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from undercount.errors import StoreError, reason_of
from undercount.runs.judging import ESTIMATE, estimate_in
from undercount.runs.ledger.entries import Entries
from undercount.runs.ledger.runs import Artefact, Release, Run
from undercount.runs.ledger.sealing import sha256_of, unsealed
from undercount.runs.ledger.tables import BATCHES
from undercount.runs.publishing import ABOUT, LATEST, RELEASES

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.estimators import Estimate
    from undercount.runs.store import Store

    type Texts = Callable[[Estimate], Mapping[str, str]]

PARTS: Final = ("ledger", "evidence", "files", "figures", "releases")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """One of `PARTS`."""
    what: str
    fault: str = ""
    """Empty where it is sound."""


def verify(store: Store, texts: Texts | None = None) -> Iterator[Finding]:
    """Look at everything.

    Parameters
    ----------
    store : Store
        Open, which holds the pages of the database against their structure.
    texts : callable, optional
        Writes the files of figures of an estimate anew, by their names; each is held against what was stored.

    Yields
    ------
    Finding
    """
    try:
        with store.ledger.reading() as connection:
            runs = Run.all(connection, store.name)
            releases = Release.all(connection, store.name)
            files = {run.number: Artefact.of(connection, run.number) for run in runs}
            batches = [
                unsealed(row, "batches")
                for row in connection.execute(select(BATCHES).where(BATCHES.c.case_name == store.name)).mappings()
            ]
    except StoreError as error:
        yield Finding("ledger", "runs, files and releases", error.message + f" ({error.where})")
        return
    yield Finding("ledger", f"{len(runs)} runs, {len(releases)} releases")
    yield from _evidence(store, [batch["sha256"] for batch in batches], runs)
    for run in runs:
        yield from _files(store, run, files[run.number], texts)
    for release in releases:
        yield from _folder(store, release, files[release.run])


def _evidence(store: Store, batches: list[str], runs: list[Run]) -> Iterator[Finding]:
    try:
        with store.ledger.reading() as connection:
            entries = Entries.read(connection, store.name)
    except StoreError as error:
        yield Finding("evidence", "entries", f"{error.message} ({error.where})")
        return
    yield Finding("evidence", f"{len(entries.rows)} entries")
    for sha256 in batches:
        yield _object(store, "evidence", f"file {sha256[:12]}", sha256)
    for run in runs:
        from datetime import date

        found = entries.until(run.last_entry).evidence(date.fromisoformat(run.as_of) if run.as_of else None)
        fault = "" if found.sha256 == run.evidence_sha256 else "what was known then gives another hash"
        yield Finding("evidence", f"evidence of run {run.number}", fault)


def _object(store: Store, part: str, what: str, sha256: str) -> Finding:
    try:
        store.objects.read(sha256)
    except StoreError as error:
        return Finding(part, what, error.message)
    return Finding(part, what)


def _files(store: Store, run: Run, files: Mapping[str, Artefact], texts: Texts | None) -> Iterator[Finding]:
    sound = True
    for file in files.values():
        found = _object(store, "files", f"{file.name} of run {run.number}", file.sha256)
        sound &= not found.fault
        yield found
    if not sound or texts is None or ESTIMATE not in files:
        return
    estimate = estimate_in(store, files[ESTIMATE].sha256)
    for name, text in texts(estimate).items():
        what = f"{name} of run {run.number}, worked out again from its draws"
        is_same = name in files and sha256_of(text) == files[name].sha256
        yield Finding("figures", what, "" if is_same else "it is another text")


def _folder(store: Store, release: Release, files: Mapping[str, Artefact]) -> Iterator[Finding]:
    folder = store.folder / RELEASES / f"{release.release:04}"
    for name, file in files.items():
        fault = _fault_of(folder / name, file.sha256)
        yield Finding("releases", f"{folder.name}/{name}", fault)
    if not (folder / ABOUT).is_file():
        yield Finding("releases", f"{folder.name}/{ABOUT}", "the file is gone")
    if not (store.folder / LATEST).is_dir():
        yield Finding("releases", LATEST, "it leads nowhere; the next run mends it")


def _fault_of(path: Path, sha256: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"the file cannot be read: {reason_of(error)}"
    return "" if sha256_of(content) == sha256 else "it does not match its checksum"
