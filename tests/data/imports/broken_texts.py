"""Files that are no table, or a broken one: how each is made, and the code of its refusal."""

from __future__ import annotations

import gzip
import os
import pickle
import socket
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.imports import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    type Maker = Callable[[Path], Path]


def text(data: bytes | str | Callable[[], bytes], name: str = "incidents.csv") -> Maker:
    """Make a file; what is large is made only when it is needed."""

    def make(folder: Path) -> Path:
        path = folder / name
        made = data() if callable(data) else data
        path.write_bytes(made.encode() if isinstance(made, str) else made)
        return path

    return make


def _noise(size: int) -> bytes:
    return np.random.default_rng(7).bytes(size)


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.csv")
    return folder / "pipe.csv"


def _socket(folder: Path) -> Path:
    here = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s.csv")
    finally:
        os.chdir(here)
    return folder / "s.csv"


def _broken_link(folder: Path) -> Path:
    (folder / "link.csv").symlink_to(folder / "absent.csv")
    return folder / "link.csv"


def _endless_link(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(folder / "b.csv")
    (folder / "b.csv").symlink_to(folder / "a.csv")
    return folder / "a.csv"


def _forbidden(folder: Path) -> Path:
    path = text("a,b\n1,2\n")(folder)
    path.chmod(0)
    return path


def _sparse(folder: Path) -> Path:
    path = folder / "sparse.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b\n1,2\n")
        stream.truncate(limits.LARGEST_FILE + 1)
    return path


def _bomb(data: Callable[[], bytes]) -> Maker:
    return text(lambda: gzip.compress(data()), "incidents.csv.gz")


def _arabic(count: int) -> str:
    return "التاريخ,القتلى\n" + "الموصل,12\n" * count


_MUCH = limits.FREELY_UNPACKED // 4 + 2**20
_ROWS = "".join(f"{place},{place}\n" for place in range(400))

_WIDE = ",".join(f"c{place}" for place in range(3000)) + "\n" + "1," * 2999 + "1\n"

