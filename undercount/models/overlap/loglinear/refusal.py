"""Why a model has no estimate of the number of victims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from undercount.models.overlap.loglinear.existence import design, find_part, members_of
from undercount.models.overlap.loglinear.hierarchy import members, terms_of
from undercount.models.overlap.loglinear.linear import ZERO, Matrix
from undercount.models.overlap.loglinear.tables import Whole, cells_above, count_lists, tabulate

_UNBOUNDED = "overlap-unbounded"
_NONE_MISSED = "overlap-none-missed"
_UNDETERMINED = "overlap-undetermined"
_REASONS = {
    _UNBOUNDED: "the likelihood grows with the number of victims without bound: there is no finite estimate",
    _NONE_MISSED: "the likelihood grows as the number of victims on no list goes to zero: there is no estimate",
    _UNDETERMINED: "different numbers of victims fit the table equally well: it does not determine them",
}


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a model on a table."""

    code: str
    reason: str
    empty: tuple[int, ...]
    """The smallest patterns that have no victims and, with the other ones, decide it."""

    def name_empty(self, names: Sequence[str]) -> str:
        """Name the empty patterns."""
        return ", ".join("*".join(names[j] for j in members(term)) for term in self.empty)


def explain(counts: Whole, model: int) -> Verdict:
    """Say why a model without an estimate has none.

    The likelihood comes as near as one likes to its supremum along changes of the parameters that leave the expected
    counts of the facial set as they are and lower all others. What is asked is which way these take the intercept: up
    always, down always, or either.

    Parameters
    ----------
    counts : numpy.ndarray of int64, shape (2ᴷ,)
    model : int
        One whose existence is `NONE`.

    Returns
    -------
    Verdict
    """
    above = cells_above(count_lists(counts))
    support = tabulate(counts.astype(np.float64)).support
    face = find_part(support, model, above).cells
    terms = np.array(terms_of(model))
    kept = design(members_of(face, counts.size), terms)
    outside = members_of(above[0] & ~face, counts.size)
    lowered = design(outside, terms)
    down, up = _furthest(kept, lowered, 1.0), _furthest(kept, lowered, -1.0)
    code = _UNBOUNDED if down > ZERO else _NONE_MISSED if -up < -ZERO else _UNDETERMINED
    return Verdict(code, _REASONS[code], _smallest(outside))


def _furthest(kept: Matrix, lowered: Matrix, sign: float) -> float:
    """The least of `sign` times the change of the intercept, which is the first parameter; -inf without end."""
    goal = np.zeros(kept.shape[1])
    goal[0] = sign
    found = linprog(
        goal,
        A_eq=kept,
        b_eq=np.zeros(kept.shape[0]),
        A_ub=lowered if lowered.size else None,
        b_ub=-np.ones(lowered.shape[0]) if lowered.size else None,
        bounds=(None, None),
        method="highs",
    )
    return -np.inf if found.fun is None else float(found.fun)


def _smallest(patterns: Whole) -> tuple[int, ...]:
    """The patterns that hold no other one of these."""
    sets = [int(pattern) for pattern in patterns]
    least = [s for s in sets if not any(other & s == other and other != s for other in sets)]
    return tuple(sorted(least, key=lambda s: (s.bit_count(), members(s))))
