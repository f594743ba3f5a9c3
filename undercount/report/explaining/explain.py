"""`explain`: the sentences of a summary in the order of a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undercount.report.explaining.dependence import dependence
from undercount.report.explaining.evidence import evidence, limits
from undercount.report.explaining.explanation import Explanation
from undercount.report.explaining.figures import Teller
from undercount.report.explaining.finding import documented, finding, warning
from undercount.report.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOLD = (warning, finding, documented, dependence, evidence, limits)


def explain(content: Mapping[str, Any], language: str = "en") -> Explanation:
    """Explain a summary in prose.

    Parameters
    ----------
    content : mapping
        What `Estimate.summary` gives, or what `summary.json` holds.
    language : {"en", "ar", "ckb"}

    Returns
    -------
    Explanation
        Every figure in it points to its place in `content`.

    Raises
    ------
    RunError
        If the language is another one.
    """
    tell = Teller(content, words(language))
    return Explanation(language, tuple(sentence for told in _TOLD for sentence in told(tell)))
