"""The files of releases as people look for them: ``releases/0001`` and ``latest``; the ledger is what counts."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.runs.ledger.runs import Artefact, Release
from undercount.runs.objects import HALF, to_disk, writable

if TYPE_CHECKING:
    from undercount.runs.store import Store

RELEASES: Final = "releases"
LATEST: Final = "latest"
ABOUT: Final = "release.json"


def publish(store: Store) -> None:
    """Make the folders of all releases, and `latest`, as the ledger says; what is right already stays.

    Parameters
    ----------
    store : Store
        Open.

    Raises
    ------
    StoreError
        If a file is damaged, or the folder cannot be written.
    """
    with store.ledger.reading() as connection:
        releases = Release.all(connection, store.name)
        files = {release.release: Artefact.of(connection, release.run) for release in releases}
    with writable(store.folder):
        for release in releases:
            _make(store, release, files[release.release])
        if releases:
            _point(store.folder, _name(releases[-1]))


def _name(release: Release) -> str:
    return f"{release.release:04}"


def _make(store: Store, release: Release, files: dict[str, Artefact]) -> None:
    target = store.folder / RELEASES / _name(release)
    if target.is_dir():
        return
    half = target.with_name(f"{HALF}{target.name}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name, file in files.items():
        _write(half / name, store.objects.read(file.sha256))
    _write(half / ABOUT, (json.dumps(asdict(release), indent=1) + "\n").encode())
    to_disk(half)
    half.rename(target)
    to_disk(target.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _point(folder: Path, name: str) -> None:
    """Let `latest` lead to a release, in one step."""
    link, target = folder / LATEST, f"{RELEASES}/{name}"
    with suppress(OSError):
        if str(link.readlink()) == target:
            return
    half = folder / f"{HALF}{LATEST}"
    half.unlink(missing_ok=True)
    half.symlink_to(target, target_is_directory=True)
    half.replace(link)
    to_disk(folder)
