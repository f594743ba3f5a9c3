"""`OverlapEstimate`: the toll that the overlap of lists of victims implies. Immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from undercount.data.lists import Lists
from undercount.errors import ModelError
from undercount.estimators.draws import Draws, Group, Variable
from undercount.estimators.gates import Check, Checks
from undercount.estimators.overlap.combining import joined, seed_of, summed
from undercount.estimators.overlap.results import TableResult, merged

if TYPE_CHECKING:
    import os

    import pandas as pd
    import xarray as xr

    from undercount.estimators.quantity import Quantity

type Row = Mapping[str, Any]

BREAKDOWNS: Final = ("stratum",)
_DIMS: Final = ("chain", "draw", "table")


@dataclass(frozen=True, eq=False, repr=False)
class OverlapEstimate:
    """Result of a fit to lists; every figure is computed from what it holds.

    Parameters
    ----------
    lists : Lists
        What was known.
    results : sequence of TableResult
        One for each table of the lists, in their order.
    assumption : str
        What must be true of the lists for the figures to be right.
    configuration : mapping
        Settings of the estimator.
    seed : int
    versions : mapping of str to str
    """

    FORMAT: ClassVar = "undercount-overlap/1"

    lists: Lists
    results: Sequence[TableResult]
    assumption: str
    configuration: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]

    @cached_property
    def sampled(self) -> Draws:
        """Draws of every table, stacked along the axis `table`."""
        labels = np.array([f"{table.stratum or self.lists.name}/{table.replicate}" for table in self.lists.tables])
        names = self.results[0].stats
        shape = self.results[0].draws.shape
        coords = {"table": labels, "chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
        stats = {n: Variable(_DIMS, np.stack([r.stats[n] for r in self.results], axis=-1)) for n in names}
        toll = Variable(_DIMS, np.stack([r.draws for r in self.results], axis=-1))
        return Draws({"posterior": Group({"toll": toll}, coords), "sample_stats": Group(stats, coords)})

    @property
    def draws(self) -> xr.DataTree:
        """The draws as arviz reads them; of a bootstrap its replicates stand in the group `posterior`."""
        return self.sampled.tree

    @property
    def title(self) -> str:
        """What the lists are about."""
        return self.lists.title

    @property
    def sha256(self) -> str:
        """Hash of the lists."""
        return self.lists.sha256

    @property
    def estimator(self) -> str:
        """Name of the estimator."""
        return str(self.configuration["estimator"])

    @property
    def estimand(self) -> str:
        """What is counted, in words."""
        return f"{self.lists.title}, listed or not ({self.lists.unit})"

    @property
    def divergences(self) -> int:
        """Divergent draws, of all tables."""
        return sum(int(r.stats["diverging"].sum()) for r in self.results if "diverging" in r.stats)

    @cached_property
    def _strata(self) -> Mapping[str, tuple[int, ...]]:
        """Places of the tables of each stratum."""
        found: dict[str, list[int]] = {}
        for place, table in enumerate(self.lists.tables):
            found.setdefault(table.stratum, []).append(place)
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def tolls(self) -> Mapping[str, Quantity]:
        """Toll of each stratum, its replicates joined."""
        return {
            name: joined(
                [self.results[i] for i in places],
                self.documented(name),
                np.random.default_rng(seed_of(self.seed, "joined", name)),
            )
            for name, places in self._strata.items()
        }

    @cached_property
    def _total(self) -> Quantity:
        single = [places[0] for places in self._strata.values() if len(places) == 1]
        return summed(list(self.tolls.values()), [self.results[i].acceleration for i in single])

    def toll(self, by: str | Sequence[str] | None = None) -> Any:
        """Give the number of victims, on the lists or on none.

        Parameters
        ----------
        by : {"stratum"}, optional

        Returns
        -------
        Quantity or pandas.DataFrame
            A frame if `by` is given: stratum, observed, median, mean, sd, lower, upper, ci_prob, ci_kind.

        Raises
        ------
        ModelError
            If `by` is unknown.
        """
        return self._total if by is None else _frame(self.rows.toll(by))

    @property
    def rows(self) -> Rows:
        """The tables as plain rows, without pandas."""
        return Rows(self)

    def documented(self, stratum: str | None = None) -> int:
        """Victims on at least one list; of replicates the mean."""
        names = self._strata if stratum is None else [stratum]
        tables = self.lists.tables
        return sum(round(float(np.mean([tables[i].observed for i in self._strata[name]]))) for name in names)

    def undercount(self) -> Quantity:
        """Victims on no list."""
        return self._total - self.documented()

    def probability(self, comparison: str, value: float) -> float:
        """Probability that the toll is, say, ``">"`` a value; of a bootstrap the share of its replicates."""
        return self._total.probability(comparison, value)

    def reporting_rates(self) -> pd.DataFrame:
        """Share of the toll that is on each list.

        Returns
        -------
        pandas.DataFrame
            list, size, median, lower, upper, ci_prob, ci_kind.
        """
        return _frame(self.rows.reporting_rates())

    def tables(self) -> pd.DataFrame:
        """Give every table with its figures, what was noted of it, and the gates that it failed."""
        return _frame(self.rows.tables())

    @cached_property
    def _checks(self) -> Checks:
        return Checks(merged([result.checks for result in self.results]))

    def check(self) -> Checks:
        """Every gate with its figure, limit and verdict: of all tables the worst."""
        return self._checks

    def summary(self) -> dict[str, Any]:
        """Everything that `summary.json` holds, ready for JSON."""
        from undercount.estimators.overlap.summary import summarise

        return summarise(self)

    def explain(self, language: str = "en") -> Any:
        """Say in prose what was found and what must be true for it.

        Parameters
        ----------
        language : {"en", "ar", "ckb"}
            English, Arabic or Sorani Kurdish.

        Returns
        -------
        undercount.report.explaining.Explanation
            Every figure in it points to its place in `OverlapEstimate.summary`.

        Raises
        ------
        RunError
            If the language is another one.
        """
        return import_module("undercount.report.explaining").explain_lists(self.summary(), language)

    @property
    def plot(self) -> Any:
        """Figures: `toll()`, `lists()`."""
        return import_module("undercount.report.overlap.plots").Plots(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the draws, the lists and the configuration to one netCDF file.

        Raises
        ------
        StoreError
            If it cannot be written; a file that was there before is then unchanged.
        """
        from undercount.estimators.store import save

        save(self, path)

    def content(self) -> dict[str, Any]:
        """All but the draws, ready for JSON."""
        return {
            "lists": self.lists.content(),
            "results": [result.content() for result in self.results],
            "assumption": self.assumption,
            "configuration": dict(self.configuration),
            "seed": int(self.seed),
            "versions": dict(self.versions),
        }

    @classmethod
    def of_content(cls, content: Mapping[str, Any], sampled: Draws) -> OverlapEstimate:
        """Make an estimate of its content and its draws."""
        toll = sampled["posterior"].values("toll")
        stats = {name: variable.values for name, variable in sampled["sample_stats"].variables.items()}
        results = [
            TableResult.of_content(kept, toll[..., i], {name: values[..., i] for name, values in stats.items()})
            for i, kept in enumerate(content["results"])
        ]
        return cls(
            lists=Lists.of_content(content["lists"]),
            results=tuple(results),
            assumption=content["assumption"],
            configuration=content["configuration"],
            seed=content["seed"],
            versions=content["versions"],
        )

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.overlap.html").estimate_html(self)
        return html

    def __repr__(self) -> str:
        verdict = "gates passed" if self.check().passed else "GATES FAILED: do not quote"
        return f"OverlapEstimate({self.estimator}, {verdict}; {self.lists.name}: {self.toll()!r})"


