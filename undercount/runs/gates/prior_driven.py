"""A toll that rests on what was assumed about the sources, since no two of them tell of each other.

A count alone always moves the toll, by as much as the prior of its source's reporting rate lets it: a single "hundreds"
takes half of the width from the prior of the toll, and what is left is the prior of that rate. What tells the cases
apart is whether any rate was learned: that takes sources that count the same deaths. The figure is therefore the
largest share of a reporting rate's prior width, on the log scale, that the data removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.data.problems import plain
from undercount.estimators.gates import Check
from undercount.runs.gates.contract import Verdict

if TYPE_CHECKING:
    from undercount.runs.gates.contract import Candidate


def prior_driven(candidate: Candidate) -> tuple[Verdict, ...]:
    """Hold a figure that is a count divided by an assumption."""
    limit = candidate.settings.least_contraction
    rows = candidate.estimate.rows.reporting_rates()
    most = max(rows, key=lambda row: (row["contraction"], row["source"]))
    passed = bool(most["contraction"] >= limit)
    told = (
        f"of all reporting rates that of {plain(most['source'])} was learned best: the evidence took "
        f"{100 * most['contraction']:.0f} % from the width of its prior"
    )
    if not passed:
        told += (
            ". The toll leans on the priors of the reporting rates. Look for a second source that counts the same "
            "deaths, or for what is known of how much these sources see"
        )
    check = Check("largest contraction of a reporting rate", most["contraction"], f">= {limit:g}", passed)
    about = () if passed else tuple(dict.fromkeys(row["source"] for row in rows))
    return (Verdict("prior-driven", check, told, about),)
