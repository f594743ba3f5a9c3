"""Accuracy of the estimators of overlapping lists, where the toll is known: coverage, error, width, refusals.

`sheet` puts all estimators and kinds of lists side by side. Each estimator is right under an assumption; the sheet says
where the simulated lists keep to it, and shows what becomes of the interval where they do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from benchmarks.accuracy import NOMINAL, least_successes, share_interval
from benchmarks.overlap.worlds import WORLDS, World
from benchmarks.rows import Row, Sheet
from undercount.errors import UndercountError
from undercount.estimators.overlap import DecomposableGraphs, LatentClass, LogLinear, LowerBound, OverlapEstimate

if TYPE_CHECKING:
    from undercount.estimators.overlap.front import OverlapEstimator

GROUP: Final = "coverage"
BOUND: Final = "LowerBound"
AT_LEAST: Final = "with 95 % confidence at least"
"""What `LowerBound` notes its one-sided limit as."""
ESTIMATORS: Final[Mapping[str, Callable[[], OverlapEstimator]]] = {
    "LatentClass": LatentClass,
    "DecomposableGraphs": partial(DecomposableGraphs, draws=1),
    "LogLinear": LogLinear,
    BOUND: partial(LowerBound, draws=1),
}
"""At their defaults; the figures of two of them do not come from draws."""
KEPT: Final[Mapping[str, frozenset[str]]] = {
    "LatentClass": frozenset({"independent", "two classes", "a hidden class", "sparse"}),
    "DecomposableGraphs": frozenset({"independent", "a pair attracts", "a pair avoids", "two pairs", "sparse"}),
    "LogLinear": frozenset({"independent", "a pair attracts", "a pair avoids", "two pairs", "sparse"}),
    BOUND: frozenset({"independent", "a pair attracts", "two classes", "a hidden class", "persons differ", "sparse"}),
}
"""Kinds of lists that keep to the assumption of an estimator."""
SHORT_KIND: Final = "independent"


class Trial(NamedTuple):
    """An estimator and the lists that it is given."""

    world: World
    seed: int
    estimator: str


@dataclass(frozen=True)
class Outcome:
    """What an estimator made of simulated lists."""

    kind: str
    estimator: str
    toll: int
    seconds: float
    """CPU time of the fit with its checks."""
    error: str = ""
    """Code of the refusal, or of what broke down, in place of an estimate."""
    failed: tuple[str, ...] = ()
    """Gates that did not pass."""
    median: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")

    @property
    def is_quoted(self) -> bool:
        """Whether there is an estimate, and every gate let it pass."""
        return not self.error and not self.failed

    @property
    def is_covered(self) -> bool:
        """Whether the interval holds the toll; of a bound, whether it is below."""
        return self.lower <= self.toll <= self.upper

    @property
    def error_ratio(self) -> float:
        """Estimate over toll, less 1."""
        return self.median / self.toll - 1.0


@dataclass(frozen=True)
class Cell:
    """What one estimator made of lists of one kind."""

    kind: str
    estimator: str
    outcomes: tuple[Outcome, ...]

    @property
    def quoted(self) -> tuple[Outcome, ...]:
        """Estimates that passed their gates: coverage, error and width are theirs."""
        return tuple(outcome for outcome in self.outcomes if outcome.is_quoted)

    @property
    def covered(self) -> int:
        """Intervals that hold the toll."""
        return sum(outcome.is_covered for outcome in self.quoted)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the coverage, exact binomial, 95 %."""
        return share_interval(self.covered, len(self.quoted))

    @property
    def keeps(self) -> bool:
        """Whether the lists keep to the assumption of the estimator."""
        return self.kind in KEPT[self.estimator]

    @property
    def verdict(self) -> str:
        """Whether the coverage is 95 %, up to chance; a bound may hold more often."""
        if not self.quoted:
            return "no estimate"
        low, high = self.interval
        if high < NOMINAL:
            return "too often wrong"
        return "too wide" if low > NOMINAL and self.estimator != BOUND else "holds"

    def share(self, count: int) -> float:
        """Of all lists of this kind."""
        return count / len(self.outcomes)

    @property
    def line(self) -> tuple[str, ...]:
        """The cell as a line of the sheet."""
        quoted = self.quoted
        refused = self.share(sum(bool(outcome.error) for outcome in self.outcomes))
        held = self.share(sum(bool(outcome.failed) for outcome in self.outcomes))
        figures = ("-", "-", "-") if not quoted else (_coverage(self), *_middle(quoted, self.estimator))
        kept = "yes" if self.keeps else "no"
        return self.kind, self.estimator, kept, *figures, f"{refused:.0%}", f"{held:.0%}", self.verdict


def _coverage(cell: Cell) -> str:
    low, high = cell.interval
    return f"{cell.covered / len(cell.quoted):.2f} [{low:.2f}, {high:.2f}]"


