"""Where the records of a text start, found without reading their cells: quotes and line ends are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np

from undercount.data.imports import limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Places = NDArray[np.int64]

_PIECE: Final = 4 * 2**20
_QUOTE, _LINE_FEED, _RETURN = b'"\n\r'
_MOST_LOOKED_AHEAD: Final = 1024


class Survey(NamedTuple):
    """The records of a text.

    Attributes
    ----------
    lines : array of int64
        The line on which each record starts; an empty line is a record.
    empty : array of bool
        Whether the record is an empty line.
    within : bool
        Whether a cell holds a line end.
    """

    lines: Places
    empty: NDArray[np.bool_]
    within: bool


class _Irregular(Exception):  # noqa: N818 - never leaves this module
    """A quote or line end that only a reader of cells can judge."""


def survey(stream: BinaryIO, separator: str, line: int) -> Survey | None:
    """Find the records of a well-formed text.

    Parameters
    ----------
    stream : binary stream
        UTF-8, at the start of a record.
    separator : str
        What separates the cells.
    line : int
        The line at which the stream stands.

    Returns
    -------
    Survey or None
        None where quotes stand elsewhere than around whole cells, lines end with CR alone, or a record is very long.
    """
    surveyor = _Surveyor(ord(separator), line)
    try:
        while piece := _piece(stream):
            surveyor.look(np.frombuffer(piece, dtype=np.uint8))
        return surveyor.ended()
    except _Irregular:
        return None


def _piece(stream: BinaryIO) -> bytes:
    piece = stream.read(_PIECE)
    # What follows a quote or CR decides what it means.
    for _ in range(_MOST_LOOKED_AHEAD):
        if piece[-1:] not in {b'"', b"\r"}:
            return piece
        after = stream.read(1)
        if not after:
            return piece
        piece += after
    raise _Irregular


class _Surveyor:
    def __init__(self, separator: int, line: int) -> None:
        self._separator = separator
        self._line = line
        self._odd = 0
        self._before = _LINE_FEED
        self._length = 0
        self._within = False
        self._lines: list[Places] = [np.array([line], dtype=np.int64)]
        self._empty: list[NDArray[np.bool_]] = []

    def look(self, piece: NDArray[np.uint8]) -> None:
        quotes = np.flatnonzero(piece == _QUOTE)
        self._check(piece, quotes)
        feeds = np.flatnonzero(piece == _LINE_FEED)
        inside = (np.searchsorted(quotes, feeds) + self._odd) % 2 == 1
        ends = feeds[~inside]
        self._within |= bool(inside.any())
        self._lines.append(self._line + 1 + np.flatnonzero(~inside))
        self._measure(piece, ends)
        self._line += len(feeds)
        self._odd = (self._odd + len(quotes)) % 2
        self._before = int(piece[-1])

    def _measure(self, piece: NDArray[np.uint8], ends: Places) -> None:
        if len(ends):
            lengths = np.diff(ends, prepend=-1) - 1
            lengths[0] += self._length
            if lengths.max() > limits.LONGEST_LINE:
                raise _Irregular
            returned = piece[np.maximum(ends - 1, 0)] == _RETURN
            self._empty.append(lengths == returned)
            self._length = len(piece) - 1 - int(ends[-1])
        else:
            self._length += len(piece)
        if self._length > limits.LONGEST_LINE:
            raise _Irregular

    def _check(self, piece: NDArray[np.uint8], quotes: Places) -> None:
        following = np.append(piece[1:], np.uint8(_LINE_FEED))
        preceding = np.concatenate([np.array([self._before], dtype=np.uint8), piece[:-1]])
        if (following[piece == _RETURN] != _LINE_FEED).any() or piece[-1] == _RETURN:
            raise _Irregular
        opens = (np.arange(len(quotes)) + self._odd) % 2 == 0
        allowed = np.array([self._separator, _LINE_FEED, _QUOTE], dtype=np.uint8)
        closed = np.append(allowed, np.uint8(_RETURN))
        if not np.isin(preceding[quotes[opens]], allowed).all() or not np.isin(following[quotes[~opens]], closed).all():
            raise _Irregular

    def ended(self) -> Survey:
        if self._odd:
            raise _Irregular
        lines = np.concatenate(self._lines)
        empty = np.concatenate([*self._empty, np.array([False])])
        # The last line end ends the last record; there is another only if something follows.
        whole = len(lines) - (self._length == 0)
        return Survey(lines[:whole], empty[:whole], self._within)
