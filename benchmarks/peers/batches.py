"""Many cases of one structure with different counts: cases per second that pass the gates, at equal draws."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.peers.contenders import PLAN, Contender, Nutpie, Pymc
from benchmarks.peers.quality import Quality
from benchmarks.rows import Row
from benchmarks.simulate import replicated_cases
from benchmarks.timing import Spread, interleaved, ratios
from undercount.errors import SamplingError
from undercount.estimators.samplers import named, target_of
from undercount.models.design import Design, design
from undercount.sampling.batch import sample_batch

GROUP: Final = "batch"


@dataclass(frozen=True)
class Batch:
    """What became of some cases."""

    seconds: float
    cases: int
    passed: int

    @property
    def rate(self) -> float:
        """Cases per second that pass; half a case where none did, so that ratios stay finite."""
        return max(self.passed, 0.5) / self.seconds


def core_batch(cases: Sequence[Design], seed: int) -> Batch:
    """All cases at once through the core."""
    begun = time.perf_counter()
    jobs = [(target_of(arrays), seed + i) for i, arrays in enumerate(cases)]
    drawn = list(sample_batch(jobs, PLAN, cores=PLAN.cores))
    spent = time.perf_counter() - begun
    passed = sum(
        not isinstance(result, SamplingError) and Quality.of(cases[place], named(cases[place], result)).passed
        for place, result in drawn
    )
    return Batch(spent, len(cases), passed)


def loop_batch(contender: Contender, cases: Sequence[Design], seed: int) -> Batch:
    """One case after the other."""
    spent, passed = 0.0, 0
    for i, arrays in enumerate(cases):
        begun = time.perf_counter()
        sampled = contender.sample(arrays, seed + i)
        spent += time.perf_counter() - begun
        passed += Quality.of(contender.coordinates(arrays), sampled).passed
    return Batch(spent, len(cases), passed)


def rows(rounds: int, cases: int, *, pymc: int = 1, seed: int = 1) -> Iterator[Row]:
    """Run batches in turns; PyMC gets `pymc` cases of each round, 0 leaves it out."""
    designs = [design(evidence) for evidence, _ in replicated_cases(seed, rounds * cases)]
    nutpie = Nutpie(designs[0])
    nutpie.sample(designs[0], 0)
    core_batch(designs[:1], 0)

    def part(number: int) -> Sequence[Design]:
        return designs[number * cases : (number + 1) * cases]

    runs: dict[str, Callable[[int], Batch]] = {
        "core": lambda number: core_batch(part(number), number),
        "nutpie": lambda number: loop_batch(nutpie, part(number), number),
    }
    if pymc:
        runs["pymc"] = lambda number: loop_batch(Pymc(), part(number)[:pymc], number)
    found = interleaved(runs, rounds)
    titles = {
        "core": "core, one batch",
        "nutpie": "nutpie, compiled once and re-used with new data",
        "pymc": "loop of pm.sample",
    }
    first = designs[0]
    shape = f"{first.days} days, {len(first.sources)} sources, {len(first.reports)} reports"
    for name, mine in found.items():
        share = f"{sum(b.passed for b in mine)} of {sum(b.cases for b in mine)} pass"
        yield Row.of(GROUP, f"{titles[name]}: passing cases each second ({share})",
                     Spread.of([b.rate for b in mine]), "/s", note=f"batches: simulated cases of {shape}")  # fmt: skip
    core = [b.rate for b in found["core"]]
    for name, goal in (("nutpie", 10), ("pymc", 100)):
        if name in found:
            times = ratios(core, [b.rate for b in found[name]])
            yield Row.of(GROUP, f"core / {titles[name]}", times, "x", goal=f">= {goal}", met=times.median >= goal)
