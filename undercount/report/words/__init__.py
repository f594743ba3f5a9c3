"""The languages that a report speaks: messages in catalogues, numbers and dates as each language writes them.

A message stands in the code in English, which is its name in the catalogues. So that
`python -m undercount.report.words.update` finds it, it is written out, as one text without f-strings, in a call of
one of these names, whatever object they belong to:

| in Python | in a template | for |
|---|---|---|
| `w("Deaths per {unit}", unit=...)` | `w("...", unit=...)` | a message, with values put in after translation |
| `w.several("{count} report", "{count} reports", n)` | `several("...", "...", n)` | one that depends on a number |
| `w.parts(...)`, `w.several_parts(...)` | | the same, as parts: see `Words.parts` |
| `w.in_context("or", ", ")` | | a short message that other languages say differently from place to place |
| `message("recorder")` | | a text that is kept in English and given to `w(...)` later, as a plain variable: in
`w(row["kind"])` the word `kind` would be taken for a message |

A template gets both names as globals: `w` is a `Words`, `several` its method.
"""

from undercount.report.words.catalogue import LANGUAGES
from undercount.report.words.messages import message
from undercount.report.words.words import Words, words

__all__ = ["LANGUAGES", "Words", "message", "words"]
