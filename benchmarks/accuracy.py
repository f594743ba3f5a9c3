"""Accuracy on simulated evidence: gates passed, coverage, error of the log toll, bias."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import stats

from benchmarks.simulate import Truth, simulated_case
from undercount.errors import SamplingError
from undercount.estimators import CountFusion, Estimate
from undercount.estimators.gates import reported_quantities
from undercount.sampling.diagnostics import convergence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.shapes import Size
    from undercount.data.evidence import Evidence

FROZEN: Final = "sampling-frozen"
NOMINAL: Final = 0.95
EDGE: Final = 1e-6
"""A quantile of whole numbers is one but for the rounding of its weights."""


@dataclass(frozen=True)
class Score:
    """How one quantity of one case came out."""

    truth: float
    median: float
    lower: float
    upper: float
    crps: float
    """Continuous ranked probability score of ln(1 + toll)."""

    @property
    def is_covered(self) -> bool:
        """Whether the 95 % interval holds the truth."""
        return self.lower - EDGE <= self.truth <= self.upper + EDGE

    @property
    def log_ratio(self) -> float:
        """ln((1 + median) / (1 + truth))."""
        return float(np.log1p(self.median) - np.log1p(self.truth))

    @classmethod
    def of(cls, draws: NDArray[Any], truth: float) -> Score:
        """Score draws of a count against its true value."""
        lower, median, upper = np.quantile(draws, [(1 - NOMINAL) / 2, 0.5, (1 + NOMINAL) / 2])
        score = crps(np.log1p(draws.ravel().astype(float)), float(np.log1p(truth)))
        return cls(float(truth), float(median), float(lower), float(upper), score)


def crps(draws: NDArray[np.float64], truth: float) -> float:
    """Continuous ranked probability score, E|X - y| - E|X - X'| / 2 (Gneiting and Raftery 2007, eq. 21).

    Examples
    --------
    >>> crps(np.array([1.0, 3.0]), 2.0)
    0.5
    """
    ordered, size = np.sort(draws), draws.size
    spread = float(ordered @ (2 * np.arange(1, size + 1) - size - 1)) / size**2
    return float(np.abs(ordered - truth).mean()) - spread


@dataclass(frozen=True)
class Outcome:
    """One simulated case, fitted."""

    seed: int
    seconds: float
    features: Mapping[str, int]
    failed: Mapping[str, float]
    """Gates that did not pass, with their figures."""
    error: str = ""
    """Code of the error that stands in place of an estimate."""
    worst: str = ""
    """The reported quantity with the fewest effective draws."""
    toll: Score | None = None
    by_actor: tuple[Score, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is an estimate and every gate let it pass."""
        return not self.error and not self.failed


def run_case(seed: int, estimator: CountFusion | None = None, size: Size = "any") -> Outcome:
    """Simulate, fit and score one case."""
    evidence, truth = simulated_case(seed, size)
    begun = time.perf_counter()
    try:
        estimate = (CountFusion() if estimator is None else estimator).fit(evidence, seed=seed)
        checks = estimate.check()
    except SamplingError as error:
        return Outcome(seed, time.perf_counter() - begun, features_of(evidence, truth, None), {}, error.code)
    seconds = time.perf_counter() - begun
    return Outcome(
        seed,
        seconds,
        features_of(evidence, truth, estimate),
        {check.name: check.value for check in checks.failed},
        worst="" if checks.passed else worst_quantity(estimate),
        toll=Score.of(estimate.toll().draws, truth.toll),
        by_actor=tuple(
            Score.of(estimate.toll(scope={"actor": [actor]}).draws, toll) for actor, toll in truth.by_actor.items()
        ),
    )


def features_of(evidence: Evidence, truth: Truth, estimate: Estimate | None) -> dict[str, int]:
    """Size of a case in figures."""
    case = evidence.case
    found = {
        "days": case.timeline.days,
        "actors": len(case.dimensions["actor"].levels),
        "areas": len(case.dimensions["area"].levels),
        "incidents": len(case.incidents),
        "sources": len(evidence.sources),
        "reports": len(evidence.reports),
        "toll": truth.toll,
        "exact": int(truth.is_exact),
    }
    if estimate is not None:
        statistics = estimate.sampled["sample_stats"]
        found["divergences"] = int(statistics.values("diverging").sum())
        found["steps"] = int(statistics.values("n_steps").sum())
    return found


