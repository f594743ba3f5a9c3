"""Any file as a table of texts: what it is, how it is encoded and where its header is are decided by content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from undercount.data.imports import kinds
from undercount.data.imports.archives import from_gzip, from_zip, is_workbook
from undercount.data.imports.contents import Content, digest, plain_content
from undercount.data.imports.delimited import read_delimited
from undercount.data.imports.limits import refusal
from undercount.data.imports.parquets import read_parquet
from undercount.data.imports.raw import Raw, raw_table
from undercount.data.imports.workbooks import read_workbook
from undercount.data.problems import shown

if TYPE_CHECKING:
    import os

__all__ = ["Raw", "open_table"]


def open_table(
    path: str | os.PathLike[str], *, sheet: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Raw:
    """Read a file as it stands, as texts.

    Parameters
    ----------
    path : path
        A text with separators, an .xlsx workbook or a Parquet file, or a zip or gzip archive that holds one of them.
        What it is, is decided by content, not by its name.
    sheet : str, optional
        The sheet of a workbook; by default the only one that holds a table.
    encoding : str, optional
        How a text is encoded; by default UTF-8, UTF-16 with a byte order mark, Windows-1256 or Windows-1252, whichever
        its bytes show it to be.
    delimiter : str, optional
        What separates the columns of a text; by default a comma, semicolon, tab or ``|``, whichever gives a table.

    Returns
    -------
    Raw
        Every row below the header, with what was decided.

    Raises
    ------
    EvidenceError
        If the file is not one of these, is damaged, passes a limit of `undercount.data.imports.limits`, or leaves open
        what it means. Nothing is written, run or fetched.
    """
    plain = plain_content(Path(path))
    content, kind = _unpacked(plain)
    _check_asked(content, kind, sheet, encoding, delimiter)
    if kind == kinds.TEXT:
        body = read_delimited(content, content.head(kinds.HEAD), encoding, delimiter)
    elif kind == kinds.PARQUET:
        body = read_parquet(content)
    else:
        body = read_workbook(content, sheet)
    name = "csv" if kind == kinds.TEXT else kind
    return raw_table(plain.file, name, body, content.notes, digest(plain))


_WORKBOOK = "xlsx"


def _unpacked(content: Content) -> tuple[Content, str]:
    kind = _kind(content)
    if kind == kinds.ZIP and is_workbook(content):
        return content, _WORKBOOK
    if kind not in {kinds.ZIP, kinds.GZIP}:
        return content, kind
    inner = from_zip(content) if kind == kinds.ZIP else from_gzip(content)
    kind = _kind(inner)
    if kind != kinds.TEXT:
        inner = inner.held()
    if kind == kinds.ZIP and is_workbook(inner):
        return inner, _WORKBOOK
    if kind in {kinds.ZIP, kinds.GZIP}:
        message = f"{shown(inner.name)} inside the archive is an archive itself"
        raise refusal(content.file, message, "unpack it, and import the table itself", "nested-archive")
    return inner, kind


def _kind(content: Content) -> str:
    head = content.head(kinds.HEAD)
    if not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise refusal(content.file, "the file is empty", "export it again", "empty-file")
    kind, hint = kinds.kind_of(head)
    if hint:
        raise refusal(content.file, f"not a table, but {kind}", hint, "not-a-table")
    return kind


def _check_asked(content: Content, kind: str, sheet: str | None, encoding: str | None, delimiter: str | None) -> None:
    needless = [("sheet", sheet)] if kind != _WORKBOOK else []
    if kind != kinds.TEXT:
        needless += [("encoding", encoding), ("delimiter", delimiter)]
    for name, value in needless:
        if value is not None:
            called = "a text" if kind == kinds.TEXT else f"a file of kind {kind}"
            raise refusal(content.file, f"{called} has no {name}", f"leave {name} out", "not-asked-of-this-kind")
