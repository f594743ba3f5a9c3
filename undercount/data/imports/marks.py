"""What marks between digits mean: thousands or decimals, as the whole column shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from undercount.data.imports.parsed import LONGEST

type Number = int | float
type Mark = Literal[".", ","]

_MARKED: Final = re.compile(r"[+-]?\d[\d.,٫٬'’ ]*")
_POWER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,٬'’ ]\d{3})+")
_DECIDABLE: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_MACHINE: Final = re.compile(r"[+-]?(?:\d+|0\d*\.\d+|\d{4,}\.\d+|\d+\.(?:\d{1,2}|\d{4,}))")
"""What programs write, and nobody can take for another number."""
_OPEN: Final = frozenset(".,")
_MOST_DIGITS: Final = 15
_ENOUGH: Final = 3
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


@dataclass(frozen=True, slots=True)
class Marks:
    """What marks between digits mean in one column.

    Attributes
    ----------
    decimals, thousands : frozenset of str
        Points and commas that stand before decimals, and between groups of three digits.
    notes : tuple of str
        What was decided.
    is_asked : bool
        Whether the user said so, so that numbers of another form are faults.
    """

    decimals: frozenset[str]
    thousands: frozenset[str]
    notes: tuple[str, ...]
    is_asked: bool = False

    @classmethod
    def of(cls, plain: Iterable[str], decimal: Mark | None) -> Marks:
        """Decide from the texts of a column, already plain, or by what the user says."""
        texts = [text.lstrip("+-") for text in plain if len(text) <= LONGEST and _MARKED.fullmatch(text)]
        if decimal is not None:
            other = "," if decimal == "." else "."
            return cls(
                frozenset(decimal), frozenset(other), (f"{decimal!r} stands before decimals, as asked",), is_asked=True
            )
        decimals, thousands, undecided = _shown(texts)
        if not undecided:
            both = ("some numbers have a decimal point, some a decimal comma",) if len(decimals) > 1 else ()
            return cls(frozenset(decimals), frozenset(thousands), both)
        if decimals & thousands or len(decimals) > 1 or len(thousands) > 1:
            return cls(frozenset(), frozenset(), ())
        if not decimals and not thousands:
            thousands = _by_habit(texts, undecided)
            why = "before three digits each time, and no number above 999 lacks it"
            notes = tuple(f"{mark!r} separates thousands ({why})" for mark in thousands)
            return cls(frozenset(), frozenset(thousands), notes)
        point = next(iter(decimals), None) or ("," if "." in thousands else ".")
        other = "," if point == "." else "."
        said = f"{point!r} stands before decimals and {other!r} separates thousands, as other cells of the column show"
        return cls(frozenset(point), frozenset(other), (said,))

    def number(self, text: str) -> Number | str | None:
        """Read one number; a text where it is none, which says why."""
        if len(text) > LONGEST:
            return "not a number"
        if _POWER.fullmatch(text) or (_MACHINE.fullmatch(text) and not self.is_asked):
            return _value(text)
        if not _MARKED.fullmatch(text) or text[-1] in " ":
            return _why_not(text)
        sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
        used = [character for character in digits if not character.isdigit()]
        if not used:
            return _value(sign + digits)
        if _DECIDABLE.fullmatch(digits):
            return self._decided(sign, digits, used[0])
        whole, mark, part = _split(digits)
        groups = set(used if mark is None else used[:-1])
        if self.is_asked and (groups & self.decimals or mark in self.thousands):
            return f"not a number with {next(iter(self.decimals))!r} before its decimals"
        if not (_GROUPED.fullmatch(whole) and len(groups) == 1) and not (mark and whole.isdigit()):
            return "not a number: its digits are not in threes"
        return _value(sign + re.sub(r"\D", "", whole) + (f".{part}" if mark else ""))

    def _decided(self, sign: str, digits: str, mark: str) -> Number | str | None:
        whole, part = digits.split(mark)
        if mark in self.decimals:
            return _value(f"{sign}{whole}.{part}")
        if mark in self.thousands:
            return _value(sign + whole + part)
        return f"{sign}{whole}{part} or {sign}{whole}.{part}: nothing in the column shows what {mark!r} means"


def is_one_text(text: str) -> bool:
    """Whether a text says nothing of a number but itself: it is one, a date, or too long for any."""
    return not 0 < len(text) <= LONGEST or any(form.fullmatch(text) for form in (_MARKED, _POWER, _DATE))


def _split(digits: str) -> tuple[str, str | None, str]:
    """Split at the decimal mark, if the form alone shows that there is one."""
    if _MACHINE.fullmatch(digits):
        whole, _, part = digits.partition(".")
        return whole, "." if part else None, part
    for mark in "٫,.":
        whole, found, part = digits.rpartition(mark)
        if not found or not part.isdigit() or mark in whole:
            continue
        others = [character for character in whole if not character.isdigit()]
        if mark == "٫" or others or not _GROUPED.fullmatch(digits):
            return whole, mark, part
    return digits, None, ""


def _shown(texts: Iterable[str]) -> tuple[set[str], set[str], list[str]]:
    """Find the points and commas whose meaning numbers show by their form, and the numbers that show nothing.

    Parameters
    ----------
    texts : iterable of str
        Numbers without their signs.

    Returns
    -------
    decimals, thousands : set of str
        Marks that some number has before decimals, or between groups of three digits.
    undecided : list of str
        Numbers such as "1.234".
    """
    decimals: set[str] = set()
    thousands: set[str] = set()
    undecided: list[str] = []
    for text in texts:
        if text.isdigit():
            continue
        if _DECIDABLE.fullmatch(text):
            undecided.append(text)
            continue
        whole, mark, _ = _split(text)
        if mark in _OPEN:
            decimals.add(mark)
        used = set(whole) & _OPEN
        if len(used) == 1 and _GROUPED.fullmatch(whole):
            thousands |= used
    return decimals, thousands, undecided


def _by_habit(texts: list[str], undecided: list[str]) -> set[str]:
    """A mark that always stands before three digits separates thousands if every small number has none."""
    marks = Counter(character for text in undecided for character in text if character in ".,")
    plain = [text for text in texts if text.isdigit()]
    habitual = plain and all(len(text) <= 3 for text in plain) and len(plain) + len(undecided) == len(texts)
    return set(marks) if habitual and len(marks) == 1 and len(set(undecided)) >= _ENOUGH else set()


def _value(text: str) -> Number | str:
    if len(text.lstrip("+-0")) > _MOST_DIGITS and text.lstrip("+-").isdigit():
        return f"a number of more than {_MOST_DIGITS} digits"
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return "not a finite number"
    return int(value) if value.is_integer() and abs(value) < 10**_MOST_DIGITS else value


def _why_not(text: str) -> str:
    if _DATE.fullmatch(text):
        return "a date where a number is expected: a spreadsheet makes dates of texts such as 5-7"
    if text.endswith("%"):
        return "a percentage, not a count"
    return "not a number"
