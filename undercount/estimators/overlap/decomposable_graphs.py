"""`DecomposableGraphs`: the exact average over graphs of dependence between the lists."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, override

import numpy as np

from undercount.estimators.gates import Check
from undercount.estimators.overlap.front import (
    OverlapEstimator,
    of_table,
    one_of,
    positive,
    setting,
    table_seed,
    whole_number,
)
from undercount.estimators.overlap.results import TableResult
from undercount.estimators.quantity import CI_KIND, Figures

if TYPE_CHECKING:
    from undercount.data.lists import Table
    from undercount.models.overlap.graphs.posterior import GraphAverage
    from undercount.sampling.progress import Callback

CHAINS: Final = 4
"""Of independent draws, for what is summed over strata."""
TAIL: Final = 1e-6
"""Largest share of the posterior that may lie beyond the grid."""
PRIORS: Final = ("1/N", "uniform")


class DecomposableGraphs(OverlapEstimator):
    """Average over the decomposable graphs of dependence between the lists.

    The posterior of the toll is computed at every number, not sampled: Madigan and York 1997, Biometrika 84: 19-31;
    `undercount.models.overlap.graphs`.

    Parameters
    ----------
    delta : float, optional
        Weight of the hyper-Dirichlet prior per cell of the full table; by default 2⁻ᴷ for K lists.
    prior : {"1/N", "uniform"}
        Of the toll.
    saturated : bool
        Whether the complete graph is among the graphs, under which the toll is what the priors say.
    largest : int, optional
        Toll at which the grid ends; by default it goes on until less than 1e-6 of the posterior lies beyond.
    draws : int
        Independent draws, in four chains of so many, for sums over strata and questions beyond the stated figures.
    cores : int, optional
        Threads; the figures do not depend on them.

    Examples
    --------
    >>> from undercount.data.lists import load_lists
    >>> DecomposableGraphs().fit(load_lists("kosovo-1999")).toll()
    12,595 persons [9,827 - 16,544] (95% eti)
    """

    ASSUMPTION: ClassVar = (
        "the dependence between the lists is that of a decomposable graph, so that lists which are not joined in it "
        "are independent given the others; within the population every person has the same chances of being listed."
    )
    MOST_LISTS: ClassVar = 5

    def __init__(
        self,
        *,
        delta: float | None = None,
        prior: str = "1/N",
        saturated: bool = False,
        largest: int | None = None,
        draws: int = 1000,
        cores: int | None = None,
    ) -> None:
        self.delta = delta
        self.prior = prior
        self.saturated = saturated
        self.largest = largest
        self.draws = draws
        self.cores = cores

    @override
    def _checked(self) -> None:
        one_of(self, "prior", PRIORS)
        whole_number(self, "draws", 1)
        for name in ("largest", "cores"):
            if getattr(self, name) is not None:
                whole_number(self, name, 1)
        if self.delta is not None:
            positive(self, "delta")
        if not isinstance(self.saturated, bool):
            raise setting(self, "saturated", self.saturated, "True or False")

    @override
    def _fit_tables(self, tables: Sequence[Table], seed: int, progress: Callback | None) -> Sequence[TableResult]:
        from undercount.models.overlap.graphs.average import average_many
        from undercount.models.overlap.graphs.setting import Averaging

        averaging = Averaging(self.delta, self.prior, saturated=self.saturated, largest=self.largest, tail=TAIL)
        threads, found = self.cores or os.cpu_count() or 1, dict[int, TableResult]()
        for lists in sorted({len(table.names) for table in tables}):
            places = [i for i, table in enumerate(tables) if len(table.names) == lists]
            counts = np.stack([tables[i].counts for i in places])
            for i, one in zip(places, average_many(counts, averaging, threads=threads), strict=True):
                if isinstance(one, Exception):
                    raise of_table(one, tables[i])
                found[i] = self._result(tables[i], one, seed)
        return [found[i] for i in range(len(tables))]

    def _result(self, table: Table, found: GraphAverage, seed: int) -> TableResult:
        rng = np.random.default_rng(table_seed(seed, table))
        draws = found.sample(rng, CHAINS * self.draws).reshape(CHAINS, self.draws).astype(float)
        low, high = found.interval()
        best = int(found.graph_probability.argmax())
        return TableResult(
            draws=draws,
            checks=(
                Check("share of the posterior beyond the grid", found.tail_mass, f"< {TAIL:g}", found.tail_mass < TAIL),
            ),
            figures=Figures(found.median, found.mean, found.sd, low, high, CI_KIND),
            notes={
                "graphs": len(found.graphs),
                "most probable graph": found.graphs[best].name(table.names),
                "its probability": float(found.graph_probability[best]),
                "largest toll of the grid": found.grid.last,
                "power of the tail": found.heaviest,
            },
        )
