"""`LogLinear`: a hierarchical log-linear model that is selected, with a bootstrap that repeats the selection."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, override

import numpy as np

from undercount.errors import ModelError
from undercount.estimators.gates import Check
from undercount.estimators.overlap.combining import BCA
from undercount.estimators.overlap.front import (
    OverlapEstimator,
    of_table,
    one_of,
    setting,
    table_seed,
    whole_number,
)
from undercount.estimators.overlap.results import TableResult
from undercount.estimators.quantity import CI_PROB, Figures

if TYPE_CHECKING:
    from undercount.data.lists import Table
    from undercount.models.overlap.loglinear import Selected, Selection
    from undercount.sampling.progress import Callback

MOST_WITHOUT: Final = 0.01
"""Largest share of replicates in which no model has a finite estimate."""


class LogLinear(OverlapEstimator):
    """Select a hierarchical log-linear model (Fienberg 1972, Biometrika 59: 591-603) and estimate the toll by it.

    The interval is BCa (Efron 1987), from tables that are drawn from the one at hand; in each, the model is selected
    anew. See `undercount.models.overlap.loglinear`.

    Parameters
    ----------
    criterion : {"bic", "aic"}
        What is least in the model that is selected.
    order : int, optional
        Most lists that interact at once; by default all but one.
    selection : {"all", "stepwise"}
        Among all hierarchical models, or step by step from independence on (Chan, Silverman and Vincent 2021).
    model : str, optional
        One model, such as ``"[EXH*ABA, OSCE]"``, in place of a selection.
    replicates : int
        Tables that are drawn.
    cores : int, optional
        Threads; the figures do not depend on them.

    Examples
    --------
    >>> LogLinear(criterion="aic", order=2)
    LogLinear(criterion='aic', order=2)
    """

    ASSUMPTION: ClassVar = (
        "the lists do not interact in any way that the selected model leaves out, above all not all of them at once; "
        "within the population every person has the same chances of being listed."
    )
    MOST_LISTS: ClassVar = 6

    def __init__(
        self,
        *,
        criterion: str = "bic",
        order: int | None = None,
        selection: str = "all",
        model: str | None = None,
        replicates: int = 1000,
        cores: int | None = None,
    ) -> None:
        self.criterion = criterion
        self.order = order
        self.selection = selection
        self.model = model
        self.replicates = replicates
        self.cores = cores

    @override
    def _checked(self) -> None:
        one_of(self, "criterion", ("bic", "aic"))
        one_of(self, "selection", ("all", "stepwise"))
        whole_number(self, "replicates", 100)
        for name in ("order", "cores"):
            if getattr(self, name) is not None:
                whole_number(self, name, 1)
        if self.model is not None and not isinstance(self.model, str):
            raise setting(self, "model", self.model, "a name such as '[A*B, C]'")

    @override
    def _fit_tables(self, tables: Sequence[Table], seed: int, progress: Callback | None) -> Sequence[TableResult]:
        found = []
        for table in tables:
            try:
                found.append(self._fit(table, seed))
            except ModelError as error:
                raise of_table(error, table) from error
        return found

    def _fit(self, table: Table, seed: int) -> TableResult:
        from undercount.models.overlap.loglinear import bootstrap, select_model

        selected = select_model(table.counts, self._selection(table), table.names)
        drawn = bootstrap(selected, table_seed(seed, table), self.replicates, self.cores or os.cpu_count() or 1)
        lower, upper = drawn.interval(CI_PROB)
        finite = drawn.tolls[np.isfinite(drawn.tolls)]
        without = drawn.without_estimate / self.replicates
        fit = selected.fit
        return TableResult(
            draws=drawn.tolls[None],
            checks=(
                Check(
                    "share of replicates without an estimate", without, f"< {MOST_WITHOUT:g}", without < MOST_WITHOUT
                ),
                Check("upper end of the interval", upper, "< inf", upper < np.inf),
            ),
            figures=Figures(fit.toll, float(finite.mean()), float(finite.std(ddof=1)), lower, upper, BCA),
            notes=_notes(selected),
            acceleration=drawn.acceleration,
        )

    def _selection(self, table: Table) -> Selection:
        from undercount.models.overlap.loglinear import Selection, parse_model

        model = None if self.model is None else parse_model(self.model, table.names)
        chosen: Any = {"criterion": self.criterion, "search": self.selection}
        return Selection(order=self.order, model=model, **chosen)


def _notes(selected: Selected) -> dict[str, Any]:
    fit = selected.fit
    found: dict[str, Any] = {
        "model": fit.name,
        "parameters": fit.parameters,
        "BIC": fit.bic,
        "AIC": fit.aic,
        "deviance": fit.deviance,
    }
    if fit.infinite:
        found["parameters at minus infinity"] = len(fit.infinite)
    if selected.passed_over:
        found["better models without a finite estimate"] = ", ".join(selected.passed_over)
    return found
