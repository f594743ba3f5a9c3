"""Columns of texts read once for each different text: a million cells hold few of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from undercount.data.imports.pools import one_pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

NOTHING: Final = frozenset(
    name.replace("_", " ")
    for name in (
        "- – — -- . .. ... … ? n/a n.a. na nan nd n.d. nil none null unknown not_known not_available no_data"
        " غير_معروف غير_معروفة غير_متوفر غير_محدد مجهول لا_يوجد نەزانراو"
    ).split()
)
"""What stands in a cell of which nothing is known."""

LONGEST: Final = 100
"""Characters of a number or a date; a longer text is none, and is not looked at."""

_DIGITS: Final = {
    ord(digit): str(value) for zero in "٠۰" for value, digit in enumerate(map(chr, range(ord(zero), ord(zero) + 10)))
}
_SPACES: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t\n\r"), " ")
_UNSEEN: Final = dict.fromkeys(
    [0xAD, 0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
_PLAIN: Final = _DIGITS | _SPACES | _UNSEEN | {ord("−"): "-", ord("‐"): "-", ord("‑"): "-"}
_ORDINARY: Final = re.compile("[!-~]+")
_CLEAN: Final = "^[!-~]([ -~]*[!-~])?$"
"""A text that nothing has to be done to: ASCII, without spaces at its ends."""
_MOST_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the cells of a column mean.

    Attributes
    ----------
    values : pyarrow.Array, one value for each cell
        Null where the cell is empty, says that nothing is known, or cannot be read.
    faults : mapping of str to str
        Each different text that cannot be read, as printed, and why.
    notes : tuple of str
        What was decided.
    """

    values: pa.Array
    faults: Mapping[str, str]
    notes: tuple[str, ...]


class Distinct(NamedTuple):
    """The different texts of a column.

    Attributes
    ----------
    texts : list of str
        As printed, in the order of their first cells.
    counts : list of int
        How many cells hold each.
    places : pyarrow.Int32Array, one value for each cell
        Which text it holds; null where it is empty.
    """

    texts: list[str]
    counts: list[int]
    places: pa.Array

    @property
    def empty(self) -> int:
        """How many cells are empty."""
        return int(self.places.null_count)

    def spread(self, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        """Give each cell the value of its text."""
        import pyarrow as pa

        return pa.array(values, kind).take(self.places)

    def cells(self, chosen: Iterable[int]) -> int:
        """Count the cells that hold one of some texts, given by their places."""
        return sum(self.counts[place] for place in chosen)


def distinct(column: pa.ChunkedArray | pa.Array) -> Distinct:
    """Find the different texts of a column of strings."""
    import pyarrow as pa
    import pyarrow.compute as pc

    counted = pc.value_counts(column)
    texts, counts = counted.field("values"), counted.field("counts")
    known = texts.is_valid()
    texts, counts = texts.filter(known), counts.filter(known)
    places = pc.index_in(column, value_set=texts)
    if isinstance(places, pa.ChunkedArray):
        places = places.combine_chunks()
    return Distinct(texts.to_pylist(), counts.to_pylist(), places)


def plainly(text: str) -> str:
    """Write a text with the digits 0 to 9, single spaces, plain hyphens, and without invisible marks."""
    return text if _ORDINARY.fullmatch(text) else " ".join(text.translate(_PLAIN).split())


def is_nothing(text: str) -> bool:
    """Whether a text, already plain, says that nothing is known, or is empty."""
    return not text or text.casefold() in NOTHING


def nothing_note(found: Distinct, nothing: Sequence[int]) -> tuple[str, ...]:
    """Tell how many cells are empty or say that nothing is known, and in which words."""
    cells = found.empty + found.cells(nothing)
    if cells == 0:
        return ()
    words = [repr(found.texts[place].strip()) for place in nothing if found.texts[place].strip()]
    said = f" or say that nothing is known ({_some(words)})" if words else ""
    return (f"{counted(cells, 'cell is', 'cells are')} empty{said}",)


def counted(count: int, one: str, several: str) -> str:
    """Put a number before a word in its right form."""
    return f"{count:,} {one if count == 1 else several}"


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:_MOST_SHOWN]) + (", …" if len(words) > _MOST_SHOWN else "")


_YES: Final = frozenset("yes y true t 1 x ✓ ✔ نعم بلى بەڵێ".split())
_NO: Final = frozenset("no n false f 0 لا كلا نەخێر".split())


def flags(column: pa.ChunkedArray | pa.Array) -> Parsed:
    """Read yes and no, in the words that exports have for them.

    Parameters
    ----------
    column : pyarrow array of strings
        The cells.

    Returns
    -------
    Parsed
        Values are booleans.
    """
    import pyarrow as pa

    found = distinct(column)
    values: list[bool | None] = []
    faults: dict[str, str] = {}
    nothing = []
    for place, text in enumerate(found.texts):
        word = plainly(text).casefold()
        values.append(True if word in _YES else False if word in _NO else None)
        if is_nothing(word):
            nothing.append(place)
        elif values[-1] is None:
            faults[text] = "neither yes nor no"
    return Parsed(found.spread(values, pa.bool_()), faults, nothing_note(found, nothing))


def texts(column: pa.ChunkedArray | pa.Array) -> Parsed:
    """Clean texts: one form of each character (NFC), no marks of direction, no spaces at the ends.

    Parameters
    ----------
    column : pyarrow array of strings
        The cells.

    Returns
    -------
    Parsed
        Values are strings, null where a cell is empty; there are no faults, and "unknown" is a text.
    """
    import pyarrow as pa

    values = cleaned(column)
    empty = values.null_count
    notes = (f"{counted(empty, 'cell is', 'cells are')} empty",) if empty else ()
    return Parsed(values.cast(pa.string()), {}, notes)


def cleaned(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """Clean texts as `texts` does, each different one once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = one_pool(column)
    is_odd = pc.invert(pc.match_substring_regex(found.dictionary, _CLEAN))
    odd = found.dictionary.filter(is_odd).to_pylist()
    if not odd:
        return found
    mended = [unicodedata.normalize("NFC", text.translate(_UNSEEN)).strip() or None for text in odd]
    whole = pc.replace_with_mask(found.dictionary, is_odd, pa.array(mended, pa.string())).dictionary_encode()
    return pa.DictionaryArray.from_arrays(whole.indices.take(found.indices), whole.dictionary)
