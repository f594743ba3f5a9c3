"""What may stop the next run: the case, its store, this machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import text

from undercount.data.reading import check_case
from undercount.errors import UndercountError
from undercount.runs.ledger.lease import holder
from undercount.runs.ledger.runs import HELD, RUNNING, Release, Run
from undercount.runs.processes import is_dead, is_here
from undercount.runs.publishing import LATEST
from undercount.runs.store import Store

LEAST_ROOM: Final = 2**30
"""Bytes."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at."""

    what: str
    is_well: bool
    told: str
    hint: str = ""


def examine(case: str, folder: Path | None = None) -> list[Sign]:
    """Look at everything that a run needs; nothing is changed.

    Parameters
    ----------
    case : str
        Folder of the case, or name of a bundled one.
    folder : Path, optional
        Of the store.
    """
    found = [_versions()]
    try:
        store = Store.of(case, folder, must_exist=True)
    except UndercountError as error:
        return [*found, _of_error("store", error)]
    problems = check_case(store.case_folder)
    hint = f"see `undercount check {case}`"
    found.append(Sign("evidence of the case folder", not problems, f"{len(problems)} problems", hint))
    found += [_room(store.folder), _rights(store.folder)]
    try:
        with store:
            found += [*_of_store(store)]
    except UndercountError as error:
        found.append(_of_error("ledger", error))
    return found


def _versions() -> Sign:
    is_well = sys.version_info >= (3, 12)
    return Sign("python", is_well, sys.version.split()[0], "use Python 3.12 or newer")


def _of_error(what: str, error: UndercountError) -> Sign:
    return Sign(what, is_well=False, told=error.message, hint=error.hint)


def _room(folder: Path) -> Sign:
    free = shutil.disk_usage(folder).free
    return Sign("room on the disk", free >= LEAST_ROOM, f"{free / 2**30:.1f} GiB free", "make room: 1 GiB or more")


def _rights(folder: Path) -> Sign:
    is_well = os.access(folder, os.W_OK | os.X_OK)
    told = "can be written" if is_well else "cannot be written"
    return Sign("folder of the store", is_well, f"{folder} {told}", "make it writable for the account that runs this")


def _of_store(store: Store) -> Iterator[Sign]:
    with store.ledger.reading() as connection:
        runs, releases = Run.all(connection, store.name), Release.all(connection, store.name)
        owner = holder(connection, store.name)
        kind = connection.dialect.name
        mode = connection.execute(text("PRAGMA journal_mode")).scalar() if kind == "sqlite" else ""
    yield Sign("ledger", True, f"{kind} {mode}".strip() + f", {len(runs)} runs, {len(releases)} releases")
    yield _lease(owner)
    yield from _runs(runs, releases)
    half = store.objects.left_over()
    yield Sign("half-written files", not half, str(len(half)), "the next run throws them away")
    if releases:
        is_well = (store.folder / LATEST).is_dir()
        yield Sign("the release that stands", is_well, LATEST if is_well else "no folder", "the next run makes it")


def _lease(owner: str) -> Sign:
    told, is_well = "free", True
    if owner:
        machine = "this machine" if is_here(owner) else "another machine"
        told, is_well = f"held by a process of {machine}", not is_dead(owner)
    return Sign("lease", is_well, told, "its owner has ended: the next run takes it over")


def _runs(runs: list[Run], releases: list[Release]) -> Iterator[Sign]:
    released = {release.run for release in releases}
    if runs:
        last = runs[-1]
        is_well = last.status != RUNNING and (last.status != HELD or last.number in released)
        hint = f"see `undercount show` of run {last.number}: {'; '.join(last.why) or 'it was cut off'}"
        yield Sign("last run", is_well, f"{last.number}, {last.status}", hint)
