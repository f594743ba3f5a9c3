"""The draws themselves: every gate that an estimate carries, each by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.data.problems import plain
from undercount.estimators.gates import far_reports
from undercount.runs.gates.contract import Verdict

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate
    from undercount.estimators.gates import Check
    from undercount.runs.gates.contract import Candidate

_FAR: Final = "reports far from their prediction"
_LOOK: Final = {
    "chains": "give at least 4 chains",
    "draws not finite": "look at the priors and at figures that cannot be true together",
    "lists far from the counts": "look at what lists and counts are each about, and at how the lists were matched",
}


def convergence(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure whose draws cannot be trusted."""
    estimate = candidate.estimate
    return tuple(
        Verdict("convergence", check, _words(check, estimate), _about(check, estimate))
        for check in estimate.check().checks
    )


def _words(check: Check, estimate: Estimate) -> str:
    told = f"{check.name} is {check.value:.4g} ({check.limit})"
    if check.passed:
        return told
    if check.name == _FAR:
        names = ", ".join(plain(name) for name in _about(check, estimate))
        return f"{told}: {names}; look at quote, scope and unit of each"
    return f"{told}; {_LOOK.get(check.name, 'sample longer, and look at reports that contradict each other')}"


def _about(check: Check, estimate: Estimate) -> tuple[str, ...]:
    if check.passed or check.name != _FAR:
        return ()
    return far_reports(estimate)
