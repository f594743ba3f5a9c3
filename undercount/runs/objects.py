"""Files named by the hash of their content: written whole, read only if they still are what they were."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from undercount.errors import not_written, reason_of
from undercount.runs.ledger.sealing import NOT_HALF_WRITTEN, damaged, sha256_of
from undercount.runs.processes import is_dead, me

FOLDER: Final = "objects"
HALF: Final = ".half-"
"""Begins the name of a file that is being written; what is left of one after a kill can be thrown away."""


class Objects:
    """Files in ``objects/ab/abcd...``.

    Parameters
    ----------
    folder : Path
        Of the store.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, sha256: str) -> Path:
        """Where a file stands, or would."""
        return self.folder / sha256[:2] / sha256

    def add(self, content: bytes) -> str:
        """Store a file, once; gives its hash.

        Raises
        ------
        StoreError
            If it cannot be written; then nothing is left of it.
        """
        sha256 = sha256_of(content)
        path = self.path(sha256)
        if path.exists() and sha256_of(path.read_bytes()) == sha256:
            return sha256
        with writable(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Read a file.

        Raises
        ------
        StoreError
            If it is gone, or not as it was written; code ``"store-damaged"``.
        """
        path = self.path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise damaged(str(path), "the file is gone") from None
        except OSError as error:
            raise damaged(str(path), f"the file cannot be read: {reason_of(error)}") from error
        if sha256_of(content) != sha256:
            raise damaged(str(path))
        return content

    def left_over(self) -> list[Path]:
        """What processes of this machine left half written that have ended."""
        halves = sorted(self.folder.glob(f"*/{HALF}*"))
        return [path for path in halves if is_dead(path.name.removeprefix(HALF).rpartition("-")[0].replace("-", " "))]

    def listed(self) -> list[str]:
        """Hashes of all files."""
        return sorted(path.name for path in self.folder.glob("*/*") if not path.name.startswith(HALF))


@contextmanager
def writable(where: Path) -> Iterator[None]:
    """Tell of a full disk, or of one that cannot be written, in the words of the store."""
    try:
        yield
    except OSError as error:
        raise not_written("the store", where, error, NOT_HALF_WRITTEN) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole, and on disk, or not at all; two may do so at a time.

    Raises
    ------
    OSError
        If it cannot be written; then nothing is left of it.
    """
    handle, name = tempfile.mkstemp(prefix=f"{HALF}{me().replace(' ', '-')}-", suffix="", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        to_disk(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def to_disk(folder: Path) -> None:
    """Make the names in a folder outlive a loss of power."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folders
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
