"""Where the header of a table is, and what its columns are called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undercount.data.imports import limits
from undercount.data.imports.limits import refusal
from undercount.data.problems import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEN: Final = 200
"""Rows at the beginning of a table by which its header is found."""

type Cells = tuple[str | None, ...]

_MOST_HEADER_ROWS: Final = 3
_MOSTLY: Final = 0.6
_FIGURE: Final = re.compile(r"\s*[-+(]?\d[\d\s.,:/٬٫%-]*(T[\d:.]+Z?)?\)?\s*")
_DATUM: Final = re.compile(r"\s*[-+]?\d+([.,٫]\d+)*\s*|\s*\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?\s*")
_YEAR: Final = re.compile(r"\s*(1[89]|20)\d{2}\s*")
_NOTHING: Final = frozenset({"", "-", "–", "—", "na", "n/a", "nan", "none", "null", "unknown", "?"})
_TAG: Final = re.compile(r"\s*#[a-z][a-z0-9_]*(\s*\+\s*[a-z0-9_]+)*\s*", re.IGNORECASE)

# Marks of direction, of byte order and soft hyphens change no name; joiners do, in Persian.
_UNSEEN: Final = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table.

    Attributes
    ----------
    first, last : int
        Positions of its first and last row among those that were looked at.
    data : int
        Position of the first row of data.
    columns : tuple of str
        Names, cleaned and unique.
    unnamed : tuple of int
        Positions of those that had no name.
    """

    first: int
    last: int
    data: int
    columns: tuple[str, ...]
    unnamed: tuple[int, ...]

    def notes(self, rows: Sequence[int]) -> tuple[str, ...]:
        """Tell what was decided.

        Parameters
        ----------
        rows : sequence of int
            The row or line in the file of each row that was looked at.

        Returns
        -------
        tuple of str
            Empty where the header is the first row.
        """
        found = []
        if self.first:
            rest = "rows above the header were skipped" if self.first > 1 else "row above the header was skipped"
            found.append(f"{self.first:,} {rest}")
        numbers = [f"{rows[place]:,}" for place in range(self.first, self.last + 1)]
        if len(numbers) > 1:
            found.append(f"the header is in rows {', '.join(numbers[:-1])} and {numbers[-1]}")
        elif numbers != ["1"]:
            found.append(f"the header is in row {numbers[0]}")
        if self.data > self.last + 1:
            found.append(f"row {rows[self.last + 1]:,} holds tags (HXL) and is no data")
        return tuple(found)


def find_header(
    file: str, rows: Sequence[Cells], numbers: Sequence[int], merged: frozenset[int] = frozenset()
) -> Header:
    """Find the header of a table.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    rows : sequence of tuple of str or None
        The first rows of the table, `SEEN` of them or all.
    numbers : sequence of int
        The row or line in the file of each.
    merged : frozenset of int
        Positions of rows in which cells are merged across columns, but not across all.

    Returns
    -------
    Header
        Rows above it are titles; a header of several rows has its names joined with `` / ``.

    Raises
    ------
    EvidenceError
        If no row can be a header, or columns have the same name or too long a one.
    """
    filled = [_filled(row) for row in rows]
    most = max(filled, default=0)
    if most == 0:
        raise refusal(file, "every cell is empty", "export it again", "empty-file")
    first = last = next(place for place, count in enumerate(filled) if count >= min(most, max(2, _MOSTLY * most)))
    while last + 1 < len(rows) and last - first + 1 < _MOST_HEADER_ROWS and _is_group(rows, last):
        last += 1
    while first > 0 and last - first + 1 < _MOST_HEADER_ROWS and _is_above(rows, first, merged):
        first -= 1
    named = _joined(rows[first : last + 1])
    if not any(any(map(str.isalpha, name)) for name in named):
        hint = "write a row above the data that names the columns"
        raise refusal(file, "no row names the columns", hint, "no-header", numbers[first])
    # A header of years is common; any other figure is one of data, whose header is missing.
    figures = [cell for row in rows[first : last + 1] for cell in row if cell and _DATUM.fullmatch(cell)]
    if any(not _YEAR.fullmatch(cell) for cell in figures):
        hint = "write a row above the data that names the columns, each with a letter in it"
        raise refusal(file, "the row that should name the columns holds figures", hint, "no-header", numbers[last])
    columns, unnamed = _called(named)
    check_names(file, columns, numbers[last])
    data = last + 1
    if data < len(rows) and _filled(rows[data]) and all(_TAG.fullmatch(cell) for cell in rows[data] if cell):
        data += 1
    return Header(first, last, data, columns, unnamed)


