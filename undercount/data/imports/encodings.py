"""Which characters the bytes of a text stand for: decided by content, and checked to the last byte."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from undercount.data.imports.kinds import wide_codec
from undercount.data.imports.limits import refusal
from undercount.data.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.imports.contents import Content

_PIECE: Final = 2**20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LABELS: Final = {"cp1256": "Windows-1256", "cp1252": "Windows-1252"}
_REFUSED: Final = frozenset({"utf-7", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
_GIVE: Final = 'say which it is: encoding="windows-1256" (--encoding windows-1256), or another'

# Words with bytes above ASCII, and what only UTF-8 has: three characters of several bytes in a row.
_WORD: Final = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_UTF8_RUN: Final = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){3}")
_MOST_WORDS: Final = 200_000
_CLEARLY: Final = 3
_MOST_STRANGE: Final = 0.1
_STRAY_MARK: Final = re.compile("[\r\n]\ufeff")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text.

    Attributes
    ----------
    codec : str
        Name that Python knows it by.
    mark : int
        Bytes of the byte order mark, which is no text.
    notes : tuple of str
        What was decided; empty for plain UTF-8.
    """

    codec: str
    mark: int = 0
    notes: tuple[str, ...] = ()


def decided(content: Content, head: bytes, asked: str | None) -> Encoding:
    """Decide how a text is encoded.

    Parameters
    ----------
    content : Content
        The text; every byte of it is looked at.
    head : bytes
        Its beginning.
    asked : str or None
        The encoding that the user named, if any.

    Returns
    -------
    Encoding
        One that reads every byte.

    Raises
    ------
    EvidenceError
        If no encoding does, several may be meant, or the file holds NUL bytes or a second byte order mark.
    """
    marked = next(((codec, len(mark)) for mark, codec in _MARKS if head.startswith(mark)), None)
    if asked is not None:
        codec = _known(content, asked)
        mark = marked[1] if marked and codec in {marked[0], marked[0][:6]} else 0
        return _checked(
            content, Encoding(marked[0] if mark and marked else codec, mark, (f"read as {codec}, as asked",))
        )
    if marked:
        notes = () if marked[0] == "utf-8" else (f"read as {marked[0].upper()}",)
        return _checked(content, Encoding(marked[0], marked[1], notes))
    _check_wide(content, head)
    fault = _first_fault(content, Encoding("utf-8"))
    return Encoding("utf-8") if fault is None else _checked(content, _eight_bit(content, fault))


def utf8(content: Content, encoding: Encoding) -> BinaryIO:
    """Open a text as UTF-8 without a byte order mark, whatever its encoding."""
    stream = content.opened()
    stream.read(encoding.mark)
    if encoding.codec == "utf-8":
        return stream
    return cast("BinaryIO", io.BufferedReader(_Recoded(stream, encoding.codec), _PIECE))


class _Recoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO, codec: str) -> None:
        super().__init__()
        self._stream, self._decoder, self._left = stream, codecs.getincrementaldecoder(codec)(), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # any buffer, in truth a memoryview
        while not self._left:
            piece = self._stream.read(_PIECE)
            self._left = self._decoder.decode(piece, final=not piece).encode()
            if not piece:
                break
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _known(content: Content, asked: str) -> str:
    try:
        found = codecs.lookup(asked)
        "".encode(found.name)
    except (LookupError, ValueError):
        found = None
    if found is None or found.name.replace("_", "-") in _REFUSED:
        hint = "write a name such as utf-8, windows-1256, windows-1252 or utf-16-le"
        raise refusal(content.file, f"{shown(asked)} is no encoding of text", hint, "unknown-encoding")
    return {"utf-8-sig": "utf-8"}.get(found.name, found.name)


def _check_wide(content: Content, head: bytes) -> None:
    codec = wide_codec(head)
    if codec:
        message = "it looks like UTF-16, but has no byte order mark that says so"
        raise refusal(
            content.file, message, f'if it is, say so: encoding="{codec}" (--encoding {codec})', "unknown-encoding"
        )


