"""Speed of the estimators of overlapping lists, at the tables and settings of the reference figures.

These were measured with R 4.2 on two cores: LCMCR 63 to 77 effective draws a second, dga 0.08 to 0.12 s, the log-linear
models 17.2 s and 37 s.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.overlap.strata import strata
from benchmarks.rows import Row
from benchmarks.timing import Spent, Spread, interleaved
from undercount.data.lists import load_lists
from undercount.estimators.overlap import DecomposableGraphs, LatentClass, LogLinear, OverlapEstimate
from undercount.models.overlap.graphs.average import average, average_many
from undercount.models.overlap.graphs.setting import Averaging
from undercount.sampling.diagnostics import convergence

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP: Final = "lists"
KOSOVO: Final = "kosovo-1999"
UK: Final = "uk-2013"
CORES: Final = 2
GRID: Final = 44_000
"""Missing victims; so long the grid of the reference is."""
SHORT_GRID: Final = 1_000
BATCH: Final = 2_000
"""Tables of a batch on the short grid."""
LEAST_DRAWS: Final = 1_500.0
MOONSHOT_DRAWS: Final = 5_000.0
LARGEST_RHAT: Final = 1.01
MOST_GRID_SECONDS: Final = 0.02
LEAST_STRATA: Final = 1_500.0
MOST_BOOTSTRAP_SECONDS: Final = 0.5
MOST_MODELS_SECONDS: Final = 2.0
MANY_STRATA: Final = 1_000
REPLICATES: Final = 10
MOST_MANY_SECONDS: Final = 600.0
SHORTEST: Final = 0.2
"""Seconds for which a short run is repeated."""


@dataclass(frozen=True)
class Sampled:
    """A fit that samples."""

    spent: Spent
    draws: float
    """Effective draws of the toll, the fewer of bulk and tail."""
    rhat: float
    """Of the toll."""
    passed: bool

    @classmethod
    def of(cls, fit: Callable[[], OverlapEstimate]) -> Sampled:
        """Fit; what the draws are worth is worked out after the clock stopped."""
        kept: list[OverlapEstimate] = []
        spent = Spent.by(lambda: kept.append(fit()))
        (estimate,) = kept
        rhat, bulk, tail = convergence(np.log(estimate.results[0].draws.astype(float))[None])
        return cls(spent, float(min(bulk[0], tail[0])), float(rhat[0]), estimate.check().passed)


def rows(rounds: int, *, many: bool = False) -> Iterator[Row]:
    """Every figure; with `many` also 1,000 strata with 10 replicates each, once."""
    yield from latent_class_rows(rounds)
    yield from graph_rows(rounds)
    yield from log_linear_rows(rounds)
    if many:
        yield from strata_rows(MANY_STRATA, REPLICATES)


def latent_class_rows(rounds: int) -> Iterator[Row]:
    """Effective draws on Kosovo, and R-hat on the table where the reference does not mix."""
    estimator = on_cores(LatentClass())
    kosovo, uk = load_lists(KOSOVO), load_lists(UK)
    estimator.fit(kosovo, seed=0)
    found = interleaved(
        {
            KOSOVO: lambda number: Sampled.of(lambda: estimator.fit(kosovo, seed=number + 1)),
            UK: lambda number: Sampled.of(lambda: estimator.fit(uk, seed=number + 1)),
        },
        rounds,
    )
    yield from _draws_rows(found[KOSOVO])
    yield from _mixing_rows(found[UK])


def _draws_rows(runs: Sequence[Sampled]) -> Iterator[Row]:
    what = f"LatentClass, {KOSOVO}: effective draws of the toll"
    rate = Spread.of([run.draws / run.spent.wall for run in runs])
    by_cpu = Spread.of([run.draws / run.spent.cpu for run in runs])
    note = f"effective draws: of the whole fit with its warm-up, on {CORES} cores; of bulk and tail the fewer"
    yield Row.of(GROUP, f"{what}, each second {_passed(runs)}", rate, "/s", note=note,
                 goal=f">= {LEAST_DRAWS:,.0f} (R LCMCR: 63 to 77)", met=rate.median >= LEAST_DRAWS)  # fmt: skip
    yield Row.of(GROUP, f"{what}, the same, moonshot", rate, "/s", goal=f">= {MOONSHOT_DRAWS:,.0f}",
                 met=rate.median >= MOONSHOT_DRAWS)  # fmt: skip
    yield Row.of(GROUP, f"{what}, each second of CPU time", by_cpu, "/s")


def _mixing_rows(runs: Sequence[Sampled]) -> Iterator[Row]:
    rhat = Spread.of([run.rhat for run in runs])
    yield Row.of(GROUP, f"LatentClass, {UK}: R-hat of the toll {_passed(runs)}", rhat, "",
                 goal=f"< {LARGEST_RHAT} (R LCMCR: 1.41)", met=rhat.high < LARGEST_RHAT)  # fmt: skip
    yield from time_rows(f"LatentClass, {UK}: fit", [run.spent for run in runs])


def _passed(runs: Sequence[Sampled]) -> str:
    return f"({sum(run.passed for run in runs)} of {len(runs)} pass the gates)"


def graph_rows(rounds: int) -> Iterator[Row]:
    """One long grid, a fit as users call it, and many short grids."""
    kosovo = load_lists(KOSOVO)
    (table,) = kosovo.tables
    long, short = Averaging(most_missing=GRID), Averaging(most_missing=SHORT_GRID)
    estimator = on_cores(DecomposableGraphs(draws=1))
    tables = kosovo_like(BATCH)
    found = interleaved(
        {
            "long": lambda _: each(lambda: average(table.counts, long).interval()),
            "fit": lambda _: each(lambda: estimator.fit(kosovo)),
            "short": lambda _: Spent.by(lambda: average_many(tables, short, threads=CORES)),
        },
        rounds + 1,
    )
    what = f"DecomposableGraphs, {KOSOVO}"
    yield from time_rows(f"{what}: {GRID:,} tolls", found["long"][1:], MOST_GRID_SECONDS, "R dga: 0.08 to 0.12")
    yield from time_rows(f"{what}: fit, as many tolls as it needs", found["fit"][1:])
    rate = Spread.of([BATCH / spent.wall for spent in found["short"][1:]])
    by_cpu = Spread.of([BATCH / spent.cpu for spent in found["short"][1:]])
    many = f"DecomposableGraphs, {BATCH:,} tables of 4 lists, {SHORT_GRID:,} tolls: tables"
    yield Row.of(GROUP, f"{many} each second, on {CORES} cores", rate, "/s", goal=f">= {LEAST_STRATA:,.0f}",
                 met=rate.median >= LEAST_STRATA)  # fmt: skip
    yield Row.of(GROUP, f"{many} each second of CPU time", by_cpu, "/s")


def kosovo_like(count: int, seed: int = 1) -> NDArray[np.int64]:
    """Tables of about a tenth of the victims of Kosovo each, shape (count, 16)."""
    counts = load_lists(KOSOVO).tables[0].counts
    return np.random.default_rng(seed).binomial(counts, 0.1, size=(count, counts.size))


def log_linear_rows(rounds: int) -> Iterator[Row]:
    """All hierarchical models: of four lists with a bootstrap that repeats the selection, of five lists once."""
    from undercount.models.overlap.loglinear import select_model

    kosovo, uk = load_lists(KOSOVO), load_lists(UK).tables[0]
    estimator = on_cores(LogLinear())
    found = interleaved(
        {
            "bootstrap": lambda number: each(lambda: estimator.fit(kosovo, seed=number)),
            "models": lambda _: Spent.by(lambda: select_model(uk.counts, names=uk.names)),
        },
        rounds + 1,
    )
    yield from time_rows(f"LogLinear, {KOSOVO}: BIC over all 113 models, 1,000 replicates that repeat it",
                         found["bootstrap"][1:], MOST_BOOTSTRAP_SECONDS, "R: 17.2")  # fmt: skip
    yield from time_rows(f"LogLinear, {UK}: BIC over all models of five lists, once", found["models"][1:],
                         MOST_MODELS_SECONDS, "R: 37")  # fmt: skip


def strata_rows(count: int, replicates: int) -> Iterator[Row]:
    """A batch of strata, each with all its replicates, in as many processes as there are cores."""
    lists = strata(count, replicates)
    on_cores(LatentClass()).fit(next(iter(lists.split())).select(replicate=0))
    begun, before = time.perf_counter(), _cpu()
    batch = LatentClass().fit_many(lists, workers=CORES)
    wall, cpu = time.perf_counter() - begun, _cpu() - before
    told = ", ".join(f"{number} {status}" for status, number in batch.counts.items() if number)
    what = f"LatentClass: {count:,} strata x {replicates} replicates with gates"
    goal = f"<= {MOST_MANY_SECONDS:.0f}" if (count, replicates) == (MANY_STRATA, REPLICATES) else ""
    yield Row(GROUP, f"{what} ({told})", wall, "s", spread="one run", goal=goal,
              met=wall <= MOST_MANY_SECONDS if goal else None)  # fmt: skip
    yield Row(GROUP, f"{what}, CPU time", cpu, "s", spread="one run")


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def on_cores[T](estimator: T) -> T:
    """The estimator, on as many cores as the reference had."""
    if hasattr(estimator, "cores"):
        estimator.cores = CORES
    return estimator


def each(run: Callable[[], object]) -> Spent:
    """Time of the fastest of some runs."""
    found = [Spent.by(run)]
    while sum(spent.wall for spent in found) < SHORTEST:
        found.append(Spent.by(run))
    return Spent(min(spent.wall for spent in found), min(spent.cpu for spent in found))


def time_rows(what: str, spent: Sequence[Spent], most: float | None = None, reference: str = "") -> Iterator[Row]:
    """Wall-clock and CPU time."""
    wall = Spread.of([one.wall for one in spent])
    goal = "" if most is None else f"<= {most:g} ({reference})"
    yield Row.of(GROUP, what, wall, "s", goal=goal, met=None if most is None else wall.median <= most)
    yield Row.of(GROUP, f"{what}, CPU time", Spread.of([one.cpu for one in spent]), "s")
