"""Several files into one folder, all of them or none."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.errors import not_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    type Writer = Callable[[Path], object]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HINT = "name with --out a folder that is writable and has room, or use --no-files"


def write_all(folder: Path, writers: Mapping[str, Writer], hint: str = _HINT) -> tuple[Path, ...]:
    """Write files so that a fault or an interrupt at any moment leaves the folder as it was.

    Each file is written into a hidden folder inside `folder`; when all are there, each is moved into its place.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    writers : mapping of str to callable
        File name -> function that writes it at the path it is given.
    hint : str
        How to mend it where they cannot be written.

    Returns
    -------
    tuple of Path
        The files, in the order of `writers`.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    KeyboardInterrupt
        If interrupted; then no new file is there.
    """
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(dir=folder, prefix=".undercount-"))
        try:
            new, old = hidden / "new", hidden / "old"
            new.mkdir()
            old.mkdir()
            for name, write in writers.items():
                write(new / name)
                _to_disk(new / name)
            with _held_signals() as came:
                _exchange(folder, new, old, tuple(writers), came)
                shutil.rmtree(hidden, ignore_errors=True)
        except BaseException:
            with _held_signals():
                shutil.rmtree(hidden, ignore_errors=True)
                _remove(made)
            raise
    except OSError as error:
        raise not_written("the files", folder, error, hint) from error
    return tuple(folder / name for name in writers)


def _missing(folder: Path) -> list[Path]:
    """The folders that writing will have to make, the innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _remove(made: list[Path]) -> None:
    for path in made:
        try:
            path.rmdir()
        except OSError:
            return


def _to_disk(path: Path) -> None:
    path.chmod(0o644)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _exchange(folder: Path, new: Path, old: Path, names: tuple[str, ...], came: list[int]) -> None:
    """Put the new files in place; on a fault, or a signal that came meanwhile, put the old ones back."""
    try:
        for name in names:
            if (folder / name).exists():
                _keep(folder / name, old / name)
            (new / name).replace(folder / name)
        if came:
            raise KeyboardInterrupt
    except BaseException:
        for name in names:
            if (old / name).exists():
                (old / name).replace(folder / name)
            elif not (new / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise


def _keep(path: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(path)
    except OSError:
        shutil.copy2(path, copy)


@contextmanager
def _held_signals() -> Iterator[list[int]]:
    """Note the signals that ask to stop instead of acting on them; only the main thread can."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def note(number: int, _: Any) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
