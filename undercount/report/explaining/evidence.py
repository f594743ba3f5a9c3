"""Which reports the figure stands on and which it does not, and what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.report.explaining.explanation import Sentence
    from undercount.report.explaining.figures import Teller


def evidence(tell: Teller) -> Iterator[Sentence]:
    """How many reports there are, how many enter, and why the others do not."""
    w, known = tell.w, tell.at("/evidence")
    yield tell.say("evidence", w.several_parts(
        "The evidence holds {count} report.", "The evidence holds {count} reports.",
        known["reports"], count=tell.count("/evidence/reports"),
    ))  # fmt: skip
    yield tell.say("evidence", _entering(tell))
    if unused := known["left_out"]["not_used"]:
        yield tell.say("evidence", w.several_parts(
            "{count} is not used; its row says why.", "{count} are not used; the row of each says why.",
            unused, count=tell.count("/evidence/left_out/not_used"),
        ))  # fmt: skip
    if idle := known["left_out"]["adds_nothing"]:
        yield tell.say("evidence", w.several_parts(
            "{count} adds nothing: it repeats another, or a later figure of the same source stands for it.",
            "{count} add nothing: they repeat others, or later figures of the same source stand for them.",
            idle, count=tell.count("/evidence/left_out/adds_nothing"),
        ))  # fmt: skip


def _entering(tell: Teller) -> tuple[Any, ...]:
    w, known = tell.w, tell.at("/evidence")
    sources = w.several_parts(
        "{count} source", "{count} sources", known["sources"], count=tell.count("/evidence/sources")
    )
    if known["in_likelihood"] == known["reports"]:
        return w.several_parts(
            "It enters the estimate, from {sources}.", "All of them enter the estimate, from {sources}.",
            known["reports"], sources=sources,
        )  # fmt: skip
    return w.several_parts(
        "{count} of them enters the estimate, from {sources}.", "{count} of them enter the estimate, from {sources}.",
        known["in_likelihood"], count=tell.count("/evidence/in_likelihood"), sources=sources,
    )  # fmt: skip


def limits(tell: Teller) -> Iterator[Sentence]:
    """Say what the figure is not."""
    w = tell.w
    yield tell.say("limits", w.parts("This is an estimate of a number, and not a list of names."))
    yield tell.say("limits", w.parts("It says nothing of other victims, other harm, other places or other days."))
