"""Estimates from overlapping lists: speed, mixing, coverage."""

from __future__ import annotations

from benchmarks.overlap import accuracy, speed
from benchmarks.overlap.strata import strata
from benchmarks.overlap.worlds import WORLDS
from undercount.data.lists import load_lists
from undercount.estimators.overlap import DecomposableGraphs, LatentClass, LogLinear
from undercount.models.overlap.graphs.average import average_many
from undercount.models.overlap.graphs.setting import Averaging

TABLES = 40
"""Simulated tables of each kind of lists."""


class LatentClasses:
    """Sampling of the tables of the reference figures."""

    params = ([speed.KOSOVO, speed.UK],)
    param_names = ("table",)
    timeout = 1200

    def setup(self, table: str) -> None:
        """Read, and load what is compiled."""
        self.estimator = speed.on_cores(LatentClass())
        self.lists = load_lists(table)
        self.estimator.fit(self.lists, seed=0)

    def track_effective_draws_per_second(self, table: str) -> float:  # noqa: ARG002 - asv passes the parameter
        """Effective draws of the toll."""
        run = speed.Sampled.of(lambda: self.estimator.fit(self.lists, seed=1))
        return run.draws / run.spent.wall

    def track_rhat(self, table: str) -> float:  # noqa: ARG002 - asv passes the parameter
        """R-hat of the toll."""
        return speed.Sampled.of(lambda: self.estimator.fit(self.lists, seed=1)).rhat

    track_effective_draws_per_second.unit = "1/s"  # type: ignore[attr-defined]


class Graphs:
    """Averages over graphs."""

    def setup(self) -> None:
        """Read, and load what is compiled."""
        self.kosovo = load_lists(speed.KOSOVO)
        self.tables = speed.kosovo_like(200)
        DecomposableGraphs().fit(self.kosovo)

    def time_fit(self) -> None:
        """Kosovo, default settings."""
        DecomposableGraphs().fit(self.kosovo)

    def time_many(self) -> None:
        """Two hundred tables on short grids."""
        average_many(self.tables, Averaging(most_missing=speed.SHORT_GRID), threads=speed.CORES)


class Models:
    """Log-linear models with their bootstrap."""

    number, repeat, rounds, warmup_time = 1, 3, 1, 0

    def setup(self) -> None:
        """Read, and load what is compiled."""
        self.kosovo = load_lists(speed.KOSOVO)
        self.estimator = speed.on_cores(LogLinear())
        self.estimator.fit(self.kosovo)

    def time_bootstrap(self) -> None:
        """Kosovo, all models, 1,000 replicates."""
        self.estimator.fit(self.kosovo)


class Strata:
    """A batch of strata with replicates."""

    number, repeat, rounds, warmup_time = 1, 1, 1, 0
    timeout = 1200

    def setup(self) -> None:
        """Simulate, and load what is compiled."""
        self.lists = strata(20, 3)
        LatentClass().fit(strata(1, 1))

    def time_strata(self) -> None:
        """Twenty strata with three replicates each."""
        LatentClass().fit_many(self.lists, workers=speed.CORES)

    def peakmem_strata(self) -> None:
        """Likewise."""
        LatentClass().fit_many(self.lists, workers=speed.CORES)


class Coverage:
    """Share of the 95 % intervals that hold the toll, by kind of lists."""

    params = (list(WORLDS), list(accuracy.ESTIMATORS))
    param_names = ("lists", "estimator")
    timeout = 3600

    def track_coverage(self, kind: str, estimator: str) -> float:
        """Of the estimates that pass their gates."""
        (cell,) = accuracy.cells(accuracy.run(accuracy.trials(TABLES, (kind,), (estimator,))))
        return cell.covered / max(len(cell.quoted), 1)
