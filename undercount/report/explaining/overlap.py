"""`explain_lists`: the sentences of an estimate from overlapping lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from undercount.report.explaining.evidence import limits
from undercount.report.explaining.explanation import Explanation
from undercount.report.explaining.figures import Teller
from undercount.report.explaining.finding import undercount, warning
from undercount.report.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.report.explaining.explanation import Sentence

_BAYESIAN: Final = frozenset({"LatentClass", "DecomposableGraphs"})
_LONGEST: Final = 500


def explain_lists(content: Mapping[str, Any], language: str = "en") -> Explanation:
    """Explain the summary of an estimate from lists in prose.

    Parameters
    ----------
    content : mapping
        What `OverlapEstimate.summary` gives.
    language : {"en", "ar", "ckb"}

    Returns
    -------
    Explanation
        Every figure in it points to its place in `content`.
    """
    tell = Teller(content, words(language))
    told = (warning, _finding, _documented, _assumed, limits)
    return Explanation(language, tuple(sentence for part in told for sentence in part(tell)))


def _finding(tell: Teller) -> Iterator[Sentence]:
    w = tell.w
    yield tell.say("finding", w.parts(
        "{title}: the number of victims, on the lists or on none, is estimated at {median}, with an interval from "
        "{low} to {high}.",
        title=tell.name(tell.at("/title")), median=tell.count("/toll/median"), low=tell.count("/toll/interval/0"),
        high=tell.count("/toll/interval/1"),
    ))  # fmt: skip
    probability = tell.percent("/toll/ci_prob")
    if tell.at("/estimator") in _BAYESIAN:
        means = w.parts(
            "If what is assumed holds, the true number lies in that interval with a probability of {probability}.",
            probability=probability,
        )  # fmt: skip
    else:
        means = w.parts(
            "If what is assumed holds, intervals made in this way hold the true number in {probability} of all cases.",
            probability=probability,
        )  # fmt: skip
    yield tell.say("finding", means)
    yield tell.say("finding", w.parts("What is counted: {unit}.", unit=tell.name(tell.at("/unit"))))


def _documented(tell: Teller) -> Iterator[Sentence]:
    lists = tell.at("/evidence/lists")
    yield tell.say("documented", tell.w.several_parts(
        "{number} victims are on the only list.", "{number} victims are on at least one of the {count} lists.",
        lists, number=tell.count("/toll/documented"), count=tell.count("/evidence/lists"),
    ))  # fmt: skip
    yield undercount(tell)


def _assumed(tell: Teller) -> Iterator[Sentence]:
    """What must be true of the lists, and what is known to stand against it."""
    w = tell.w
    yield tell.say("dependence", w.parts(
        "The figure is right only if this holds: {assumption}",
        assumption=tell.name(tell.at("/assumption"), _LONGEST),
    ))  # fmt: skip
    for caveat in tell.at("/caveats"):
        yield tell.say("dependence", w.parts("To be kept in mind: {caveat}", caveat=tell.name(caveat, _LONGEST)))
