"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import re
from typing import Final

HEAD: Final = 64 * 2**10
"""Bytes that are looked at."""

ZIP: Final = "zip"
GZIP: Final = "gzip"
PARQUET: Final = "parquet"
TEXT: Final = "text"

_SIGNS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b", GZIP),
    (b"PAR1", PARQUET),
)
_FOREIGN: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "an old (.xls) or encrypted workbook", "open it, and save it as .xlsx without a password"),
    (b"%PDF", "a PDF document", "a table in a PDF must be extracted, and checked, by hand"),
    (b"\x89PNG", "an image (PNG)", ""),
    (b"\xff\xd8\xff", "an image (JPEG)", ""),
    (b"GIF8", "an image (GIF)", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ\x90", "a program", ""),
    (b"SQLite format 3\0", "an SQLite database", "export the table that you need as csv"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!", "a rar archive", "unpack it first"),
    (b"ARROW1", "an Arrow file", "write it as Parquet"),
    (b"\x89HDF", "an HDF5 file", "write it as csv or Parquet"),
    (b"ORC", "an ORC file", "write it as Parquet"),
    (b"RDX", "a file of R", "write it as csv or Parquet"),
    (b"$FL2", "a file of SPSS", "save it as csv"),
    (b"<stata_dta>", "a file of Stata", "save it as csv"),
    (b"{\\rtf", "a text document (RTF)", "save its table as csv"),
)
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]|\([dl]p?[01]\n|c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n")
_HTML: Final = re.compile(rb"<(!doctype|html|head|body|table|script|meta|div)\b", re.IGNORECASE)
_XML: Final = re.compile(rb"<(\?xml|[A-Za-z])")
_JSON: Final = re.compile(rb'\{\s*("|\}|$)|\[\s*([\[{"\]0-9]|$)')
_YAML: Final = re.compile(rb"(%YAML|---)[ \t]*\r?\n")
_CONTROL: Final = re.compile(rb"[\x01-\x08\x0e-\x1b\x7f]")
_MOST_CONTROL: Final = 1 / 200


def kind_of(head: bytes) -> tuple[str, str]:
    """Recognise a file.

    Parameters
    ----------
    head : bytes
        Its first `HEAD` bytes, or all.

    Returns
    -------
    kind : str
        `ZIP`, `GZIP`, `PARQUET` or `TEXT`; anything else is what messages call it.
    hint : str
        What to do about a file of a kind that is not read; empty for the others.
    """
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return kind, ""
    for sign, name, hint in _FOREIGN:
        if head.startswith(sign):
            return name, hint or _EXPORT
    if _PICKLE.match(head):
        return "a pickle of Python, which could run anything", "ask for the table as csv or Parquet"
    return _text_kind(head)


_EXPORT: Final = "export the table as csv, xlsx or Parquet"


def _text_kind(head: bytes) -> tuple[str, str]:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(text):
        return "a web page (HTML)", "a login or an error may have come instead of the table: download it again"
    if _XML.match(text):
        return "XML", _EXPORT
    if _JSON.match(text):
        return "JSON", _EXPORT
    if _YAML.match(text):
        return "YAML", _EXPORT
    if not wide_codec(head) and len(_CONTROL.findall(head)) > _MOST_CONTROL * len(head):
        return "no text, nor any other kind of file that is known", _EXPORT
    return TEXT, ""


def wide_codec(head: bytes) -> str:
    """Name the encoding of a text that has two bytes for each character; empty where it does not look so."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) <= max(3, len(head) / 40) or min(even, odd) >= 0.1 * max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"
