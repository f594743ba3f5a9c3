"""Which character separates the columns of a text: the one that gives a table."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from typing import Final, NamedTuple

from undercount.data.imports.limits import LONGEST_NAME, refusal
from undercount.data.problems import shown

KNOWN: Final = (",", ";", "\t", "|")
NAMES: Final = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'"}
ONE_COLUMN: Final = "\x1f"
_MOST_RECORDS: Final = 500
_TRIED: Final = ("^", "~", ":", "\x01", "\x1f", "!", "  ")
_OFTEN: Final = 0.8
_SELDOM: Final = 0.3


def separator(file: str, sample: str, asked: str | None) -> str:
    """Decide by what the columns are separated.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    sample : str
        The beginning of the text, in whole lines.
    asked : str or None
        The character that the user named, if any.

    Returns
    -------
    str
        One character; `ONE_COLUMN`, which stands in no text, where nothing separates.

    Raises
    ------
    EvidenceError
        If the character asked for is none, or does not separate while another does; or none that is known does.
    """
    found = {character: _evidence(sample, character) for character in KNOWN}
    best = max(KNOWN, key=lambda character: found[character].score)
    if asked is not None:
        if len(asked) != 1 or asked in '"\r\n':
            hint = "name one character, such as ';'"
            raise refusal(file, f"{shown(asked)} is no separator", hint, "wrong-separator")
        if best != asked and found[best].share >= _OFTEN and not _evidence(sample, asked).score:
            message = f"columns are separated by {NAMES[best]}, not by {shown(asked)}"
            raise refusal(file, message, f"leave it out, or name {NAMES[best]}", "wrong-separator")
        return asked
    if found[best].score > 0:
        return best
    unknown = next((character for character in _TRIED if _splits(sample, character)), None)
    if unknown is not None:
        message = f"no separator that is known, such as ',' or ';'; most lines hold {shown(unknown)}"
        hint = "name it with delimiter= (--delimiter) if it is a table, or export it as csv"
        raise refusal(file, message, hint, "unknown-separator")
    return ONE_COLUMN


class _Evidence(NamedTuple):
    """How much of a table a separator gives: a score, and the share of records that have its width."""

    score: float
    share: float


def _evidence(sample: str, character: str) -> _Evidence:
    """Look for records of one width below a header of names; a score of 0 is one column."""
    rows = _rows(sample, character)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if sum(widths.values()) < _SELDOM * len(rows) or not widths:
        return _Evidence(0.0, 0.0)
    width, count = max(widths.items(), key=lambda item: (item[1] * math.log(item[0]), item[0]))
    header = next(row for row in rows if len(row) == width)
    names = sum(_is_name(cell, character) for cell in header) / width
    share = count / len(rows)
    return _Evidence(share**2 * names**2 * math.log(width), share)


def _rows(sample: str, character: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=character):
            if row and any(row):
                rows.append(row)
            if len(rows) >= _MOST_RECORDS:
                break
    except csv.Error:
        pass
    return rows


def _is_name(cell: str, character: str) -> bool:
    others = any(other in cell for other in KNOWN if other not in {character, ","})
    return not others and len(cell) <= LONGEST_NAME and (not cell or any(map(str.isalpha, cell)))


def _splits(sample: str, character: str) -> bool:
    lines = [line for line in re.split(r"[\r\n]+", sample)[:_MOST_RECORDS] if line.strip()]
    holding = sum(character in line.strip() for line in lines)
    return len(lines) > 1 and holding >= _OFTEN * len(lines)