def cleaned(name: str) -> str:
    """Bring the name of a column into one line and one form (NFC), without invisible marks."""
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", name)).split())


def is_figure(text: str) -> bool:
    """Whether a cell holds a number, a date or that there is none, as data do and names of columns do not."""
    return text.strip().casefold() in _NOTHING or _FIGURE.fullmatch(text) is not None


def _filled(row: Cells) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())


def _cell(row: Cells, place: int) -> str:
    return (row[place] or "").strip() if place < len(row) else ""


def _is_group(rows: Sequence[Cells], place: int) -> bool:
    """Whether the row below names the columns that this one leaves empty, or groups."""
    upper, lower = rows[place], rows[place + 1]
    width = max(len(upper), len(lower))
    gaps = [column for column in range(1, width) if not _cell(upper, column) and _cell(lower, column)]
    if not any(any(_cell(upper, before) for before in range(column)) for column in gaps):
        return False
    return _is_named(upper, lower, width) and _is_above_figures(rows, place + 1)


def _is_above(rows: Sequence[Cells], place: int, merged: frozenset[int]) -> bool:
    """Whether the row above groups the columns: cells are merged there, or the names below repeat."""
    upper, lower = rows[place - 1], rows[place]
    if _filled(upper) == 0 or not _is_named(upper, lower, max(len(upper), len(lower))):
        return False
    names = [cell.strip() for cell in lower if cell and cell.strip()]
    return place - 1 in merged or (len(set(names)) < len(names) and _filled(upper) > 1)


def _is_named(upper: Cells, lower: Cells, width: int) -> bool:
    """Whether two rows together name every column, without a figure in the lower one, each in its own way."""
    texts = [_cell(lower, column) for column in range(width)]
    if any(text and is_figure(text) for text in texts):
        return False
    if not all(text or _cell(upper, column) for column, text in enumerate(texts)):
        return False
    joined = _joined([upper, lower])
    return len(set(joined)) == len(joined)


def _is_above_figures(rows: Sequence[Cells], place: int) -> bool:
    """Whether below a row of words a column holds figures only."""
    lower, below = rows[place], rows[place + 1 : place + 51]
    for column in range(len(lower)):
        held = [text for row in below if (text := _cell(row, column))]
        if _cell(lower, column) and held and all(map(is_figure, held)):
            return True
    return False


def _joined(rows: Sequence[Cells]) -> list[str]:
    width = max(map(len, rows))
    names = []
    groups = [""] * len(rows)
    for column in range(width):
        parts: list[str] = []
        lowest = len(rows) - 1
        for level, row in enumerate(rows):
            own = cleaned(row[column] or "") if column < len(row) else ""
            if own:
                groups[level:] = [own, *[""] * (lowest - level)]
            # A name in the lowest row stands for its own column only.
            text = own if level == lowest else groups[level]
            if text and text not in parts[-1:]:
                parts.append(text)
        names.append(" / ".join(parts))
    return names


def _called(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    unnamed = tuple(place for place, name in enumerate(names) if not name)
    return tuple(name or f"(column {place + 1})" for place, name in enumerate(names)), unnamed


def check_names(file: str, columns: Sequence[str], row: int) -> None:
    """Refuse too many columns, too long a name, and one that stands twice."""
    if len(columns) > limits.MOST_COLUMNS:
        message = f"more than {limits.MOST_COLUMNS:,} columns"
        raise refusal(file, message, "leave out columns that are not needed", "too-many-columns", row)
    if any(len(name) > limits.LONGEST_NAME for name in columns):
        message = f"the name of a column is longer than {limits.LONGEST_NAME} characters"
        raise refusal(file, message, "see whether the first row is a header", "no-header", row)
    repeated = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if repeated:
        listed = ", ".join(map(plain, repeated[:5]))
        message = f"several columns have the same name: {listed}{', …' if len(repeated) > 5 else ''}"
        raise refusal(file, message, "give each column its own name", "duplicate-columns", row)
