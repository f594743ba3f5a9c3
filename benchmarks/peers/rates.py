"""Effective draws of the toll per second of sampling, in one process, compilation left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.peers.contenders import Contender, Core, Numpyro, Nutpie, Pymc, has_numpyro
from benchmarks.peers.quality import Quality
from benchmarks.rows import Row
from benchmarks.timing import Spread, interleaved, ratios
from undercount.data.bundled import load_case
from undercount.models.design import Design, design

GROUP: Final = "effective draws"
_NUMPYRO: Final = (
    "numpyro samples the same graph through JAX, its four chains as four devices on the two cores; the model's "
    "interval probability has no derivative in JAX: it is called back from there, the same compiled function as "
    "everybody's, which costs numpyro some time at each gradient"
)
_NOTES: Final = {
    "numpyro": _NUMPYRO,
    "pymc": "PyMC's own NUTS compiles at each call of pm.sample: that is in its seconds, and in nobody else's",
}


@dataclass(frozen=True)
class Run:
    """One sampling run."""

    seconds: float
    quality: Quality

    @property
    def rate(self) -> float:
        """Effective draws of the toll per second."""
        return self.quality.toll / self.seconds


def timed(contender: Contender, arrays: Design, seed: int) -> Run:
    """Sample once; what the draws are worth is worked out after the clock stopped."""
    begun = time.perf_counter()
    sampled = contender.sample(arrays, seed)
    spent = time.perf_counter() - begun
    return Run(spent, Quality.of(arrays, sampled))


def rows(case: str, rounds: int) -> Iterator[Row]:
    """Sample a bundled case with each contender in turns."""
    arrays = design(load_case(case))
    contenders: list[Contender] = [Core(), Nutpie(arrays)]
    if has_numpyro():
        contenders.append(Numpyro(arrays))
    compiled = {one.name: partial(timed, one, arrays) for one in contenders}
    for run in compiled.values():
        run(0)
    contenders.append(Pymc())
    runs: dict[str, Callable[[int], Run]] = {one.name: partial(timed, one, arrays) for one in contenders}
    found = interleaved(runs, rounds)
    for name, mine in found.items():
        passed = sum(run.quality.passed for run in mine)
        yield Row.of(GROUP, f"{name}, {case}: of the toll, each second ({passed} of {len(mine)} runs pass the gates)",
                     Spread.of([run.rate for run in mine]), "/s", note=_NOTES.get(name, ""))  # fmt: skip
    core = [run.rate for run in found["undercount"]]
    for name, mine in found.items():
        if name != "undercount":
            yield Row.of(GROUP, f"core / {name}, {case}", ratios(core, [run.rate for run in mine]), "x")
