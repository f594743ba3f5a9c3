"""Speed of the core beside a fixed computation of the same run: a slow machine must not look like slow code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numba
import numpy as np

from benchmarks.rows import Row
from benchmarks.timing import Spent, Spread, interleaved, ratios
from undercount.data.bundled import load_case
from undercount.estimators import CountFusion
from undercount.estimators.samplers import target_of
from undercount.models.design import Design, design
from undercount.sampling.hamiltonian import System, evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP: Final = "core"
CASE: Final = "mosul-2017"
GRADIENTS: Final = 2000
GRADIENT_BOUND: Final = 1.7
"""Largest ratio of the CPU time of `GRADIENTS` gradients to that of the reference: three times what was measured."""
FIT_BOUND: Final = 110.0
"""Likewise for a whole fit of the case."""


def reference() -> float:
    """Fixed work for one core: exponentials, sums and sorts in numpy, no matrix product that several cores share."""
    values = np.linspace(-3.0, 3.0, 100_000)
    total = 0.0
    for _ in range(60):
        waves = np.exp(-(values**2)) + np.sqrt(np.abs(values))
        total += float(np.cumsum(waves)[-1]) + float(np.sort(waves[::7])[0])
        values = values[::-1].copy()
    return total


@numba.njit(nogil=True)
def _repeat(system: Any, position: NDArray[np.float64], gradient: NDArray[np.float64], times: int) -> float:
    total = 0.0
    for _ in range(times):
        total += evaluate(system, position, gradient)
    return total


class Gradient:
    """The log density with its gradient, at a point of the prior."""

    def __init__(self, arrays: Design) -> None:
        target = target_of(arrays)
        self.system = System.of(target, np.zeros(1, dtype=np.int64))
        self.position = target.draw_start(np.random.default_rng(1))
        self.gradient = np.zeros_like(self.position)
        self.repeat(1)

    def repeat(self, times: int = GRADIENTS) -> float:
        """Evaluate it so many times, in a compiled loop; gives the sum of the log densities."""
        total: float = _repeat(self.system, self.position, self.gradient, times)
        return total


def rows(rounds: int) -> Iterator[Row]:
    """Time gradient, fit and reference in turns."""
    evidence = load_case(CASE)
    gradient = Gradient(design(evidence))
    estimator = CountFusion(cores=2)
    estimator.fit(evidence, seed=0)
    reference()
    found = interleaved(
        {
            "reference": lambda _: Spent.by(reference),
            "gradient": lambda _: Spent.by(gradient.repeat),
            "fit": lambda number: Spent.by(lambda: estimator.fit(evidence, seed=number).check()),
        },
        rounds,
    )
    each = Spread.of([1e6 * spent.wall / GRADIENTS for spent in found["gradient"]])
    yield Row.of(GROUP, f"log density with gradient, {CASE}", each, "µs")
    fits = Spread.of([spent.wall for spent in found["fit"]])
    yield Row.of(GROUP, f"fit with its checks, {CASE}, 4 x (500 + 1,000) draws", fits, "s")
    for name, bound in (("gradient", GRADIENT_BOUND), ("fit", FIT_BOUND)):
        times = ratios([spent.cpu for spent in found[name]], [spent.cpu for spent in found["reference"]])
        what = f"{GRADIENTS} gradients" if name == "gradient" else "fit"
        # The best round counts: whatever else runs on the machine can only slow a round down.
        yield Row.of(GROUP, f"{what} / reference computation, CPU time", times, "x", goal=f"<= {bound:g}",
                     met=times.low <= bound)  # fmt: skip


def case_rows(rounds: int) -> Iterator[Row]:
    """Fit of each bundled case."""
    from undercount.data.bundled import case_names

    for name in case_names():
        evidence = load_case(name)
        passed, spent = 0, []
        for number in range(rounds):
            begun = time.perf_counter()
            passed += CountFusion(cores=2).fit(evidence, seed=number).check().passed
            spent.append(time.perf_counter() - begun)
        yield Row.of("bundled cases", f"fit of {name} ({passed} of {rounds} pass the gates)", Spread.of(spent), "s",
                     met=None)  # fmt: skip
