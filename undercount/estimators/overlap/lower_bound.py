"""`LowerBound`: what the lists force one to believe, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, ClassVar, Final, Literal, override

import numpy as np

from undercount.estimators.gates import Check
from undercount.estimators.overlap.front import OverlapEstimator, one_of, table_seed, whole_number
from undercount.estimators.overlap.results import TableResult
from undercount.estimators.quantity import CI_PROB, Figures

if TYPE_CHECKING:
    from undercount.data.lists import Table
    from undercount.sampling.progress import Callback

CHAINS: Final = 4
LOG_NORMAL: Final = "log-normal"


class LowerBound(OverlapEstimator):
    """Chao's lower bound of the toll, for persons who differ in how easily they are listed.

    Chao 1987, Biometrics 43: 783-791; see `undercount.models.overlap.lower_bound`.

    Parameters
    ----------
    lists : {"unequal", "equal"}
        Whether the lists may differ in how many victims they hold.
    draws : int
        Draws, in four chains of so many, of the log-normal law behind the interval, for sums over strata.

    Examples
    --------
    >>> from undercount.data.lists import load_lists
    >>> LowerBound().fit(load_lists("kosovo-1999")).toll()
    8,586 persons [8,186 - 9,028] (95% log-normal)
    """

    ASSUMPTION: ClassVar = (
        "whatever makes a person easier to find for one list makes them easier to find for the others, and no list "
        "avoids the persons on another. Then there were at least so many; the interval is that of the bound."
    )
    LEAST_LISTS: ClassVar = 2

    def __init__(self, *, lists: Literal["unequal", "equal"] = "unequal", draws: int = 1000) -> None:
        self.lists: Literal["unequal", "equal"] = lists
        self.draws = draws

    @override
    def _checked(self) -> None:
        one_of(self, "lists", ("unequal", "equal"))
        whole_number(self, "draws", 1)

    @override
    def _fit_tables(self, tables: Sequence[Table], seed: int, progress: Callback | None) -> Sequence[TableResult]:
        return [self._fit(table, seed) for table in tables]

    def _fit(self, table: Table, seed: int) -> TableResult:
        from undercount.models.overlap.lower_bound import chao

        bound = chao(table.counts, lists=self.lists, probability=CI_PROB)
        toll, sd, low, high = (float(x) for x in (bound.toll, bound.sd, bound.low, bound.high))
        missing = toll - table.observed
        width = log(1 + (sd / missing) ** 2) ** 0.5 if missing > 0 else 0.0
        normal = np.random.default_rng(table_seed(seed, table)).standard_normal((CHAINS, self.draws))
        draws = table.observed + missing * np.exp(width * normal)
        return TableResult(
            draws=draws,
            checks=(Check("victims on exactly two lists", _on_two(table), ">= 1", _on_two(table) >= 1),),
            figures=Figures(toll, float(draws.mean()), sd, low, high, LOG_NORMAL),
            notes={"with 95 % confidence at least": float(bound.least)},
        )


def _on_two(table: Table) -> int:
    sizes = np.bitwise_count(np.arange(table.counts.size))
    return int(table.counts[sizes == 2].sum())
