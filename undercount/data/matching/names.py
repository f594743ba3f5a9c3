"""Names of persons in one form, so far as writing alone makes them differ: Arabic letters, marks, articles, spaces.

There is no transliteration: of a name in Latin and in Arabic letters nothing is alike, and spellings in Latin letters
(Mohammed, Muhammad) are left to the distance of the texts.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

TATWEEL: Final = "\u0640"
_LETTERS: Final = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ي", "ى": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي",
    "ة": "ه", "ۀ": "ه", "ە": "ه", "ھ": "ه", "ک": "ك", "ڪ": "ك", "ء": None, TATWEEL: None,
})  # fmt: skip
"""Forms of one letter: alef with hamza or madda, hamza on its carriers, ya, ta marbuta, kaf of other keyboards."""
_ARTICLES: Final = frozenset({"al", "el", "ال"})
_JOINED: Final = frozenset(
    {"عبد", "ابو", "ابن", "ام", "abd", "abdul", "abdel", "abdal", "abu", "ibn", "bin", "um", "umm"}
)
"""Words that are written together with the next one, or apart."""
_SERVANT: Final = re.compile(r"^(?:abd[aeu]l|عبدال)(?=..)")
_MOST: Final = 200


def normalised(name: str) -> str:
    """Write a name in one form.

    Parameters
    ----------
    name : str
        In any script; of a very long one the beginning is kept.

    Returns
    -------
    str
        Words in small letters with one space between them: without marks, articles and punctuation, the forms of one
        Arabic letter as one, and names such as Abd al-Rahman as one word.

    Examples
    --------
    >>> normalised("  أَحْمَد   الحُسيـــن ") == normalised("احمد حسين")
    True
    >>> normalised("عبد الله إبراهيم") == normalised("عبدالله ابراهيم")
    True
    >>> normalised("Abd al-Rahman  EL-Hássan"), normalised("Abdulrahman Hassan")
    ('abdrahman hassan', 'abdrahman hassan')
    """
    # Letters that are joined to their marks in one code point are translated before these fall away.
    composed = unicodedata.normalize("NFKC", name[:_MOST]).casefold().translate(_LETTERS)
    bare = "".join(one for one in unicodedata.normalize("NFD", composed) if not unicodedata.combining(one))
    words = re.sub(r"[^\w]+|[_\d]+", " ", bare.translate(_LETTERS).replace("'", "").replace("’", "")).split()
    return " ".join(_words(words))


def _words(words: list[str]) -> list[str]:
    found: list[str] = []
    before = ""
    for word in words:
        if word in _ARTICLES:
            continue
        if word in _JOINED:
            before = "abd" if word.startswith("abd") else before + word
            continue
        found.append(_SERVANT.sub(_servant, before + _bare(word)))
        before = ""
    return [*found, before] if before else found


def _bare(word: str) -> str:
    """A word without the Arabic article, where enough is left of it."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _servant(found: re.Match[str]) -> str:
    return "abd" if found[0].startswith("abd") else "عبد"
