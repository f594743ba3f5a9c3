"""Zip archives that are damaged or mean harm: how each is made, and the code of its refusal."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING

from tests.data.imports.broken_texts import text
from undercount.data.imports import limits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.data.imports.broken_texts import Maker

GOOD = b"date,killed\n2017-03-17,3\n"


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return held.getvalue()


def archive(*entries: tuple[str, bytes]) -> Maker:
    def make(folder: Path) -> Path:
        return text(zipped(*entries), "export.zip")(folder)

    return make


def _bomb(name: str, head: bytes, rest: bytes) -> Maker:
    def make(folder: Path) -> Path:
        return archive((name, head + rest * (limits.FREELY_UNPACKED // 4 + 2**20)))(folder)

    return make


def _link(folder: Path) -> Path:
    entry = zipfile.ZipInfo("incidents.csv")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "export.zip", "w") as made:
        made.writestr(entry, "/etc/passwd")
    return folder / "export.zip"


def _flagged(folder: Path) -> Path:
    data = bytearray(zipped(("incidents.csv", GOOD)))
    # The flags of the entry stand in its own header and in the directory at the end.
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(sign) + offset
        struct.pack_into("<H", data, place, struct.unpack_from("<H", data, place)[0] | 1)
    return text(bytes(data), "export.zip")(folder)


def _method(folder: Path) -> Path:
    data = bytearray(zipped(("incidents.csv", GOOD)))
    for sign, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(sign) + offset, 97)
    return text(bytes(data), "export.zip")(folder)


def _lying(folder: Path) -> Path:
    """An entry that says it is small, and unpacks to much more."""
    data = bytearray(zipped(("incidents.csv", b"a,b\n" + b"1,2\n" * 2**20)))
    for sign, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(sign) + offset, 100)
    return text(bytes(data), "export.zip")(folder)


def _overlapping(folder: Path) -> Path:
    """Two names for one stream of bytes, as in bombs that are larger than what is in them."""
    data = zipped(("incidents.csv", b"a,b\n" + b"1,2\n" * 1000), ("other.bin", b"x"))
    first, second = data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")
    changed = bytearray(data)
    struct.pack_into("<I", changed, second + 42, struct.unpack_from("<I", data, first + 42)[0] + 1)
    struct.pack_into("<I", changed, first + 20, len(data))
    return text(bytes(changed), "export.zip")(folder)


def _swallowing_itself(folder: Path) -> Path:
    """An archive whose only entry is that archive, as far as one can be written by hand."""
    inner = zipped(("export.zip", b"PK\x03\x04" + bytes(50)))
    return archive(("export.zip", inner))(folder)


def _many(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "export.zip", "w") as made:
        for place in range(10_001):
            made.writestr(f"{place}.bin", b"")
    return folder / "export.zip"


_CUT = zipped(("incidents.csv", b"a,b\n" + b"1,2\n" * 1000))
_FLIPPED = bytearray(zipped(("incidents.csv", b"a,b\n" + b"1,2\n" * 1000), method=zipfile.ZIP_STORED))
_FLIPPED[200] ^= 1

ARCHIVES: dict[str, tuple[Maker, str]] = {
    "zip cut off": (text(_CUT[:-30], "export.zip"), "damaged-archive"),
    "zip with its beginning only": (text(_CUT[:40], "export.zip"), "damaged-archive"),
    "zip with a flipped bit": (text(bytes(_FLIPPED), "export.zip"), "damaged-archive"),
    "empty zip": (archive(), "no-table"),
    "zip without a table": (archive(("photo.png", b"\x89PNG")), "no-table"),
    "zip with two tables": (archive(("a.csv", GOOD), ("b.csv", GOOD)), "many-tables"),
    "zip in a zip": (archive(("inner.zip", zipped(("incidents.csv", GOOD)))), "nested-archive"),
    "zip that calls itself csv, in a zip": (archive(("a.csv", zipped(("incidents.csv", GOOD)))), "nested-archive"),
    "gzip in a zip": (archive(("a.csv", gzip.compress(GOOD))), "nested-archive"),
    "zip in a gzip": (text(gzip.compress(zipped(("a.csv", GOOD))), "a.zip.gz"), "nested-archive"),
    "zip that holds itself": (_swallowing_itself, "nested-archive"),
    "zip with many entries": (_many, "archive-too-large"),
    "encrypted zip": (_flagged, "encrypted-archive"),
    "unknown compression": (_method, "damaged-archive"),
    "path upwards": (archive(("../../incidents.csv", GOOD)), "unsafe-archive"),
    "path upwards of another entry": (archive(("incidents.csv", GOOD), ("a/../../x", b"")), "unsafe-archive"),
    "path from the root": (archive(("/etc/incidents.csv", GOOD)), "unsafe-archive"),
    "path with a drive": (archive(("C:\\incidents.csv", GOOD)), "unsafe-archive"),
    "path upwards, the other way": (archive(("..\\incidents.csv", GOOD)), "unsafe-archive"),
    "link in a zip": (_link, "unsafe-archive"),
    "zip bomb": (_bomb("incidents.csv", b"a,b\n", b"1,2\n"), "archive-too-large"),
    "zip bomb of a workbook": (_bomb("a.xlsx", b"PK\x03\x04", b"\0\0\0\0"), "archive-too-large"),
    "zip that lies of a size": (_lying, "damaged-archive"),
    "entries that overlap": (_overlapping, "damaged-archive"),
    "OpenDocument sheet": (archive(("content.xml", b"<x/>"), ("META-INF/manifest.xml", b"<x/>")), "not-a-table"),
    "text document": (archive(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")), "not-a-table"),
    "page in a zip": (archive(("incidents.csv", b"<html>log in</html>")), "not-a-table"),
    "nothing in a zip": (archive(("incidents.csv", b"")), "empty-file"),
}