TEXTS: dict[str, tuple[Maker, str]] = {
    "absent": (lambda folder: folder / "absent.csv", "no-file"),
    "a name with NUL": (lambda folder: folder / "nul\0.csv", "no-file"),
    "a name too long": (lambda folder: folder / ("x" * 5000), "unreadable-file"),
    "folder": (lambda folder: folder, "not-a-file"),
    "pipe": (_fifo, "not-a-file"),
    "socket": (_socket, "not-a-file"),
    "device": (lambda _: Path("/dev/zero"), "not-a-file"),
    "broken link": (_broken_link, "no-file"),
    "endless link": (_endless_link, "no-file"),
    "no permission": (_forbidden, "unreadable-file"),
    "larger than allowed": (_sparse, "file-too-large"),
    "empty": (text(""), "empty-file"),
    "blank": (text(" \r\n\t\n"), "empty-file"),
    "only separators": (text(",,,\n,,,\n"), "no-header"),
    "only a byte order mark": (text(b"\xef\xbb\xbf"), "empty-file"),
    "only a header": (text("date,killed\n"), "no-rows"),
    "only a header and empty rows": (text("date,killed\n\n,\n"), "no-rows"),
    "numbers only": (text("1,2\n3,4\n"), "no-header"),
    "data without a header": (text("Mosul,3,4\nErbil,5,6\n"), "no-header"),
    "data below names of half the columns": (text("place,killed,,,\n1,Mosul,3,x,y\n2,Erbil,4,x,y\n"), "no-header"),
    "same column twice": (text("date,killed,date\n1,2,3\n"), "duplicate-columns"),
    "same column after cleaning": (text("date,killed\u200f,\ufeffkilled\n1,2,3\n"), "duplicate-columns"),
    "row too long": (text("a,b\n1,2\n1,2,3\n"), "ragged-row"),
    "row too short": (text("a,b,c\n1,2,3\n1,2\n"), "ragged-row"),
    "row too long, far below": (text("a,b\n" + _ROWS + "1,2,3\n"), "ragged-row"),
    "quote never closed": (text('a,b\n1,"2\n' + _ROWS), "open-quote"),
    "quote inside a quoted cell": (text('a,b\n1,"2" or "3"\n'), "stray-quote"),
    "huge cell": (text("a,b\n1," + "x" * (2**20 + 1) + "\n"), "cell-too-long"),
    "huge quoted cell": (text('a,b\n1,"' + "x\n" * 2**20 + '"\n'), "cell-too-long"),
    "one endless line": (text("a,b\n1," + "2," * (9 * 2**20)), "line-too-long"),
    "many columns": (
        text(",".join(f"c{place}" for place in range(3000)) + "\n" + "1," * 2999 + "1\n"),
        "too-many-columns",
    ),
    "a name as long as a page": (text("a," + "b" * 600 + "\n1,2\n"), "no-header"),
    "web page": (text("<!DOCTYPE html>\n<html><table><tr><td>1</td></tr></table></html>"), "not-a-table"),
    "web page after a mark": (
        text(b"\xef\xbb\xbf\n  <HTML><p>Log in, then try again</p></HTML>"),
        "not-a-table",
    ),
    "XML": (text('<?xml version="1.0"?><rows><row killed="1"/></rows>'), "not-a-table"),
    "JSON": (text('[{"date": "2017-03-17", "killed": 3},\n {"date": "2017-03-18", "killed": 4}]'), "not-a-table"),
    "JSON lines": (text('{"date": "2017-03-17", "killed": 3}\n{"date": "2017-03-18", "killed": 4}\n'), "not-a-table"),
    "YAML": (text("---\n- date: 2017-03-17\n  killed: 3\n"), "not-a-table"),
    "YAML without a mark": (text("date: 2017-03-17\nkilled: 3\nplace: Mosul\n"), "unknown-separator"),
    "YAML that would run": (text('!!python/object/apply:os.system: ["touch ran"]\nb: 1\n'), "unknown-separator"),
    "PDF": (text(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + _noise(2000)), "not-a-table"),
    "PNG": (text(b"\x89PNG\r\n\x1a\n" + _noise(2000)), "not-a-table"),
    "program": (text(b"\x7fELF\x02\x01\x01\0" + _noise(2000)), "not-a-table"),
    "database": (text(b"SQLite format 3\0" + _noise(2000)), "not-a-table"),
    "old workbook": (text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _noise(2000), "incidents.xls"), "not-a-table"),
    "encrypted workbook": (text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _noise(2000), "incidents.xlsx"), "not-a-table"),
    "pickle": (text(pickle.dumps({"date": ["2017-03-17"]})), "not-a-table"),
    "pickle of the first protocol": (text(b"cos\nsystem\n(S'touch ran'\ntR."), "not-a-table"),
    "7z archive": (text(b"7z\xbc\xaf\x27\x1c" + _noise(100)), "not-a-table"),
    "noise": (text(_noise(5000).replace(b"\0", b"\x01")), "not-a-table"),
    "compressed noise": (text(zlib.compress(_noise(5000)), "incidents.csv"), "not-a-table"),
    "NUL byte": (text(b"date,killed\n2017-03-17,1\0\n"), "nul-byte"),
    "NUL byte far below": (text(b"a,b\n" + b"1,2\n" * 400_000 + b"1,\0\n"), "nul-byte"),
    "UTF-16 without mark": (text(_arabic(20).encode("utf-16-le")), "unknown-encoding"),
    "UTF-16 without mark, the other way": (text("date,killed\n2017,1\n".encode("utf-16-be")), "unknown-encoding"),
    "UTF-16 cut off": (text(("\ufeff" + _arabic(20)).encode("utf-16-le")[:-1]), "not-text"),
    "UTF-8 cut off": (text(_arabic(20).rstrip().encode() + b"\n\xd8"), "mixed-encodings"),
    "two encodings": (text(_arabic(20).encode() + "بغداد,3\n".encode("cp1256")), "mixed-encodings"),
    "two encodings, the other way": (text(_arabic(2000).encode("cp1256") + "بغداد,3\n".encode()), "mixed-encodings"),
    "an encoding that is not known": (text("дата,убито\nКиев,3\nХарьков,4\n".encode("cp1251")), "unknown-encoding"),
    "mark in the middle": (text("\ufeffa,b\n1,2\n\ufeffa,b\n3,4\n"), "stray-mark"),
    "a separator that is not known": (text("date^killed\n2017-03-17^3\n2017-03-18^4\n"), "unknown-separator"),
    "gzip cut off": (text(gzip.compress(_ROWS.encode())[:-200], "incidents.csv.gz"), "damaged-archive"),
    "gzip with a flipped bit": (
        text(gzip.compress(b"a,b\n" + _ROWS.encode())[:-8] + b"\0" * 8, "incidents.csv.gz"),
        "damaged-archive",
    ),
    "gzip of gzip": (text(gzip.compress(gzip.compress(b"a,b\n1,2\n")), "incidents.csv.gz"), "nested-archive"),
    "gzip of nothing": (text(gzip.compress(b""), "incidents.csv.gz"), "empty-file"),
    "gzip bomb": (_bomb(lambda: b"a,b\n" + b"1,2\n" * _MUCH), "archive-too-large"),
    "gzip bomb of one line": (_bomb(lambda: b"a,b\n1," + b"2222" * _MUCH), "archive-too-large"),
    "gzip bomb of spaces": (_bomb(lambda: b"    " * _MUCH), "empty-file"),
    "gzip bomb of a page": (_bomb(lambda: b"<html>" + b"    " * _MUCH), "not-a-table"),
}
