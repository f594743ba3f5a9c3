"""The parts of a workbook, looked through before any of them is taken apart: bounded, and plain XML."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from undercount.data.imports import limits
from undercount.data.imports.archives import check_entries, open_zip
from undercount.data.imports.contents import damaged, most_unpacked
from undercount.data.imports.limits import refusal
from undercount.data.problems import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.imports.contents import Content

_PIECE: Final = 2**20
_OVERLAP: Final = 4096
_PROLOG: Final = 4096
_HEADER_ROWS: Final = 1_000
_LONGEST_ROW: Final = 2 * 2**20
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']""")
_SHEET: Final = re.compile(rb"<(\w+:)?worksheet[\s>/]")
_STRINGS: Final = re.compile(rb"<(\w+:)?sst[\s>/]")
_ROW: Final = re.compile(rb"<(?:\w+:)?row(?:\s[^>]*)?>")
_ROW_NUMBER: Final = re.compile(rb"""\sr\s*=\s*["'](\d{1,18})["']""")
_END: Final = re.compile(rb"</(?:\w+:)?sheetData>")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED: Final = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_RECALCULATED: Final = re.compile(rb"""\bfullCalcOnLoad\s*=\s*["'](?:1|true)["']""")


@dataclass(slots=True)
class Parts:
    """What a workbook holds.

    Attributes
    ----------
    formulas : set of str
        Sheets, by the name of their part, with a formula.
    merged : mapping of str to list of (int, int, int)
        Row, first and last column of cells merged across columns in the first rows, by the name of the part.
    links : int
        Other workbooks that it refers to.
    is_recalculated : bool
        Whether its values are to be computed when it is opened: those stored may be none.
    """

    formulas: set[str] = field(default_factory=set)
    merged: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    links: int = 0
    is_recalculated: bool = False


def look_through(content: Content) -> Parts:
    """Read every part once, without taking it apart.

    Parameters
    ----------
    content : Content
        The workbook.

    Returns
    -------
    Parts
        What is in it.

    Raises
    ------
    EvidenceError
        If it is damaged, too large, holds macros, or XML that declares entities or is not UTF-8.
    """
    parts = Parts()
    with open_zip(content) as archive:
        entries = archive.infolist()
        check_entries(content, entries)
        _check_names(content, entries)
        left = most_unpacked(content.size)
        for entry in entries:
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            parts.links += "externallinks/externallink" in entry.filename.lower()
            try:
                with archive.open(entry) as stream:
                    left = _Part(content, entry.filename, parts, left).read(stream)  # type: ignore[arg-type] # all that it calls for is read
            except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError):
                raise damaged(content.file, entry.filename) from None
    return parts


def _check_names(content: Content, entries: Sequence[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(name.endswith("vbaproject.bin") for name in names):
        hint = "open it where macros are switched off, and save it as .xlsx"
        raise refusal(content.file, "the workbook holds macros", hint, "macros")
    if len(set(names)) < len(names):
        raise refusal(content.file, "two parts of the workbook have one name", "save it again", "damaged-workbook")


class _Part:
    def __init__(self, content: Content, name: str, parts: Parts, left: int) -> None:
        self._content, self._name, self._parts, self._left = content, name, parts, left
        self._row = self._offset = self._row_offset = 0
        self._ended = False

    def read(self, stream: BinaryIO) -> int:
        piece = stream.read(_PIECE)
        self._check_prolog(piece[:_PROLOG])
        is_sheet = _SHEET.search(piece[:_PROLOG]) is not None
        is_strings = _STRINGS.search(piece[:_PROLOG]) is not None
        most = self._left if is_sheet else limits.LARGEST_HELD if is_strings else limits.LARGEST_PART
        before = b""
        while piece:
            self._left -= len(piece)
            self._offset += len(piece)
            if self._left < 0 or self._offset > most:
                message = f"its part {shown(self._name)} is too large when it is unpacked"
                raise refusal(self._content.file, message, "export the sheet as csv", "archive-too-large")
            self._look(before + piece, len(before), is_sheet)
            before = (before + piece)[-_OVERLAP:]
            piece = stream.read(_PIECE)
        return self._left

    def _check_prolog(self, head: bytes) -> None:
        declared = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
        codec = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
        if codec not in {"utf-8", "us-ascii", "utf8"} or head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head:
            message = f"its part {shown(self._name)} is not XML in UTF-8"
            raise refusal(
                self._content.file, message, "open it in a spreadsheet, and save it again", "damaged-workbook"
            )

    def _look(self, text: bytes, new: int, is_sheet: bool) -> None:
        # Entities could grow without bound, and no spreadsheet writes a document type.
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            message = f"its part {shown(self._name)} declares a document type or entities"
            raise refusal(self._content.file, message, "do not open it; ask where it comes from", "unsafe-workbook")
        self._parts.is_recalculated |= not is_sheet and _RECALCULATED.search(text) is not None
        if not is_sheet:
            return
        if _FORMULA.search(text):
            self._parts.formulas.add(self._name)
        start = self._offset - len(text)
        for found in _ROW.finditer(text):
            if found.end() > new:
                self._check_row(found[0], start + found.start())
        self._ended |= _END.search(text) is not None
        self._check_length(self._offset)
        self._merge(text)

    def _check_row(self, tag: bytes, offset: int) -> None:
        self._check_length(offset)
        numbered = _ROW_NUMBER.search(tag)
        row = int(numbered[1]) if numbered else self._row + 1
        if row <= self._row or row > limits.MOST_SHEET_ROWS:
            message = f"its rows are out of order, or beyond row {limits.MOST_SHEET_ROWS:,}"
            raise refusal(
                self._content.file, message, "open it in a spreadsheet, and save it again", "damaged-workbook"
            )
        self._row, self._row_offset = row, offset

    def _check_length(self, offset: int) -> None:
        if self._row and not self._ended and offset - self._row_offset > _LONGEST_ROW:
            message = f"a row takes more than {_LONGEST_ROW // 2**20} MiB"
            raise refusal(self._content.file, message, "export the sheet as csv", "too-many-columns", self._row)

    def _merge(self, text: bytes) -> None:
        from openpyxl.utils import column_index_from_string

        for found in _MERGED.finditer(text):
            first, last = (column_index_from_string(found[place].decode()) for place in (1, 3))
            row = int(found[2])
            if last > first and row <= _HEADER_ROWS:
                self._parts.merged.setdefault(self._name, []).append((row, first, last))
