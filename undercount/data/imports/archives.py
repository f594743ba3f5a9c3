"""The one table inside a zip or gzip archive; everything that an archive may do beside it is refused."""

from __future__ import annotations

import gzip
import stat
import zipfile
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from undercount.data.imports import limits
from undercount.data.imports.contents import bounded, damaged
from undercount.data.imports.limits import refusal
from undercount.data.problems import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from undercount.data.imports.contents import Content

_TABLES: Final = frozenset({".csv", ".tsv", ".xlsx", ".parquet", ".pq"})
_TEXTS: Final = frozenset({".txt", ".tab", ".dat"})
_ARCHIVES: Final = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"})
_ENCRYPTED: Final = 0x1
_WORKBOOK_PART: Final = "xl/workbook.xml"
_DOCUMENTS: Final = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document (.docx)",
    "ppt/presentation.xml": "a presentation (.pptx)",
    "META-INF/manifest.xml": "an OpenDocument file",
}
"""Parts by which documents are known that are zip archives too."""


def is_workbook(content: Content) -> bool:
    """Whether a zip archive is a workbook, by what is in it."""
    with open_zip(content) as archive:
        names = {entry.filename.lstrip("/").lower() for entry in archive.infolist()}
    return _WORKBOOK_PART in names


def from_zip(content: Content) -> Content:
    """Give the table in a zip archive.

    Parameters
    ----------
    content : Content
        The archive.

    Returns
    -------
    Content
        The only table in it, unpacked as it is read.

    Raises
    ------
    EvidenceError
        If the archive is damaged, encrypted, holds paths that lead outside or links, holds no table or several.
    """
    with open_zip(content) as archive:
        entries = archive.infolist()
    check_entries(content, entries)
    _check_documents(content, {entry.filename for entry in entries})
    entry = _only_table(content, [entry for entry in entries if not entry.is_dir() and not _is_clutter(entry.filename)])

    def unpacked(stack: ExitStack) -> BinaryIO:
        archive = stack.enter_context(open_zip(content))
        try:
            return cast("BinaryIO", stack.enter_context(archive.open(entry)))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
            raise damaged(content.file, entry.filename) from None

    note = f"the file is {plain(entry.filename)} inside the archive"
    return bounded(content, entry.filename, entry.compress_size, unpacked, note)


def from_gzip(content: Content) -> Content:
    """Give what is in a gzip file; its streams raise an `EvidenceError` where it is damaged or too large."""

    def unpacked(stack: ExitStack) -> BinaryIO:
        compressed = stack.enter_context(content.opened())
        return cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=compressed)))

    name = content.name.removesuffix(".gz") if content.name.endswith(".gz") else content.name
    return bounded(content, name, content.size, unpacked, "the file is compressed (gzip)")


@contextmanager
def open_zip(content: Content) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose entries are few enough; damaged ones raise an `EvidenceError`."""
    with content.opened() as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            raise damaged(content.file, content.name) from None
        with archive:
            if len(archive.infolist()) > limits.MOST_ENTRIES:
                message = f"the archive has more than {limits.MOST_ENTRIES:,} entries"
                raise refusal(content.file, message, "import one file out of it", "archive-too-large")
            yield archive


def check_entries(content: Content, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive that is encrypted, or holds links or paths that lead outside."""
    for entry in entries:
        # Names as they stand in the archive: zipfile cuts them at a NUL.
        if entry.flag_bits & _ENCRYPTED:
            hint = "unpack it with its password, and import the file itself"
            raise refusal(content.file, "the archive is encrypted", hint, "encrypted-archive")
        if _leads_outside(entry.orig_filename):
            message = f"its entry {shown(entry.orig_filename)} leads outside of the archive"
            raise refusal(content.file, message, "do not unpack it; ask where it comes from", "unsafe-archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            message = f"its entry {shown(entry.orig_filename)} is a link"
            raise refusal(content.file, message, "pack the file itself", "unsafe-archive")


def _check_documents(content: Content, names: set[str]) -> None:
    for part, kind in _DOCUMENTS.items():
        if part in names:
            raise refusal(content.file, f"not a table, but {kind}", "save its table as .xlsx or csv", "not-a-table")
    if "[Content_Types].xml" in names:
        hint = "open it in a spreadsheet and save it again, or export the sheet as csv"
        raise refusal(content.file, "a workbook without its main part", hint, "damaged-workbook")


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name


def _is_clutter(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _only_table(content: Content, entries: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    for suffixes in (_TABLES, _TEXTS):
        found = [entry for entry in entries if PurePosixPath(entry.filename).suffix.lower() in suffixes]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(plain(entry.filename) for entry in found[:5])
            message = f"the archive holds {len(found)} tables ({listed}{', …' if len(found) > 5 else ''})"
            raise refusal(content.file, message, "unpack it, and import one file after the other", "many-tables")
    if any(PurePosixPath(entry.filename).suffix.lower() in _ARCHIVES for entry in entries):
        message = "the archive holds another archive, and no table"
        raise refusal(content.file, message, "unpack it, and import the table itself", "nested-archive")
    hint = "pack one csv, tsv, txt, xlsx or Parquet file"
    raise refusal(content.file, "the archive holds no table", hint, "no-table")
