"""A new or revised report against what was expected of its source without it.

The misfit of a source is read where its reports have already bent the model: one week in which the wounded were counted
as dead makes a source seem erratic, and then fits. Here the report is held against the estimate that is made without
it, from the deaths that all others tell of and from the rate at which its source had reported them until then. If the
model holds, the tail of what comes next is a p-value (Dawid 1984, Journal of the Royal Statistical Society A 147, 278),
and the chances of all new reports are added (Bonferroni).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.problems import plain
from undercount.estimators.far_tails import two_sided
from undercount.estimators.gates import Check
from undercount.runs.gates.contract import Verdict, nothing_before
from undercount.runs.gates.misfit import allowed

if TYPE_CHECKING:
    from undercount.estimators.foresight import Foreseen
    from undercount.runs.gates.contract import Candidate

_SHOWN: Final = 5


def surprise(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure if a new report is far from what was expected of its source."""
    if candidate.moves is None:
        return nothing_before("surprise", "new reports far from what was expected")
    found = [one for part in candidate.moves.parts for one in part.foreseen]
    if not found:
        return (_calm("no new report of a source with a history", 1.0, candidate),)
    chances = {one.report: min(1.0, len(found) * chance(one)) for one in found}
    limit = candidate.settings.misfit_chance
    held = sorted(
        (one for one in found if chances[one.report] < limit), key=lambda one: (chances[one.report], one.report)
    )
    if not held:
        least = min(chances, key=lambda report: (chances[report], report))
        return (_calm(f"the new report farthest from what was expected is {plain(least)}", chances[least], candidate),)
    return tuple(
        Verdict(
            "surprise",
            Check(f"chance of {one.report}", chances[one.report], f">= {limit:g}", passed=False),
            _words(one, chances[one.report]),
            (one.source, one.report),
        )
        for one in sorted(held, key=lambda one: (chances[one.report], one.report))[:_SHOWN]
    )


def chance(one: Foreseen) -> float:
    """Two-sided tail of a report; of one whose expectation can only be too large, twice the upper one."""
    return two_sided(one.counts, one.low, np.inf if one.is_at_most else one.high)


def _calm(words: str, value: float, candidate: Candidate) -> Verdict:
    limit = candidate.settings.misfit_chance
    return Verdict("surprise", Check("chance of the new reports", value, f">= {limit:g}", passed=True), words)


def _words(one: Foreseen, value: float) -> str:
    lower, upper = np.quantile(one.counts, [0.025, 0.975])
    return (
        f"{plain(one.report)} of {plain(one.source)} says {allowed(one.low, one.high)}; without it, {lower:,.0f} to "
        f"{upper:,.0f} were expected of this source (chance {value:.2g}). Look at its quote, scope, unit, victims and "
        "quantity: killed and wounded together, a running total called a week, hundreds for single deaths"
    )
