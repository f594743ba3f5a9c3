"""Draws of the latent-class model for tables of capture patterns: the toll, the share seen and the lists' coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.errors import SamplingError
from undercount.estimators.gates import Checks, sampler_checks
from undercount.models.overlap.latent_class import (
    Boundedness,
    LatentClassPriors,
    boundedness,
    classes_at,
    density,
    draw_start,
    move,
    pack,
    tolls,
)
from undercount.sampling import Diagnostics, diagnose
from undercount.sampling.batch import processors, sample_batch
from undercount.sampling.draws import Draws, Plan
from undercount.sampling.target import Heat, Jump, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class import Packed
    from undercount.sampling.progress import Callback

    Array = NDArray[np.float64]

DIRECTIONS: Final = 6
"""Of the frame. Classes change their places, so that few directions are the same for long."""


def attempts(first: Plan) -> tuple[Plan, ...]:
    """Plans each of which is tried if the gates refuse the one before.

    The second is longer; the last two lead the chains over the hills of the posterior by hotter ones beside them.
    """
    longer = replace(first, draws=4 * first.draws, tune=2 * first.tune)
    return first, longer, replace(first, draws=2 * first.draws, levels=12), replace(longer, levels=14)


PLANS: Final = attempts(Plan(draws=1000, tune=500, chains=4, target_accept=0.8))


@dataclass(frozen=True, eq=False)
class ClassDraws:
    """Draws of one table."""

    toll: Array
    """N, whole numbers, shape (chain, draw)."""
    seen: Array
    """Share of the dead on any list, shape (chain, draw)."""
    coverage: Array
    """Share of the dead that each list caught, shape (chain, draw, J)."""
    draws: Draws
    """The parameters, and what the sampler says of each draw."""
    bounded: Boundedness
    plan: Plan
    """What it was sampled by."""

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Figures for the gates, of the logarithm of the toll, the share seen and every list's coverage."""
        lists = self.coverage.shape[-1]
        coverage = {f"coverage of list {j + 1}": self.coverage[..., j] for j in range(lists)}
        return diagnose({"toll": np.log(self.toll), "share seen": self.seen, **coverage}, self.stats)

    @property
    def is_converged(self) -> bool:
        """Whether the gates of the sampler pass."""
        return Checks(sampler_checks(self.diagnostics)).passed

    @property
    def stats(self) -> Mapping[str, NDArray[Any]]:
        """What the sampler says of each draw, (chain, draw), under arviz's names."""
        draws = self.draws
        return {
            "diverging": draws.diverging,
            "energy": draws.energy,
            "tree_depth": draws.depth,
            "reached_max_treedepth": draws.reached_depth,
            "n_steps": draws.steps,
            "step_size": draws.step_size,
            "acceptance_rate": draws.acceptance,
            "lp": draws.log_density,
        }


def target_of(packed: Packed, priors: LatentClassPriors) -> Target:
    """Give a packed table to the compiled sampler."""
    lists = int(packed.integers[0])
    return Target(
        density=density,
        dimension=packed.dimension,
        reals=packed.reals,
        integers=packed.integers,
        workspace=packed.workspace,
        draw_start=lambda rng: draw_start(lists, priors, rng),
        directions=DIRECTIONS,
        jump=Jump(move, packed.uniforms) if packed.uniforms else None,
        heat=Heat(packed.heat, packed.hottest),
    )


def sample_table(
    counts: NDArray[np.int64],
    priors: LatentClassPriors | None = None,
    *,
    seed: int,
    plans: Sequence[Plan] = PLANS,
    progress: Callback | None = None,
) -> ClassDraws:
    """Sample one table.

    Parameters
    ----------
    counts : ndarray of int, shape (2**J,)
        Victims by pattern; entry 0 is 0.
    priors : LatentClassPriors, optional
        The defaults of the paper otherwise.
    seed : int
        The draws of the same seed, table, priors and plans are equal to the bit, on any number of threads.
    plans : sequence of Plan
        How much to sample. Each is tried if the gates refuse the draws of the one before.
    progress : callable, optional
        Called about ten times a second, in the calling thread; what it raises stops the sampler.

    Returns
    -------
    ClassDraws
        Of the first plan that the gates let pass, or else of the last one.

    Raises
    ------
    ModelError
        If the counts are no table, or make no sense.
    SamplingError
        If a chain stayed frozen after every restart, or made a draw that is not finite, under the last plan too.
    """
    for _, result in sample_tables([(counts, seed)], priors, plans=plans, cores=plans[0].cores, progress=progress):
        if isinstance(result, ClassDraws):
            return result
        raise result
    raise AssertionError("a batch gives one result for each table")


def sample_tables(
    tables: Iterable[tuple[NDArray[np.int64], int]],
    priors: LatentClassPriors | None = None,
    *,
    plans: Sequence[Plan] = PLANS,
    cores: int = 0,
    progress: Callback | None = None,
) -> Iterator[tuple[int, ClassDraws | SamplingError]]:
    """Sample many tables, and give the results one by one; a table has the same draws alone as among others.

    Parameters
    ----------
    tables : iterable of tuple of ndarray and int
        Counts and seeds; taken as the work goes on.
    priors, plans, progress
        As `sample_table`.
    cores : int
        Threads; 0 means one for each processor.

    Yields
    ------
    tuple of int and (ClassDraws or SamplingError)
        Place of the table, and its draws, or the error that stands in their place. In the order of the tables.
    """
    priors = priors or LatentClassPriors()
    cores = cores or processors()
    taken: dict[int, _Table] = {}

    def jobs() -> Iterator[tuple[Target, int]]:
        for place, (counts, seed) in enumerate(tables):
            taken[place] = table = _Table.of(counts, priors, seed)
            yield table.job

    for place, result in sample_batch(jobs(), plans[0], cores=cores, progress=progress):
        table = taken.pop(place)
        found = table.read(result, plans[0])
        for plan in plans[1:]:
            if isinstance(found, ClassDraws) and found.is_converged:
                break
            found = table.read(_alone(table, plan, cores, progress), plan)
        yield place, found


@dataclass(frozen=True)
class _Table:
    """One table on its way through the sampler."""

    priors: LatentClassPriors
    packed: Packed
    job: tuple[Target, int]
    of_tolls: np.random.SeedSequence

    @classmethod
    def of(cls, counts: NDArray[np.int64], priors: LatentClassPriors, seed: int) -> _Table:
        packed = pack(counts, priors)
        of_chains, of_tolls = np.random.SeedSequence(seed).spawn(2)
        of_job = int(of_chains.generate_state(1, np.uint64)[0] >> np.uint64(1))
        return cls(priors, packed, (target_of(packed, priors), of_job), of_tolls)

    def read(self, draws: Draws | SamplingError, plan: Plan) -> ClassDraws | SamplingError:
        if isinstance(draws, SamplingError):
            return draws
        lists, classes = (int(x) for x in self.packed.integers)
        found = classes_at(draws.position, lists, classes)
        toll = tolls(found.seen, self.packed, np.random.default_rng(self.of_tolls))
        bounded = boundedness(toll, found.seen, lists, self.priors)
        return ClassDraws(toll, found.seen, found.coverage, draws, bounded, plan)


def _alone(table: _Table, plan: Plan, cores: int, progress: Callback | None) -> Draws | SamplingError:
    return next(result for _, result in sample_batch([table.job], plan, cores=cores, progress=progress))
