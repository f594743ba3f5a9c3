"""Speed and memory: gradient, effective draws, fits, batches, command line, import."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final

from benchmarks.core import Gradient
from benchmarks.peers import whole
from benchmarks.peers.batches import core_batch
from benchmarks.peers.contenders import Core
from benchmarks.peers.rates import timed
from benchmarks.simulate import replicated_cases, simulated_case
from benchmarks.timing import process_time
from undercount.data.bundled import case_names, load_case
from undercount.estimators import CountFusion
from undercount.models.design import Design, design

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

CASES: Final = list(case_names())


class GradientCost:
    """The log density with its gradient, of each bundled case."""

    params = (CASES,)
    param_names = ("case",)
    number = 1

    def setup(self, case: str) -> None:
        """Load and compile."""
        self.gradient = Gradient(design(load_case(case)))

    def time_hundred_gradients(self, case: str) -> None:  # noqa: ARG002 - asv passes the parameter
        """One hundred evaluations."""
        self.gradient.repeat(100)


class EffectiveDraws:
    """Sampling of each bundled case."""

    params = (CASES,)
    param_names = ("case",)
    timeout = 1200

    def setup(self, case: str) -> None:
        """Load and compile."""
        self.arrays = design(load_case(case))
        Core().sample(self.arrays, 0)

    def track_effective_draws_per_second(self, case: str) -> float:  # noqa: ARG002 - asv passes the parameter
        """Effective draws of the toll."""
        return timed(Core(), self.arrays, 1).rate

    track_effective_draws_per_second.unit = "1/s"  # type: ignore[attr-defined]


class Fit:
    """A whole fit with its checks, of each bundled case."""

    params = (CASES,)
    param_names = ("case",)
    number, repeat, rounds, warmup_time = 1, 3, 1, 0
    timeout = 1200

    def setup(self, case: str) -> None:
        """Read the case, and load what is compiled."""
        self.evidence = load_case(case)
        CountFusion(chains=1, draws=4, tune=100).fit(self.evidence)

    def time_fit(self, case: str) -> None:  # noqa: ARG002 - asv passes the parameter
        """Default settings."""
        CountFusion(cores=2).fit(self.evidence).check()

    def peakmem_fit(self, case: str) -> None:  # noqa: ARG002 - asv passes the parameter
        """Default settings."""
        CountFusion(cores=2).fit(self.evidence).check()


class Reading:
    """From evidence to arrays."""

    number = 1

    def setup(self) -> None:
        """A large case."""
        self.evidence: Evidence = simulated_case(0, "large")[0]

    def time_read_mosul(self) -> None:
        """Read and check a bundled case."""
        load_case("mosul-2017")

    def time_design(self) -> None:
        """Arrays of a large simulated case."""
        design(self.evidence)


class Batch:
    """Many simulated cases of one structure."""

    number, repeat, rounds, warmup_time = 1, 1, 1, 0
    timeout = 1200

    def setup(self) -> None:
        """Simulate."""
        self.designs: list[Design] = [design(evidence) for evidence, _ in replicated_cases(1, 10)]
        core_batch(self.designs[:1], 0)

    def track_passing_cases_per_second(self) -> float:
        """At the default settings, on two cores."""
        return core_batch(self.designs, 1).rate

    def peakmem_batch(self) -> None:
        """Ten cases."""
        core_batch(self.designs, 1)

    track_passing_cases_per_second.unit = "1/s"  # type: ignore[attr-defined]


class CommandLine:
    """Whole processes."""

    number, repeat, rounds, warmup_time = 1, 3, 1, 0
    timeout = 1200

    def setup(self) -> None:
        """Fill the caches."""
        whole.command("estimate", whole.CASE, "--quiet", "--no-files")

    def time_help(self) -> None:
        """`undercount --help`."""
        whole.command("--help")

    def time_import(self) -> None:
        """`import undercount`."""
        process_time(["-c", "import undercount"])

    def time_estimate_warm(self) -> None:
        """`undercount estimate mosul-2017 --no-files`."""
        whole.command("estimate", whole.CASE, "--quiet", "--no-files")

    def time_estimate_with_files(self) -> None:
        """`undercount estimate mosul-2017`."""
        whole.with_files()


class ColdCommandLine:
    """The first run ever, with nothing compiled on disk."""

    timeout = 1200

    def track_estimate_cold(self) -> float:
        """`undercount estimate mosul-2017 --no-files`."""
        with tempfile.TemporaryDirectory() as folder:
            return whole.command("estimate", whole.CASE, "--quiet", "--no-files", NUMBA_CACHE_DIR=folder).wall

    track_estimate_cold.unit = "s"  # type: ignore[attr-defined]
