"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from undercount.errors import StoreError, not_written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HALF_WRITTEN: Final = ".half-"
"""Begins the name of a file that is being written; what is left of one after a kill can be thrown away."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place; it is moved there, and on disk, when the block ends well.

    Parameters
    ----------
    path : Path
        A file that was there before is replaced in one step.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    beside = path.with_name(f"{HALF_WRITTEN}{path.name}")
    try:
        yield beside
        _to_disk(beside)
        beside.replace(path)
        _to_disk(path.parent)
    except OSError as error:
        raise batch_not_written(path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def batch_not_written(path: Path, error: OSError) -> StoreError:
    """Say that a file or folder of a batch cannot be written."""
    hint = "give an `out` that is writable and has room, and call again: what was stored is not fitted twice"
    return not_written("the batch", path, error, hint)


def _to_disk(path: Path) -> None:
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
