"""A whole store in one folder elsewhere, and back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.data.export import new_folder
from undercount.errors import RunError, StoreError
from undercount.runs.ledger.engine import FILE, copy_sqlite
from undercount.runs.ledger.sealing import damaged, sha256_of
from undercount.runs.objects import FOLDER, Objects, writable

if TYPE_CHECKING:
    from undercount.runs.store import Store

ABOUT: Final = "backup.json"


def back_up(store: Store, folder: Path) -> Path:
    """Copy ledger and files, as they are together, into a new folder; runs may go on meanwhile.

    Parameters
    ----------
    store : Store
        Open.
    folder : Path
        Must not exist, or be empty.

    Raises
    ------
    StoreError
        If a file is damaged.
    RunError
        If the ledger is a database for a team: its own tools back it up.
    EvidenceError
        If the folder holds anything, or cannot be written.
    """
    if store.ledger.path is None:
        raise RunError(
            "the ledger is a PostgreSQL database",
            code="run-backup-of-server",
            where="UNDERCOUNT_LEDGER",
            hint=f"back it up with pg_dump, and copy the folder {store.objects.folder}",
        )
    with new_folder(folder) as place:
        # The ledger first: every file that it names was on disk before it named it.
        copy_sqlite(store.ledger.path, place / FILE)
        hashes = store.objects.listed()
        copies = Objects(place)
        for sha256 in hashes:
            copies.add(store.objects.read(sha256))
        about = {"case": store.name, "ledger": sha256_of((place / FILE).read_bytes()), "files": hashes}
        (place / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return folder


def restore(backup: Path, folder: Path, case: str) -> None:
    """Put a backup where a store was lost; what is there is kept beside it.

    Parameters
    ----------
    backup : Path
        A folder of `back_up`.
    folder : Path
        Of the store.
    case : str
        Name of the case that the backup must be of.

    Raises
    ------
    StoreError
        If the backup is damaged, or of another case; then nothing was changed.
    """
    about = _checked(backup)
    if about["case"] != case:
        raise StoreError(
            f"the backup is of {about['case']!r}, not of {case!r}",
            code="store-other-case",
            where=str(backup),
            hint="name the case that it is of",
        )
    with writable(folder):
        beside = folder.with_name(f".undercount-{folder.name}")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(backup, beside)
        (beside / ABOUT).unlink()
        if folder.exists() and any(folder.iterdir()):
            folder.rename(_free(folder))
        elif folder.exists():
            folder.rmdir()
        beside.rename(folder)


def _free(folder: Path) -> Path:
    number = 1
    while (name := folder.with_name(f"{folder.name}.before-restore-{number}")).exists():
        number += 1
    return name


def _checked(backup: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((backup / ABOUT).read_text(encoding="utf-8"))
        files, ledger = [*about["files"]], (backup / FILE).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(str(backup), "this is no whole backup") from error
    if sha256_of(ledger) != about["ledger"]:
        raise damaged(str(backup / FILE))
    for sha256 in files:
        Objects(backup).read(str(sha256))
    if sorted(Objects(backup).listed()) != sorted(map(str, files)):
        raise damaged(str(backup / FOLDER), "files came or went")
    return about