@dataclass(frozen=True, eq=False)
class Rows:
    """What the methods of `OverlapEstimate` of the same names give as frames."""

    estimate: OverlapEstimate

    def toll(self, by: str | Sequence[str]) -> Sequence[Row]:
        """Toll by stratum."""
        keys = (by,) if isinstance(by, str) else tuple(by)
        if keys != BREAKDOWNS:
            raise ModelError(
                f"the toll cannot be given by {', '.join(keys)}",
                code="model-unknown-by",
                where="by",
                hint=f"name {', '.join(BREAKDOWNS)}",
            )
        found = self.estimate
        return [
            {"stratum": name, "name": name, "observed": found.documented(name), **toll.describe()}
            for name, toll in found.tolls.items()
        ]

    def reporting_rates(self) -> Sequence[Row]:
        """Share of the toll on each list."""
        toll, tables = self.estimate.toll(), self.estimate.lists.tables
        sizes: dict[str, float] = {}
        for table in tables:
            for name, size in zip(table.names, table.list_sizes, strict=True):
                sizes[name] = sizes.get(name, 0.0) + float(size) / self.estimate.lists.replicates
        lower, upper = toll.interval
        return [
            {"list": name, "size": size, "median": size / toll.median, "lower": size / upper, "upper": size / lower,
             "ci_prob": toll.ci_prob, "ci_kind": toll.ci_kind}
            for name, size in sorted(sizes.items())
        ]  # fmt: skip

    def tables(self) -> Sequence[Row]:
        """Each table: figures, notes, gates that it failed."""
        return [
            {"stratum": table.stratum, "replicate": table.replicate, "observed": table.observed,
             **result.toll.describe(), "failed_gates": _failed(result.checks), **result.notes}
            for table, result in zip(self.estimate.lists.tables, self.estimate.results, strict=True)
        ]  # fmt: skip


def _failed(checks: Sequence[Check]) -> str:
    return "; ".join(f"{check.name} = {check.value:.4g} ({check.limit})" for check in checks if not check.passed)


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows))
