"""What the figure mainly depends on: reporting rates, and, where it was looked at, sources, priors and vintages."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan, log
from typing import TYPE_CHECKING, Any, Final

from undercount.report.words import message

if TYPE_CHECKING:
    from undercount.report.explaining.explanation import Sentence
    from undercount.report.explaining.figures import Teller

_MOST_NAMED: Final = 3
LISTS: Final = message("matched lists")
"""What a row without a source is called."""


def dependence(tell: Teller) -> Iterator[Sentence]:
    """Name what the figure depends on, as far as the summary knows it."""
    if rates := tell.at("/reporting_rates"):
        yield tell.say("dependence", _assumed(tell))
        yield tell.say("dependence", _narrowed(tell, rates))
        yield from _lever(tell, rates)
    if "sensitivity" in tell.content:
        yield from _left_out(tell)
        yield from _judged(tell)
    if "vintages" in tell.content:
        yield from _grown(tell)


def _assumed(tell: Teller) -> tuple[Any, ...]:
    """What the level of the figure rests on."""
    if tell.content["configuration"].get("lists"):
        return tell.w.parts(
            "What several sources saw alike says what share of the deaths they report; the figure rests less on what "
            "is assumed of these shares, the reporting rates, before any count is seen."
        )
    return tell.w.parts(
        "Counts alone cannot say what share of the deaths a source reports: the level of the figure rests on what "
        "is assumed of these shares, the reporting rates, before any count is seen."
    )


def _narrowed(tell: Teller, rates: list[dict[str, Any]]) -> tuple[Any, ...]:
    """How far the evidence moved the assumption, of the rates where it moved it least."""
    w, driven, limit = tell.w, tell.at("/dependence/prior_driven"), tell.percent("/dependence/least_contraction")
    places = sorted(range(len(rates)), key=lambda i: _contraction(rates[i]))
    if not driven:
        least = places[0]
        return w.parts(
            "The evidence narrowed that assumption least for {source}, by {contraction}.",
            source=tell.name(rates[least]["name"]), contraction=tell.percent(f"/reporting_rates/{least}/contraction"),
        )  # fmt: skip
    if driven > _MOST_NAMED:
        return w.several_parts(
            "For {count} of them the evidence narrowed that assumption by less than {limit}: the figure leans on it.",
            "For {count} of them the evidence narrowed that assumption by less than {limit}: the figure leans on it.",
            driven, count=tell.count("/dependence/prior_driven"), limit=limit,
        )  # fmt: skip
    return w.parts(
        "For {sources} the evidence narrowed that assumption by less than {limit}: the figure leans on it.",
        sources=w.listed_parts([tell.name(rates[i]["name"]) for i in sorted(places[:driven])]), limit=limit,
    )  # fmt: skip


def _contraction(rate: dict[str, Any]) -> float:
    value = rate["contraction"]
    return -1.0 if value is None or isnan(value) else value


def _lever(tell: Teller, rates: list[dict[str, Any]]) -> Iterator[Sentence]:
    """The rate that goes most with the toll over the draws."""
    known = [i for i, rate in enumerate(rates) if rate["lever"] is not None]
    if not known:
        return
    most = max(known, key=lambda i: float(rates[i]["lever"]))
    yield tell.say("dependence", tell.w.parts(
        "The rate that matters most is that of {source}: it reports {low} to {high} of the toll, and to know the rate "
        "would take away {lever} of the uncertainty of the figure.",
        source=tell.name(rates[most]["name"]), low=tell.percent(f"/reporting_rates/{most}/posterior/interval/0"),
        high=tell.percent(f"/reporting_rates/{most}/posterior/interval/1"),
        lever=tell.percent(f"/reporting_rates/{most}/lever"),
    ))  # fmt: skip


def _left_out(tell: Teller) -> Iterator[Sentence]:
    rows = tell.at("/sensitivity/leave_one_out")
    if not rows:
        return
    most = max(range(len(rows)), key=lambda i: abs(log(rows[i]["ratio"])))
    name = tell.name(rows[most]["name"]) if rows[most]["source"] else tell.w(LISTS)
    yield tell.say("dependence", tell.w.parts(
        "What would move the figure most, left out, is {source}: the middle value would be {median} without it.",
        source=name, median=tell.count(f"/sensitivity/leave_one_out/{most}/median"),
    ))  # fmt: skip


def _judged(tell: Teller) -> Iterator[Sentence]:
    for i, row in enumerate(tell.at("/sensitivity/recorder_prior")):
        if row["prior"] == "judgement":
            yield tell.say("dependence", tell.w.parts(
                "With what was assumed of recorders before past lists of victims were analysed, the middle value would "
                "be {median}.",
                median=tell.count(f"/sensitivity/recorder_prior/{i}/median"),
            ))  # fmt: skip


def _grown(tell: Teller) -> Iterator[Sentence]:
    """The first vintage whose figure passed its gates, and the last."""
    passed = [i for i, row in enumerate(tell.at("/vintages")) if row["gates_passed"]]
    if len(passed) < 2:
        return
    first, last = passed[0], passed[-1]
    yield tell.say("dependence", tell.w.parts(
        "From what was published by {first_day}, the middle value was {first}; from what was published by {last_day}, "
        "it is {last}.",
        first_day=tell.day(f"/vintages/{first}/date"), first=tell.count(f"/vintages/{first}/median"),
        last_day=tell.day(f"/vintages/{last}/date"), last=tell.count(f"/vintages/{last}/median"),
    ))  # fmt: skip
