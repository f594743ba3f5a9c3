"""Whether the draws of an estimate fit into the memory of the machine: deaths by day and stratum in each of them."""

from __future__ import annotations

import os
from math import inf
from typing import TYPE_CHECKING, Final

from undercount.errors import SamplingError
from undercount.errors.naming import plain
from undercount.models.strata import Strata

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.sampling.draws import Plan

PRIOR_DRAWS: Final = 2000
"""Of the prior, beside those of the posterior."""
_BYTES: Final = 4
"""Of a number of deaths."""
_BESIDE: Final = 1.3
"""What is held at the peak, over the deaths alone."""
_GIGABYTE: Final = 10**9


def memory() -> float:
    """Bytes of the machine; infinite where it does not tell."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # no such call, as on Windows, or no such name
        return inf


def needed(evidence: Evidence, plan: Plan) -> float:
    """Bytes that the draws take at their peak."""
    strata = Strata.of(evidence, evidence.used).count
    draws = plan.chains * plan.draws + PRIOR_DRAWS
    return _BESIDE * _BYTES * draws * evidence.case.timeline.days * strata


def check_room(evidence: Evidence, plan: Plan) -> None:
    """Refuse draws that would not fit, before anything is computed.

    Raises
    ------
    SamplingError
        If they would not.
    """
    asked, there = needed(evidence, plan), memory()
    if asked <= there:
        return
    actors, areas, kinds = Strata.of(evidence, evidence.used).shape
    draws, days = plan.chains * plan.draws, evidence.case.timeline.days
    raise SamplingError(
        f"{draws:,} draws of the deaths on {days:,} days, by {actors:,} actors, in {areas:,} areas and {kinds:,} "
        f"classes of victims, take {asked / _GIGABYTE:,.1f} GB of memory; this machine has {there / _GIGABYTE:,.1f}",
        code="sampling-no-room",
        where=plain(evidence.case.case),
        hint="take actors or areas together (of an imported case: import once more, with --actors N), shorten the "
        "timeline, or ask for fewer draws (--draws)",
    )
