"""All gates, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.runs.gates.contract import Verdicts
from undercount.runs.gates.convergence import convergence
from undercount.runs.gates.jump import jump
from undercount.runs.gates.misfit import misfit
from undercount.runs.gates.prior_driven import prior_driven
from undercount.runs.gates.revised_down import revised_down
from undercount.runs.gates.silent_source import silent_source
from undercount.runs.gates.surprise import surprise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.runs.gates.contract import Candidate, Gate

GATES: Final[Mapping[str, Gate]] = {
    "convergence": convergence,
    "misfit": misfit,
    "surprise": surprise,
    "jump": jump,
    "silent source": silent_source,
    "revised down": revised_down,
    "prior-driven": prior_driven,
}


def apply_gates(candidate: Candidate) -> Verdicts:
    """Ask every gate; neither a clock nor anything outside the candidate has a say.

    Parameters
    ----------
    candidate : Candidate

    Returns
    -------
    Verdicts
    """
    return Verdicts(tuple(verdict for gate in GATES.values() for verdict in gate(candidate)))
