"""The bootstrap that repeats the selection of the model in each replicate.

A replicate is a table of as many victims, drawn with replacement from those listed (Buckland and Garthwaite 1991,
Biometrics 47, 255): a multinomial draw with the shares of the patterns. The selection is made anew for each (Silverman,
Chan and Vincent 2024, Statistics and Computing, doi 10.1007/s11222-023-10346-9), and so it is for each table without
one victim of some pattern, from which the acceleration comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.loglinear import bca
from undercount.models.overlap.loglinear.fit import check_probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.loglinear.selected import Selected
    from undercount.models.overlap.loglinear.tables import Vector, Whole

REPLICATES = 1_000


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Estimates of the toll from resampled tables, each with a model of its own."""

    estimate: float
    """From the table itself."""
    tolls: Vector
    """Shape (R,); infinite where no model has an estimate."""
    models: Whole
    """The model of each, shape (R,); -1 where none has an estimate."""
    acceleration: float

    @property
    def without_estimate(self) -> int:
        """Replicates in which no model has a finite estimate."""
        return int(np.isinf(self.tolls).sum())

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """The BCa interval of the toll, equal-tailed.

        The upper end is infinite if so many replicates have no finite estimate.

        Raises
        ------
        ModelError
            If it cannot be formed: all replicates are on one side of the estimate, or the table without one victim
            has no estimate.
        """
        check_probability(probability)
        low, high = bca.interval(self.estimate, self.tolls, self.acceleration, probability)
        if np.isnan(low):
            raise ModelError(
                "the BCa interval cannot be formed: the estimate is an extreme one among its replicates, "
                "or none exists when one victim is left out",
                code="overlap-no-interval",
                where="bootstrap",
                hint="take the profile interval, which is for one model, or a table with more overlap",
            )
        return low, high


def bootstrap(
    selected: Selected, seed: int | np.random.SeedSequence, replicates: int = REPLICATES, threads: int = 1
) -> Bootstrap:
    """Resample a table and repeat the selection.

    Parameters
    ----------
    selected : Selected
        What `select_model` gave.
    seed : int or numpy.random.SeedSequence
    replicates : int
    threads : int
        What is found does not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    ModelError
        If there are fewer than two replicates.

    Examples
    --------
    >>> from undercount.models.overlap.loglinear.selected import select_model
    >>> selected = select_model(np.array([0, 5, 5, 54, 41, 6, 0, 12]))
    >>> low, high = bootstrap(selected, seed=1).interval()
    >>> low < selected.fit.toll < high
    True
    """
    if replicates < 2:
        raise ModelError(
            f"{replicates!r} replicates are too few",
            code="model-bad-setting",
            where="replicates",
            hint=f"{REPLICATES:,} are usual",
        )
    drawn = resample(selected.counts, np.random.default_rng(seed), replicates)
    weights, less = without_one(selected.counts)
    models, tolls = selected.repeat(np.concatenate([drawn, less]), threads)
    with np.errstate(invalid="ignore"):  # infinite estimates: no acceleration, and no interval
        acceleration = bca.find_acceleration(tolls[replicates:], weights)
    return Bootstrap(selected.fit.toll, tolls[:replicates], models[:replicates], acceleration)


def resample(counts: Whole, rng: np.random.Generator, replicates: int) -> NDArray[np.int64]:
    """Draw as many victims as there are, with replacement, shape (R, 2ᴷ)."""
    seen = np.flatnonzero(counts)
    found = np.zeros((replicates, counts.size), dtype=np.int64)
    found[:, seen] = rng.multinomial(counts.sum(), counts[seen] / counts.sum(), size=replicates)
    return found


def without_one(counts: Whole) -> tuple[Vector, NDArray[np.int64]]:
    """The tables without one victim of a pattern, shape (patterns, 2ᴷ), and the victims of that pattern."""
    seen = np.flatnonzero(counts)
    less = np.repeat(counts[None], seen.size, axis=0)
    less[np.arange(seen.size), seen] -= 1
    return counts[seen].astype(np.float64), less
