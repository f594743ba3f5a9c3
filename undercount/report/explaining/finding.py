"""Whether the figure may be quoted, what it is, what it covers and how it stands to what was documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.report.explaining.explanation import Name, Sentence
    from undercount.report.explaining.figures import Teller


def warning(tell: Teller) -> Iterator[Sentence]:
    """Not to quote it, and which gates failed."""
    w, gates = tell.w, tell.at("/gates")
    if gates["passed"]:
        return
    yield tell.say("warning", w.several_parts(
        "Do not quote these figures: {count} check of the computation failed.",
        "Do not quote these figures: {count} checks of the computation failed.",
        gates["failed"], count=tell.count("/gates/failed"),
    ))  # fmt: skip
    failed = [_check(tell, i, check["name"]) for i, check in enumerate(gates["checks"]) if not check["passed"]]
    yield tell.say("warning", w.parts("Failed: {checks}.", checks=w.listed_parts(failed)))


def _check(tell: Teller, place: int, name: str) -> tuple[Any, ...]:
    return tell.w.parts(
        "{name} ({value}, where {limit} is asked)",
        name=tell.w(name),
        value=tell.number(f"/gates/checks/{place}/value"),
        limit=tell.rule(f"/gates/checks/{place}/limit"),
    )


def finding(tell: Teller) -> Iterator[Sentence]:
    """The figure, what its interval means and what it covers."""
    w, (first, last) = tell.w, tell.at("/estimand/window")
    subject = tell.name(tell.at("/estimand/subject"))
    areas = w.listed_parts([tell.name(row["name"]) for row in tell.at("/by/area")])
    actors = w.either_parts([tell.name(row["name"]) for row in tell.at("/by/actor")])
    yield tell.say("finding", _number(tell, subject, areas, is_day=first == last))
    yield tell.say("finding", w.parts(
        "If the model holds, the true number lies in that interval with a probability of {probability}, and is as "
        "likely to lie below the middle value as above it.",
        probability=tell.percent("/toll/ci_prob"),
    ))  # fmt: skip
    yield tell.say("finding", w.parts(
        "It covers {subject} by {actors}, in {areas} and nowhere else.",
        subject=subject, actors=actors, areas=areas,
    ))  # fmt: skip
    if first != last:
        yield tell.say("finding", w.parts("The first and the last day are included."))
    if tell.at("/estimand/as_of") is not None:
        yield tell.say("finding", w.parts(
            "Only what was published by {day} is taken into account.", day=tell.day("/estimand/as_of")
        ))  # fmt: skip


def _number(tell: Teller, subject: Name, areas: tuple[Any, ...], *, is_day: bool) -> tuple[Any, ...]:
    figures = {
        "low": tell.count("/toll/interval/0"), "high": tell.count("/toll/interval/1"),
        "median": tell.count("/toll/median"), "start": tell.day("/estimand/window/0"),
    }  # fmt: skip
    if is_day:
        return tell.w.parts(
            "The number of {subject} in {areas} on {start} is estimated at {low} to {high}, with {median} as the "
            "middle value.",
            subject=subject, areas=areas, **figures,
        )  # fmt: skip
    return tell.w.parts(
        "The number of {subject} in {areas} from {start} to {end} is estimated at {low} to {high}, with {median} as "
        "the middle value.",
        subject=subject, areas=areas, end=tell.day("/estimand/window/1"), **figures,
    )  # fmt: skip


def documented(tell: Teller) -> Iterator[Sentence]:
    """What was documented, and the undercount."""
    w, toll = tell.w, tell.at("/toll")
    if not toll["documented"]:
        yield tell.say("documented", w.parts(
            "No recorder documented a count that lies within this, so that the undercount is the whole toll."
        ))  # fmt: skip
        return
    number, source = tell.count("/toll/documented"), toll["documented_by"]
    if source["source"] is None:
        parts = w.parts("The matched lists together hold {number} of them.", number=number)
    else:
        parts = w.parts(
            "The most that one recorder documented within this is {number}, by {recorder}.",
            number=number, recorder=tell.name(source["name"]),
        )  # fmt: skip
    yield tell.say("documented", parts)
    yield undercount(tell)
    yield tell.say("documented", w.parts(
        "The probability that the toll is larger than what was documented is {probability}.",
        probability=tell.percent("/toll/undercount/probability"),
    ))  # fmt: skip
    if toll["undercount"]["interval"][0] < 0:
        yield tell.say("documented", w.parts(
            "Below zero it is an overcount: a recorder may count a death twice, or one that this figure does not cover."
        ))  # fmt: skip


def undercount(tell: Teller) -> Sentence:
    """The undercount and its interval."""
    return tell.say("documented", tell.w.parts(
        "The undercount, which is the toll less what was documented, is estimated at {low} to {high}, with {median} as "
        "the middle value.",
        low=tell.count("/toll/undercount/interval/0"), high=tell.count("/toll/undercount/interval/1"),
        median=tell.count("/toll/undercount/median"),
    ))  # fmt: skip
