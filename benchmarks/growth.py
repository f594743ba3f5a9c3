"""How CPU time and memory grow: with the reports of a case, and with the cases of a batch.

The parts of a fit are timed apart from each other, since the sampler takes as many gradients as the posterior asks
for: evidence, design, one gradient, and everything after the sampler for a fixed number of draws. On a log-log
scale a line is fitted through all sizes; small ones are mostly constants, so the last decade is shown as well.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from benchmarks.core import Gradient
from benchmarks.growing import EXTENTS, Extent, totals_case, windows_case
from benchmarks.rows import Row, number
from benchmarks.simulate import simulated_case
from benchmarks.timing import answer, peak_megabytes
from undercount.estimators import CountFusion
from undercount.estimators.estimate import Estimate
from undercount.estimators.fitting import Fit
from undercount.estimators.samplers import Sampled
from undercount.models.design import design
from undercount.models.kernel import pack_design, values_at
from undercount.models.parameters import parameters
from undercount.sampling.draws import Plan
from undercount.sampling.single_thread import single_thread

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

GROUP: Final = "growth"
FAMILIES: Final[Mapping[str, Callable[[Extent], Evidence]]] = {
    "disjoint windows": windows_case,
    "running totals": totals_case,
}
CASES: Final = (10, 100, 1_000)
MANY_CASES: Final = (*CASES, 10_000)
"""With a quarter of an hour more of CPU time."""
STEEPEST: Final = 1.1
MOST_MEGABYTES: Final = 64.0
"""By which the memory of the process that hands out the cases may grow: it puts the rows of 2,000 cases in order at a
time, from parts of a second's cases each, and keeps the name of each case."""
LEAST_SECONDS: Final = 0.3
"""CPU time for which a part is repeated; its fastest run counts."""
CHAINS: Final = 4
DRAWS: Final = 25
OUTSIDE: Final = ("evidence", "design", "summaries")


class Batch(NamedTuple):
    """What a batch took."""

    seconds: float
    """Of CPU time, of all processes."""
    megabytes: float
    """Peak memory of the process that hands out the cases."""


def rows(cases: Sequence[int] = CASES) -> Iterator[Row]:
    """Growth with reports, then with cases."""
    yield from report_rows(EXTENTS)
    yield from batch_rows({count: batch(count) for count in cases})


def report_rows(extents: Mapping[int, Extent]) -> Iterator[Row]:
    """Slopes over the sizes, for each family and part, and the memory of the process at its end."""
    for family, case in FAMILIES.items():
        parts(partial(case, next(iter(extents.values()))))  # compiles
        found = [parts(partial(case, extent)) for extent in extents.values()]
        found = [part | {"outside of the sampler": sum(part[name] for name in OUTSIDE)} for part in found]
        for name in found[0]:
            seconds = {size: part[name] for size, part in zip(extents, found, strict=True)}
            yield from slope_rows(f"{family}: {name}", "reports", seconds)
    yield Row(GROUP, f"peak memory of all this, up to {max(extents):,} reports", peak_megabytes(), "MB")


def batch_rows(found: Mapping[int, Batch]) -> Iterator[Row]:
    """Slope of the time, and growth of the memory of the process that hands out the cases."""
    yield from slope_rows("fit_many", "cases", {count: each.seconds for count, each in found.items()})
    grown = found[max(found)].megabytes - found[min(found)].megabytes
    least = f"{min(found):,} ({found[min(found)].megabytes:.0f} MB)"
    yield Row(GROUP, f"fit_many: memory at {max(found):,} cases, over that at {least}", grown, "MB",
              goal=f"<= {MOST_MEGABYTES:g} MB", met=grown <= MOST_MEGABYTES)  # fmt: skip


def slope_rows(what: str, unit: str, seconds: Mapping[int, float]) -> Iterator[Row]:
    """Log-log slopes over all sizes and over the last two."""
    sizes = list(seconds)
    told = ", ".join(number(1e3 * value) for value in seconds.values())
    for shown, part in (("", sizes), (", last step", sizes[-2:])):
        steep = slope(part, [seconds[size] for size in part])
        words = f" ({told} ms)" if not shown else ""
        yield Row(GROUP, f"{what}, slope from {part[0]:,} to {part[-1]:,} {unit}{shown}{words}", steep, "",
                  goal=f"<= {STEEPEST:g}", met=steep <= STEEPEST)  # fmt: skip


def slope(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of the least-squares line through the logs.

    Examples
    --------
    >>> round(slope([10, 100, 1000], [2.0, 20.0, 200.0]), 6)
    1.0
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


@single_thread
def parts(make: Callable[[], Evidence]) -> dict[str, float]:
    """CPU seconds of each part of a fit of the evidence that `make` makes."""
    of_evidence = cpu_seconds(lambda: make().sha256)
    evidence = make()
    arrays = design(evidence)
    gradient = Gradient(arrays)
    times = max(1, 10_000 // len(evidence.reports))
    rng = np.random.default_rng(1)
    shape = (CHAINS, DRAWS)
    position = gradient.position + 0.02 * rng.standard_normal((*shape, gradient.position.size))
    sampled = Sampled(values_at(parameters(arrays), position), _statistics(rng, shape))
    fit = Fit(evidence, {}, Plan(DRAWS, 100, CHAINS, 0.9, cores=1))
    fit.__dict__["design"] = arrays

    def summarise() -> None:
        estimate = Estimate(evidence, fit.forecast(sampled, 1), {}, 1, {})
        estimate.__dict__["design"] = arrays
        estimate.check()
        estimate.summary()

    return {
        "evidence": of_evidence,
        "design": cpu_seconds(lambda: pack_design(design(evidence))),
        "gradient": cpu_seconds(lambda: gradient.repeat(times)) / times,
        "summaries": cpu_seconds(summarise),
    }


def _statistics(rng: np.random.Generator, shape: tuple[int, int]) -> dict[str, Any]:
    """What a sampler says of each draw; nothing that is measured depends on it."""
    names = ("energy", "tree_depth", "n_steps", "step_size", "acceptance_rate", "lp")
    never = np.zeros(shape, dtype=bool)
    return {"diverging": never, "reached_max_treedepth": never} | {name: rng.random(shape) for name in names}


def cpu_seconds(run: Callable[[], object], least: float = LEAST_SECONDS) -> float:
    """CPU time of the fastest of some runs, which take so many seconds together."""
    spent: list[float] = []
    while sum(spent) < least:
        begun = time.process_time()
        run()
        spent.append(time.process_time() - begun)
    return min(spent)


def batch(count: int) -> Batch:
    """Fit so many small cases, in a process of its own, whose memory nothing else has touched."""
    return Batch(**answer(["-c", f"from benchmarks.growth import tell_batch; tell_batch({count})"]))


def tell_batch(count: int) -> None:
    """Print as JSON what so many cases took, after a first one that loads everything."""
    estimator = CountFusion(chains=2, draws=DRAWS, tune=100, retry=False)
    with tempfile.TemporaryDirectory() as folder:
        found = estimator.fit_many(small_cases(count), out=Path(folder) / "batch", workers=2)
        if sum(found.counts[status] for status in ("passed", "held")) < 0.9 * count:
            raise SystemExit(repr(found))
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(each.ru_utime + each.ru_stime for each in (own, children))
    print(json.dumps(Batch(seconds, peak_megabytes())._asdict()))


def small_cases(count: int) -> Iterator[Evidence]:
    """Simulated cases, each made when its turn comes."""
    return (simulated_case(seed, "small")[0] for seed in range(count))
