"""Scopes: which days and strata a number is about, checked against what was modelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.problems import shown, write_one_of
from undercount.data.schema import DIMENSIONS, Case, Estimand, Window
from undercount.errors import ModelError
from undercount.estimators.deaths import Deaths

if TYPE_CHECKING:
    from undercount.estimators.draws import Draws


def narrowed(
    case: Case,
    estimand: Estimand,
    window: Window | Sequence[date | str] | None,
    scope: Mapping[str, str | Sequence[str]] | None,
) -> Estimand:
    """Put another window or other levels in place of those of the estimand.

    Raises
    ------
    ModelError
        If the window is not inside the timeline, or a dimension or level is unknown.
    """
    changes: dict[str, object] = {}
    if window is not None:
        found = _window(window)
        if not case.timeline.contains(found):
            raise ModelError(
                f"the window {found.start} to {found.end} is not inside the timeline "
                f"{case.timeline.start} to {case.timeline.end} of case {case.case}",
                code="model-scope-outside-evidence",
                where="window",
                hint="ask for days inside the timeline, or extend the timeline and its evidence",
            )
        changes["window"] = found
    for dimension, wanted in (scope or {}).items():
        if dimension not in DIMENSIONS:
            raise _unknown("dimension", dimension, DIMENSIONS)
        levels = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        known = case.dimension(dimension).levels
        for level in levels:
            if level not in known:
                raise _unknown(dimension, level, known)
        if not levels:
            raise _unknown(dimension, "", known)
        if dimension in ("actor", "area"):
            changes[DIMENSIONS[dimension]] = levels
        else:
            if len(levels) > 1:
                raise ModelError(
                    f"{' and '.join(levels)} are asked for at once",
                    code="model-several-levels",
                    where="scope",
                    hint=f"ask for one {dimension} at a time",
                )
            changes[dimension] = levels[0]
    return estimand.model_copy(update=changes)


def modelled(question: Estimand, kinds: Sequence[tuple[str, str]]) -> Estimand:
    """Give the question back, if its victims and quantity are among the modelled ones.

    Raises
    ------
    ModelError
        If no report in the likelihood is about them.
    """
    if (question.victims, question.quantity) not in kinds:
        raise ModelError(
            f"no report in the model is about {question.victims} {question.quantity}",
            code="model-scope-outside-evidence",
            where="scope",
            hint=f"ask for one of: {', '.join(' '.join(kind) for kind in kinds)}",
        )
    return question


def _window(value: Window | Sequence[date | str]) -> Window:
    if isinstance(value, Window):
        return value
    try:
        first, last = (day if isinstance(day, date) else date.fromisoformat(day) for day in value)
        return Window(start=first, end=last)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{value!r} is not a window",
            code="model-bad-window",
            where="window",
            hint="give two dates YYYY-MM-DD, the first and the last day, in this order",
        ) from error


def _unknown(what: str, value: str, known: Mapping[str, str]) -> ModelError:
    return ModelError(
        f"{shown(value)} is no {what} of this model",
        code=f"model-unknown-{what}",
        where="scope",
        hint=write_one_of(value, list(known)),
    )


def selected(draws: Draws, question: Estimand, group: str = "posterior") -> Deaths:
    """Draws of the deaths inside a scope."""
    found = draws[group]
    deaths = found.variables["deaths"]
    days = found.coords["day"].astype("datetime64[D]")
    window = question.window
    inside = slice(*np.searchsorted(days, [np.datetime64(window.start), np.datetime64(window.end + timedelta(days=1))]))
    values = deaths.values[:, :, inside]
    if "kind" in deaths.dims:
        values = values[..., found.labels("kind").index(f"{question.victims}/{question.quantity}")]
    for axis, dim, wanted in ((3, "actor", question.actors), (4, "area", question.areas)):
        if wanted:
            places = [found.labels(dim).index(level) for level in sorted(set(wanted))]
            values = values.take(places, axis=axis)
    actors, areas = (
        tuple(sorted(set(wanted)) or found.labels(dim))
        for dim, wanted in (("actor", question.actors), ("area", question.areas))
    )
    return Deaths(values, tuple(days[inside].tolist()), actors, areas)


def in_words(case: Case, question: Estimand) -> str:
    """Say who was killed, where, by whom and when.

    Returns
    -------
    str
        Such as "civilians killed in west Mosul by Coalition or Iraqi forces, 19 Feb 2017 to 19 Jun 2017".
    """
    areas = _names(case, "area", question.areas, "and")
    actors = _names(case, "actor", question.actors, "or")
    start, end = (f"{day.day} {day:%b %Y}" for day in (question.window.start, question.window.end))
    return f"{subject(case, question)} in {areas} by {actors}, {start} to {end}"


def subject(case: Case, question: Estimand) -> str:
    """Say who was killed.

    Returns
    -------
    str
        Such as "civilians killed".
    """
    victims = case.dimension("victims").levels.get(question.victims, question.victims)
    quantity = case.dimension("quantity").levels.get(question.quantity, question.quantity)
    return f"{victims} {quantity}"


def _names(case: Case, dimension: str, wanted: Sequence[str], word: str) -> str:
    levels = case.dimension(dimension).levels
    names = [name for level, name in levels.items() if not wanted or level in wanted]
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
