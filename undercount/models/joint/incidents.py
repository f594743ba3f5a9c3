"""What matched incidents say of the number of dead.

Incidents of one stratum, of a place and a size, have the same chances to be seen. With M_h of them in stratum h, of
which n_h were seen, with S_h dead,

    T = Σ_h S_h + U_h,        U_h | M_h ~ Normal((M_h - n_h) m_h, (M_h - n_h) v_h + (M_h - n_h)² v_h / k_h), U_h ≥ 0,

where m_h and v_h are mean and variance of the dead of the k_h incidents that one source alone saw: of those that were
seen, these are most like the ones that nobody saw. Given how sources depend on each other, a decomposable graph that is
the same in all strata, M_h has the likelihood of the overlap (`models.joint.likelihood`), even in log M_h beforehand;
graphs are as probable as the mean of their likelihood over all M_h. T is then even in log T before anything is seen,
whatever the shares of the strata are, so that its law, taken over all linkages that were drawn, is a likelihood,

    L(N) = mean over draws of Normal(log N; log T, e²),

with e the error of what the sources say of all sizes together. Not even one incident that is unlike all that were
seen is accounted for, nor deaths that were in no incident.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import exp, floor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.data.lists import patterns
from undercount.errors import ModelError
from undercount.models.joint.dependent import Dependent
from undercount.models.joint.independent import Independent
from undercount.models.overlap.graphs.graph import FEWEST_LISTS, decomposable_graphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.data.lists import MatchedIncidents, Table

Array = NDArray[np.float64]

SEED: Final = 2017
DRAWS: Final = 400
"""Of each linkage."""
FEW: Final = 512
"""Numbers of unseen incidents that are looked at one by one."""
LOOKED_AT: Final = 1500
"""Numbers beyond these."""
FARTHEST: Final = 1e4
"""Unseen incidents, over those that were seen."""
FEWEST_SIZES: Final = 5
"""Incidents that one source alone saw, below which all that were seen stand for the unseen."""
FINE: Final = 0.05
"""Points of the law of log T, in units of e."""
WIDE: Final = 9.0
"""By which the law goes beyond the outermost draws, in units of e."""


class IncidentDraws(NamedTuple):
    """What may be, by linkage and draw."""

    incidents: Array
    """(L, D) incidents there were, those that nobody saw among them."""
    toll: Array
    """(L, D) dead in them."""
    seen: Array
    """(L, K) incidents that each source saw."""
    seen_dead: Array
    """(L, K) dead in these."""


def draw_incidents(matched: MatchedIncidents, seed: int = SEED) -> IncidentDraws:
    """Draw how many incidents there were, and how many died in them.

    Parameters
    ----------
    matched : MatchedIncidents
    seed : int

    Returns
    -------
    IncidentDraws
        The same for the same incidents and seed, whatever sources are called.

    Raises
    ------
    ModelError
        If more than five sources saw any, or no two saw the same.
    """
    marks = patterns.incidence(len(matched.names))
    rng = np.random.default_rng(seed)
    tables = sorted(zip(matched.lists.tables, matched.dead, matched.squares, strict=True),
                    key=lambda each: each[0].replicate)  # fmt: skip
    found = []
    for _, linkage in groupby(tables, key=lambda each: each[0].replicate):
        strata, *sums = zip(*(each for each in linkage if each[0].observed), strict=True)
        incidents, toll = np.zeros(DRAWS), np.zeros(DRAWS)
        for table, unseen, dead, squares in zip(strata, _unseen(strata, rng), *sums, strict=True):
            incidents += table.observed + unseen
            toll += dead.sum() + _dead_in(unseen, table, dead, squares, rng)
        seen = np.sum([table.counts for table in strata], axis=0) @ marks
        found.append(IncidentDraws(incidents, toll, seen.astype(float), np.sum(sums[0], axis=0) @ marks))
    return IncidentDraws(*(np.stack(each) for each in zip(*found, strict=True)))


def _unseen(strata: Sequence[Table], rng: np.random.Generator) -> list[Array]:
    """Draw how many incidents of each stratum nobody saw, (D,) each."""
    if not any(np.triu(table.pairs, 1).any() for table in strata):
        raise ModelError(
            "no two sources saw the same incident",
            code="model-incidents-apart",
            where="incidents",
            hint="leave the incidents out: without an overlap they do not say how many nobody saw",
        )
    laws = [_laws(table) for table in strata]
    evidence = np.sum([law.evidence for law in laws], axis=0)
    weight = np.exp(evidence - evidence.max())
    graph = rng.choice(weight.size, DRAWS, p=weight / weight.sum())
    return [law.draw(graph, rng) for law in laws]


class _Laws(NamedTuple):
    """Of the number of unseen incidents of a stratum, under each of G graphs."""

    number: Array
    """(M,) numbers that are looked at."""
    width: Array
    """(M,) how many each stands for."""
    share: Array
    """(G, M) share of the law up to each."""
    evidence: Array
    """(G,) log of the mean of the likelihood."""

    def draw(self, graph: NDArray[np.int64], rng: np.random.Generator) -> Array:
        """Draw a number under each graph of an array."""
        found = np.empty(graph.size)
        for g in np.unique(graph).tolist():
            mine = graph == g
            place = np.searchsorted(self.share[g], rng.random(int(mine.sum()))).clip(max=self.number.size - 1)
            within = (rng.random(place.size) - 0.5) * (self.width[place] - 1.0)
            found[mine] = np.rint(self.number[place] + within)
        return found


def _laws(table: Table) -> _Laws:
    edges = np.geomspace(FEW, FARTHEST * (FEW + table.observed), LOOKED_AT)
    number = np.concatenate([np.arange(FEW, dtype=float), 0.5 * (edges[1:] + edges[:-1] - 1.0)])
    width = np.concatenate([np.ones(FEW), np.diff(edges)])
    toll = table.observed + number
    each = _by_graph(table, toll).T + np.log(width / toll)
    top = each.max(axis=1, keepdims=True)
    mass = np.exp(each - top).cumsum(axis=1)
    return _Laws(number, width, mass / mass[:, -1:], top[:, 0] + np.log(mass[:, -1]))


def _by_graph(table: Table, toll: Array) -> Array:
    """Log likelihood under each graph, (M, G); of two lists under the one that has them independent."""
    if len(table.names) < FEWEST_LISTS:
        sizes = tuple(int(size) for size in table.list_sizes)
        return Independent(table.observed, sizes).log_likelihood(toll)[:, None]
    likelihood = Dependent.under(table.counts, decomposable_graphs(len(table.names)))
    return np.asarray(likelihood.by_graph(toll) + likelihood.less_sizes(toll)[:, None])


def _dead_in(unseen: Array, table: Table, dead: Array, squares: Array, rng: np.random.Generator) -> Array:
    """Draw the dead of unseen incidents."""
    alone = np.array([cell.bit_count() == 1 for cell in range(dead.size)])
    if table.counts[alone].sum() < FEWEST_SIZES:
        alone = np.ones(dead.size, dtype=bool)
    known = max(int(table.counts[alone].sum()), 1)
    mean = dead[alone].sum() / known
    variance = max(squares[alone].sum() / known - mean**2, 0.0)
    spread = np.sqrt(variance * (unseen + unseen**2 / known))
    return np.asarray(np.maximum(unseen * mean + spread * rng.standard_normal(DRAWS), 0.0))


@dataclass(frozen=True, eq=False)
class IncidentToll:
    """L of the dead in matched incidents."""

    log_toll: Array
    """Draws of log T."""
    error: float
    """e"""

    @classmethod
    def of(cls, matched: MatchedIncidents) -> IncidentToll:
        """Draw the law of T."""
        return cls(np.log(draw_incidents(matched).toll.ravel()), float(matched.size_error))

    @cached_property
    def _law(self) -> tuple[Array, Any]:
        """Points of log N, and a spline of log L through them."""
        from scipy.interpolate import CubicSpline

        step, lowest = FINE * self.error, float(self.log_toll.min())
        place, beyond = np.divmod((self.log_toll - lowest) / step, 1.0)
        left = place.astype(np.int64)
        # Each draw is shared by the two points that it lies between.
        weight = np.bincount(left, 1.0 - beyond, int(left.max()) + 2) + np.bincount(left + 1, beyond)
        held = np.flatnonzero(weight)
        points = lowest + step * np.arange(-int(WIDE / FINE), weight.size + int(WIDE / FINE))
        apart = (points[:, None] - (lowest + step * held)) / self.error
        log_terms = np.log(weight[held] / weight.sum()) - 0.5 * apart**2
        top = log_terms.max(axis=1)
        value = top + np.log(np.exp(log_terms - top[:, None]).sum(axis=1))
        return np.asarray(points), CubicSpline(points, value)

    @property
    def observed(self) -> int:
        """Number of dead below which L is nothing."""
        return max(1, floor(exp(self._law[0][0])))

    @property
    def listed(self) -> int:
        """By how much the number of dead may differ from what is expected for the sake of L."""
        return int(4 * WIDE / self.error) + 1

    def log_likelihood(self, toll: Array) -> Array:
        """Log L; linear in log N beyond its law."""
        points, spline = self._law
        x = np.log(toll)
        inside = np.clip(x, points[0], points[-1])
        slope = np.where(x < points[0], spline(points[0], 1), spline(points[-1], 1))
        return np.asarray(spline(inside) + slope * (x - inside))
