"""What the overlap of matched lists says of how many died, given how long the lists are.

With N dead in the scope of K lists, n of them on any list, n_s on list s, and pattern counts D,

    log L(N) = log p(D | N) - Σ_s log p(n_s | N).

Lists that are independent have, whatever the prior of their coverage,

    L(N) ∝ N! / (N - n)! · Π_s (N - n_s)! / N!,

of two lists the hypergeometric probability of their overlap (Darroch 1958, Biometrika 45, 343-359). Two lists can only
be taken for independent: a dependence between them cannot be told from a larger toll. Of three to five, L is averaged
over how they may depend on each other (`models.joint.dependent`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from undercount.data.lists.incidents import MatchedIncidents
from undercount.models.joint.dependent import Dependent
from undercount.models.joint.incidents import IncidentToll
from undercount.models.joint.independent import Independent
from undercount.models.overlap.graphs.graph import FEWEST_LISTS

if TYPE_CHECKING:
    from undercount.data.lists import Table
    from undercount.models.joint.factorials import Array


class OverlapLikelihood(Protocol):
    """L of one table of lists."""

    @property
    def observed(self) -> int:
        """How many are on any list; fewer cannot have died."""

    @property
    def listed(self) -> int:
        """Sum of the sizes of the lists."""

    def log_likelihood(self, toll: Array) -> Array:
        """Log L at tolls that are not below `observed`, up to a constant; defined between whole numbers too."""


def overlap_likelihood(table: Table | MatchedIncidents) -> OverlapLikelihood | None:
    """L of a table of victims, or of matched incidents; None where there is no overlap to see.

    Raises
    ------
    ModelError
        If more than five lists name anybody.
    """
    if isinstance(table, MatchedIncidents):
        return IncidentToll.of(table) if len(table.names) > 1 else None
    return overlap_of_counts(table)


def overlap_of_counts(table: Table) -> OverlapLikelihood | None:
    """L of a table; None where fewer than two of its lists name anybody.

    Raises
    ------
    ModelError
        If more than five lists name anybody.
    """
    named = table.without(*(name for name, size in zip(table.names, table.list_sizes, strict=True) if not size))
    if len(named.names) < FEWEST_LISTS:
        sizes = tuple(int(size) for size in named.list_sizes)
        return Independent(named.observed, sizes) if len(sizes) > 1 else None
    return Dependent.of(named.counts)
