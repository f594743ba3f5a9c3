"""A figure that jumped: out of the interval of the last release, without new evidence, or to another question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.estimators.gates import Check
from undercount.runs.gates.contract import Verdict, nothing_before

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate
    from undercount.runs.gates.contract import Candidate
    from undercount.runs.gates.settings import GateSettings
    from undercount.runs.moves import Moves

_SHOWN = 3


def jump(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a median outside the last release's interval, or one that the model or its versions moved."""
    if candidate.released is None or candidate.moves is None:
        return nothing_before("jump", "median outside the last interval")
    return (
        _question(candidate.estimate, candidate.released),
        _outside(candidate.estimate, candidate.released, candidate.moves),
        _unexplained(candidate.moves, candidate.settings),
    )


def _question(estimate: Estimate, released: Estimate) -> Verdict:
    """Two figures about different things cannot be compared."""
    is_same = estimate.scope == released.scope
    words = f"the figure is about {estimate.estimand}"
    if not is_same:
        words += f", and the last one was about {released.estimand}. Look whether that is meant, and say it"
    return Verdict("jump", Check("another question", float(not is_same), "= 0", is_same), words)


def _outside(estimate: Estimate, released: Estimate, moved: Moves) -> Verdict:
    toll, median = released.toll(), estimate.toll().median
    low, high = toll.interval
    is_inside = low <= median <= high
    told = f"the median is {median:,.0f}, was {toll.median:,.0f} [{low:,.0f} - {high:,.0f}]"
    parts = [part for part in moved.parts if part.effect is not None and part.effect.log_ratio != 0.0][:_SHOWN]
    words = told if is_inside else f"{told}. What moved it most: {'; '.join(map(str, parts)) or moved.words()[1]}"
    return Verdict(
        "jump",
        Check("median outside the last interval", median, f"{low:,.0f} to {high:,.0f}", is_inside),
        words,
        () if is_inside else tuple(key.name for part in parts for key in part.keys),
    )


def _unexplained(moved: Moves, settings: GateSettings) -> Verdict:
    is_beyond = moved.model.is_beyond(settings.model_errors, settings.model_share)
    limit = f"<= {settings.model_share:g} or {settings.model_errors:g} Monte Carlo errors"
    words = f"on the evidence of the last release the model and its versions move the median by {moved.model}"
    if is_beyond:
        words += f": {moved.differences}. Look at what changed in them before the figure changes in public"
    return Verdict("jump", Check("moved without new evidence", moved.model.share, limit, not is_beyond), words)