def _middle(quoted: Sequence[Outcome], estimator: str) -> tuple[str, str]:
    """Median error and width, as ratios."""
    error = float(np.median([outcome.error_ratio for outcome in quoted]))
    if estimator == BOUND:
        return f"{error:+.0%}", "-"
    return f"{error:+.0%}", f"{np.median([outcome.upper / outcome.lower for outcome in quoted]):.2f}"


COLUMNS: Final = (
    "lists", "estimator", "assumption kept", "coverage [95 %]", "median error", "upper / lower", "refused",
    "held by gates", "95 % interval",
)  # fmt: skip


def try_out(trial: Trial) -> Outcome:
    """Simulate, fit and score; the same trial gives the same outcome, but for the time."""
    lists, toll = trial.world.draw(trial.seed)
    estimator = ESTIMATORS[trial.estimator]()
    if hasattr(estimator, "cores"):
        estimator.cores = 1
    about = (trial.world.kind, trial.estimator, toll)
    begun = time.process_time()
    try:
        estimate = estimator.fit(lists, seed=trial.seed)
        failed = tuple(check.name for check in estimate.check().failed)
    except UndercountError as error:
        return Outcome(*about, time.process_time() - begun, error=error.code)
    seconds = time.process_time() - begun
    median = estimate.toll().median
    lower, upper = _ends(estimate)
    return Outcome(*about, seconds, failed=failed, median=median, lower=lower, upper=upper)


def _ends(estimate: OverlapEstimate) -> tuple[float, float]:
    if estimate.estimator == BOUND:
        return float(estimate.results[0].notes[AT_LEAST]), float("inf")
    lower, upper = estimate.toll().interval
    return float(lower), float(upper)


def trials(
    tables: int, kinds: Iterable[str] = tuple(WORLDS), estimators: Iterable[str] = tuple(ESTIMATORS)
) -> list[Trial]:
    """So many tables of each kind, by turns of each of its worlds, for every estimator."""
    return [
        Trial(WORLDS[kind][seed % len(WORLDS[kind])], seed, estimator)
        for kind in kinds
        for seed in range(tables)
        for estimator in estimators
    ]


def run(wanted: Sequence[Trial], workers: int = 1) -> Iterator[Outcome]:
    """Try out all, in their order; with several workers in processes of their own."""
    if workers == 1:
        yield from map(try_out, wanted)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(try_out, wanted)


def cells(outcomes: Iterable[Outcome]) -> tuple[Cell, ...]:
    """Gather by kind and estimator, in the order that they come in."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.kind, outcome.estimator), []).append(outcome)
    return tuple(Cell(*key, tuple(mine)) for key, mine in found.items())


def sheet(found: Sequence[Cell]) -> Sheet:
    """All estimators and kinds of lists side by side."""
    tables = max(len(cell.outcomes) for cell in found)
    return Sheet(f"Coverage: {tables} simulated tables of each kind", COLUMNS, tuple(cell.line for cell in found))


def rows(found: Sequence[Cell]) -> Iterator[Row]:
    """Coverage of each estimator over all lists that keep to its assumption, and over the others."""
    for estimator in dict.fromkeys(cell.estimator for cell in found):
        mine = [cell for cell in found if cell.estimator == estimator]
        for keeps, words in ((True, "keep to its assumption"), (False, "do not")):
            outcomes = tuple(outcome for cell in mine if cell.keeps is keeps for outcome in cell.outcomes)
            whole = Cell(words, estimator, outcomes)
            if whole.quoted:
                yield _whole_row(whole, words, keeps=keeps)
        seconds = float(np.mean([outcome.seconds for cell in mine for outcome in cell.outcomes]))
        yield Row(GROUP, f"{estimator}: CPU time of a fit with its checks, mean", seconds, "s")


def _whole_row(whole: Cell, words: str, *, keeps: bool) -> Row:
    low, high = whole.interval
    what = f"{whole.estimator}: 95 % intervals that hold, where the lists {words} ({len(whole.quoted)} estimates)"
    met = low <= NOMINAL <= high or (whole.estimator == BOUND and low > NOMINAL)
    return Row(GROUP, what, whole.covered / len(whole.quoted), "", low, high, "95 %, exact binomial",
               goal="0.95 inside" if keeps else "", met=met if keeps else None)  # fmt: skip


def short_rows(tables: int, workers: int = 1) -> Iterator[Row]:
    """Independent lists, with bounds that a right estimator misses less than once in a thousand runs."""
    for cell in cells(run(trials(tables, (SHORT_KIND,)), workers)):
        for what, hits, of in (
            ("tables that are estimated and pass every gate", len(cell.quoted), len(cell.outcomes)),
            ("95 % intervals that hold the toll", cell.covered, len(cell.quoted)),
        ):
            least = least_successes(of, NOMINAL) if of else 1
            yield Row(f"{GROUP}, {tables} tables of independent lists", f"{cell.estimator}: {what}, of {of}", hits, "",
                      goal=f">= {least}", met=hits >= least)  # fmt: skip