def worst_quantity(estimate: Estimate) -> str:
    """The reported quantity with the fewest effective draws, with its R-hat and effective draws."""
    quantities = reported_quantities(estimate)
    rhat, bulk, tail = convergence(np.stack([np.asarray(draws, dtype=float) for draws in quantities.values()]))
    worst = int(np.minimum(bulk, tail).argmin())
    return f"{list(quantities)[worst]}: R-hat {rhat[worst]:.3f}, bulk {bulk[worst]:.0f}, tail {tail[worst]:.0f}"


@dataclass(frozen=True)
class Accuracy:
    """What a number of cases say together."""

    outcomes: tuple[Outcome, ...]

    @property
    def cases(self) -> int:
        """Number of cases."""
        return len(self.outcomes)

    @property
    def passed(self) -> int:
        """Cases that every gate let pass."""
        return sum(outcome.passed for outcome in self.outcomes)

    @property
    def frozen(self) -> int:
        """Cases without an estimate because a chain stayed frozen."""
        return sum(outcome.error == FROZEN for outcome in self.outcomes)

    @cached_property
    def tolls(self) -> tuple[Score, ...]:
        """Scores of the toll, of every case that gave an estimate."""
        return tuple(outcome.toll for outcome in self.outcomes if outcome.toll is not None)

    @cached_property
    def actors(self) -> tuple[Score, ...]:
        """Scores of the tolls by actor, of the cases with several."""
        return tuple(score for outcome in self.outcomes if len(outcome.by_actor) > 1 for score in outcome.by_actor)

    @property
    def failures(self) -> Counter[str]:
        """How often each gate stopped a case."""
        names = [name for outcome in self.outcomes for name in outcome.failed]
        return Counter(names + [outcome.error for outcome in self.outcomes if outcome.error])

    @property
    def seconds(self) -> float:
        """Mean seconds of a fit with its checks."""
        return float(np.mean([outcome.seconds for outcome in self.outcomes]))


def covered(scores: Sequence[Score]) -> int:
    """Number of intervals that hold the truth."""
    return sum(score.is_covered for score in scores)


def share_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of a share (Clopper and Pearson 1934)."""
    found = stats.binomtest(successes, trials).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def mean_and_error(values: Iterable[float]) -> tuple[float, float]:
    """Mean and its Monte Carlo standard error."""
    drawn = np.array(list(values))
    return float(drawn.mean()), float(drawn.std(ddof=1) / np.sqrt(drawn.size)) if drawn.size > 1 else float("nan")


def median_and_error(values: Iterable[float]) -> tuple[float, float]:
    """Median and half of its 95 % interval from order statistics, which needs no law of the values."""
    drawn = np.sort(np.array(list(values)))
    reach = int(np.ceil(0.98 * np.sqrt(drawn.size)))
    middle = drawn.size // 2
    low, high = drawn[max(0, middle - reach)], drawn[min(drawn.size - 1, middle + reach)]
    return float(np.median(drawn)), float(high - low) / 2


def least_successes(trials: int, probability: float, error: float = 1e-3) -> int:
    """The fewest successes that a binomial count falls short of with a probability of less than `error`.

    Examples
    --------
    >>> least_successes(12, 0.95)
    8
    """
    return int(stats.binom.ppf(error, trials, probability))


def run(
    seeds: Iterable[int],
    estimator: CountFusion | None = None,
    tell: Callable[[Outcome], None] | None = None,
    size: Size = "any",
) -> Accuracy:
    """Fit a simulated case for each seed, with the default settings unless told otherwise."""
    outcomes = []
    for seed in seeds:
        outcomes.append(run_case(seed, estimator, size))
        if tell is not None:
            tell(outcomes[-1])
    return Accuracy(tuple(outcomes))
