"""The bytes of a file, plain or out of an archive: opened as often as needed, and never more than allowed."""

from __future__ import annotations

import hashlib
import io
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from undercount.data.imports import limits
from undercount.data.imports.limits import refusal
from undercount.data.problems import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PIECE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that can be read again and again.

    Attributes
    ----------
    file : str
        Name of the file that was given, for messages.
    name : str
        Name of what is read: that of the file, or of its entry in an archive.
    size : int
        Bytes that it takes on disk, compressed where it is.
    opened : callable
        Gives a new stream from the first byte on.
    packed : bool
        Whether it comes out of an archive.
    notes : tuple of str
        What was decided on the way to it.
    """

    file: str
    name: str
    size: int
    opened: Callable[[], BinaryIO]
    packed: bool = False
    notes: tuple[str, ...] = ()

    def head(self, most: int) -> bytes:
        """Read the first bytes."""
        with self.opened() as stream:
            return stream.read(most)

    def held(self) -> Content:
        """Give the same as one that can go back and forth: in memory, where it comes out of an archive."""
        if not self.packed:
            return self
        with self.opened() as stream:
            held = stream.read(limits.LARGEST_HELD + 1)
        if len(held) > limits.LARGEST_HELD:
            message = f"{shown(self.name)} is larger than {limits.LARGEST_HELD // 2**20} MiB when unpacked"
            raise refusal(self.file, message, "unpack it, and import the file itself", "archive-too-large")
        return replace(self, size=len(held), packed=False, opened=lambda: io.BytesIO(held))


def plain_content(path: Path) -> Content:
    """Open a plain file.

    Parameters
    ----------
    path : Path
        The file; never a pipe, a device or a folder.

    Returns
    -------
    Content
        Not packed.

    Raises
    ------
    EvidenceError
        If there is no such file, it is none, it cannot be read, is empty or too large.
    """
    name = path.name or str(path)
    try:
        if not path.exists():
            broken = path.is_symlink()
            message = f"{shown(str(path))} points to nothing" if broken else f"there is no file {shown(str(path))}"
            raise refusal(name, message, "mend the path", "no-file")
        # A pipe or a device would block or never end.
        if not path.is_file():
            raise refusal(name, f"{shown(str(path))} is not a file", "name a plain file", "not-a-file")
        size = path.stat().st_size
        with path.open("rb") as stream:
            stream.read(1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not one"
        raise refusal(
            name, f"it cannot be read: {reason}", "check the path and its permissions", "unreadable-file"
        ) from None
    if size == 0:
        raise refusal(name, "the file is empty", "export it again", "empty-file")
    if size > limits.LARGEST_FILE:
        message = f"larger than {limits.LARGEST_FILE // 2**30} GiB"
        raise refusal(name, message, "split it, and import one part after the other", "file-too-large")
    return Content(name, name, size, lambda: path.open("rb"))


def digest(content: Content) -> str:
    """Give the SHA-256 of the bytes, in hexadecimal."""
    with content.opened() as stream:
        return hashlib.file_digest(cast("io.BufferedReader", stream), "sha256").hexdigest()


def bounded(
    content: Content, entry: str, compressed: int, unpacked: Callable[[ExitStack], BinaryIO], note: str
) -> Content:
    """Give what is in an archive, stopped where it becomes too large.

    Parameters
    ----------
    content : Content
        The archive.
    entry : str
        Name of what is inside.
    compressed : int
        Bytes that it takes there.
    unpacked : callable
        Opens it, and gives what must be closed with it to a stack.
    note : str
        What to tell of it.

    Returns
    -------
    Content
        Its streams raise an `EvidenceError` where the archive is damaged or the limits are passed.
    """

    def opened() -> BinaryIO:
        with ExitStack() as stack:
            stream = unpacked(stack)
            raw = _Bounded(content.file, entry, most_unpacked(compressed), stream, stack.pop_all())
            return cast("BinaryIO", io.BufferedReader(raw, _PIECE))

    return replace(content, name=entry, size=compressed, opened=opened, packed=True, notes=(*content.notes, note))


class _Bounded(io.RawIOBase):
    def __init__(self, file: str, entry: str, most: int, stream: BinaryIO, opened: ExitStack) -> None:
        super().__init__()
        self._file, self._entry, self._most, self._stream, self._opened = file, entry, most, stream, opened
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # any buffer, in truth a memoryview
        from zipfile import BadZipFile

        try:
            piece = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, BadZipFile, ValueError, NotImplementedError, MemoryError):
            raise damaged(self._file, self._entry) from None
        self._seen += len(piece)
        if self._seen > self._most:
            message = f"{shown(self._entry)} becomes larger than {self._most // 2**20:,} MiB when it is unpacked"
            hint = "if you trust it, unpack it yourself and import the file itself"
            raise refusal(self._file, message, hint, "archive-too-large")
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._opened.close()
        super().close()


def most_unpacked(compressed: int) -> int:
    """How many bytes may come out of so many compressed ones."""
    by_ratio = max(limits.FREELY_UNPACKED, limits.MOST_UNPACKED_RATIO * compressed)
    return min(limits.LARGEST_UNPACKED, by_ratio)


def damaged(file: str, entry: str) -> Exception:
    """Say that an archive cannot be unpacked."""
    message = f"{shown(entry)} cannot be unpacked: the archive is damaged, cut off or of an unknown kind"
    return refusal(file, message, "download it again, or unpack it yourself", "damaged-archive")
