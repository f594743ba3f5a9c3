"""Numbers, intervals and names as a reader sees them, on any screen."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS: Final = {"eti": "equal-tailed", "hdi": "highest-density"}
_JOINERS: Final = "\u200c\u200d"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LONGEST: Final = 120


def count(value: float) -> str:
    """Write a number of people: whole, with thousands separators.

    Examples
    --------
    >>> count(12345.6)
    '12,346'
    """
    return f"{value:,.0f}" if math.isfinite(value) else "not known"


def rate(value: float) -> str:
    """Write a ratio with two significant digits.

    Examples
    --------
    >>> rate(0.4249), rate(12.3), rate(0.00004)
    ('0.42', '12', 'below 0.001')
    """
    if not math.isfinite(value):
        return "not known"
    if 0 < value < 0.001:
        return "below 0.001"
    if value >= 100:
        return f"{float(f'{value:.2g}'):,.0f}"
    return f"{value:#.2g}".rstrip(".")


def between(low: float, high: float, number: Callable[[float], str] = count) -> str:
    """Write an interval.

    Examples
    --------
    >>> between(4900, 21300)
    '4,900 to 21,300'
    """
    return f"{number(low)} to {number(high)}"


def interval_name(ci_prob: float, ci_kind: str) -> str:
    """Name the kind of an interval.

    Examples
    --------
    >>> interval_name(0.95, "eti")
    '95 % (equal-tailed)'
    """
    return f"{100 * ci_prob:g} % ({_KINDS.get(ci_kind, ci_kind)})"


def allowed(low: float, high: float) -> str:
    """Write the counts that a report allows.

    Examples
    --------
    >>> allowed(3706, 5805), allowed(140, 140), allowed(121, float("inf")), allowed(0, 150)
    ('3,706–5,805', '140', '121 or more', 'up to 150')
    """
    if math.isinf(high):
        return f"{count(low)} or more"
    if low == high:
        return count(low)
    return f"{count(low)}–{count(high)}" if low else f"up to {count(high)}"


def visible(text: str, longest: int = LONGEST) -> str:
    r"""Show a text that the evidence brought along: on one line, cut, and with nothing that hides or reorders.

    Parameters
    ----------
    text : str
        Anything.
    longest : int
        Characters kept.

    Examples
    --------
    >>> visible("a\u202eb\nc")
    'a\\u202eb c'
    """
    flat = " ".join(text[: 8 * longest].split())
    # Printable text, which nearly all is, hides nothing: a test at the speed of C.
    shown = flat if flat.isprintable() else "".join(_shown(character) for character in flat)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _shown(character: str) -> str:
    if unicodedata.category(character) in _HIDDEN and character not in _JOINERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def listed(names: list[str]) -> str:
    """Join names in a sentence.

    Examples
    --------
    >>> listed(["A", "B", "C"])
    'A, B and C'
    >>> listed(["A, of B", "C", "D"])
    'A, of B; C and D'
    """
    mark = "; " if any("," in name for name in names) else ", "
    return " and ".join([mark.join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