def _checked(content: Content, encoding: Encoding) -> Encoding:
    fault = _first_fault(content, encoding)
    if fault is None:
        return encoding
    message = f"its bytes are not {encoding.codec.upper()} text"
    raise refusal(content.file, message, "save it as UTF-8, or name another encoding", "not-text", fault)


def _pieces(content: Content, encoding: Encoding) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    with content.opened() as stream:
        stream.read(encoding.mark)
        while piece := stream.read(_PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)


def _first_fault(content: Content, encoding: Encoding) -> int | None:
    line, last = 1, "\n"
    try:
        for text in _pieces(content, encoding):
            if "\0" in text:
                row = line + text.count("\n", 0, text.index("\0"))
                raise refusal(content.file, "a NUL byte: this is not a text", "export it again", "nul-byte", row)
            # Files that were put one behind the other, each with its header.
            stray = None if "\ufeff" not in text and last != "\n" else _STRAY_MARK.search(last + text)
            if stray and (line > 1 or stray.start() > 0):
                row = line + text.count("\n", 0, stray.start())
                message = "a second byte order mark: several files stand one behind the other"
                raise refusal(content.file, message, "import one after the other", "stray-mark", row)
            line += text.count("\n")
            last = text[-1:] or last
    except UnicodeDecodeError as error:
        return line + _lines_before(error)
    return None


def _lines_before(error: UnicodeDecodeError) -> int:
    step = 2 if "16" in error.encoding else 1
    return error.object[: error.start].count(b"\n") if step == 1 else error.object[: error.start].count(b"\n\0")


def _eight_bit(content: Content, fault: int) -> Encoding:
    """Decide between Windows-1256 and Windows-1252 by which of them gives words."""
    arabic = latin = strange = 0
    for word in _words(content, fault):
        kind = _script(word)
        arabic += kind == "arabic"
        latin += kind == "latin"
        strange += kind == "strange"
    words = arabic + latin + strange
    if words and strange <= _MOST_STRANGE * words:
        if arabic >= _CLEARLY * latin:
            return _chosen("cp1256", f"{arabic:,} of {words:,} words beyond ASCII are Arabic script")
        if latin >= _CLEARLY * arabic:
            return _chosen("cp1252", f"{latin:,} of {words:,} words beyond ASCII are Latin script")
    message = "neither UTF-8 nor clearly Windows-1256 or Windows-1252"
    raise refusal(content.file, message, _GIVE, "unknown-encoding", fault)


def _chosen(codec: str, why: str) -> Encoding:
    return Encoding(codec, 0, (f"read as {_LABELS[codec]}: not UTF-8, and {why}",))


def _words(content: Content, fault: int) -> Iterator[bytes]:
    count, tail = 0, b""
    with content.opened() as stream:
        while piece := stream.read(_PIECE):
            if _UTF8_RUN.search(tail + piece):
                message = "some of it is UTF-8 and some is not"
                raise refusal(content.file, message, "bring its parts into one encoding", "mixed-encodings", fault)
            tail = piece[-8:]
            if count < _MOST_WORDS:
                found = _WORD.findall(piece)
                count += len(found)
                yield from found


def _script(word: bytes) -> str:
    """Say what script a word is in; empty where both encodings read it alike, or it is a lone sign."""
    as_arabic = word.decode("cp1256")
    as_latin = word.decode("cp1252", errors="replace")
    if as_arabic == as_latin:
        return "latin" if any(character.isalpha() for character in as_arabic if character > "\x7f") else ""
    letters = [character for character in as_arabic if character.isalpha()]
    if len(letters) >= 2 and all("\u0600" <= character <= "\u06ff" for character in as_arabic):
        return "arabic"
    if word.isascii() or "\ufffd" in as_latin:
        return "strange"
    plain = sum(character.isascii() and character.isalpha() for character in as_latin)
    high = sum(character.isalpha() and not character.isascii() for character in as_latin)
    if plain >= high:
        return "latin"
    return "strange" if len(word) > 2 else ""
