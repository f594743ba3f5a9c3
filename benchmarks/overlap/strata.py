"""Many small strata with imputed replicates, as estimates by place and month have them."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.overlap.worlds import Class, World
from undercount.data.lists import Lists, Table

IMPUTED: Final = 0.1
"""Share of the victims whose lists are drawn anew in each replicate."""
TOLLS: Final = (60, 3_000)
"""The smallest and the largest."""
COVERAGE: Final = (0.3, 0.2, 0.35, 0.15)


def strata(count: int, replicates: int, seed: int = 1) -> Lists:
    """Simulate strata of 60 to 3,000 victims, half of whom are found easily, on three or four lists.

    Parameters
    ----------
    count : int
    replicates : int
        They have the same victims, of whom a tenth is imputed: their patterns are drawn from those of the others.
    seed : int
    """
    rng = np.random.default_rng(seed)
    tables = [table for place in range(count) for table in _stratum(f"{place:05}", replicates, rng)]
    return Lists("strata", tuple(tables))


def _stratum(name: str, replicates: int, rng: np.random.Generator) -> list[Table]:
    toll = round(float(np.exp(rng.uniform(*np.log(TOLLS)))))
    alike = Class(1.0, COVERAGE[: rng.integers(3, 5)])
    world = World("stratum", toll, (alike.easier(0.5, 0.5), alike.easier(-0.5, 0.5)))
    lists, _ = world.draw(int(rng.integers(2**31)))
    (table,) = lists.tables
    imputed = rng.binomial(table.counts, IMPUTED)
    known = table.counts - imputed
    filled = known + rng.multinomial(imputed.sum(), known / known.sum(), size=replicates)
    return [Table(name, replicate, table.names, counts) for replicate, counts in enumerate(filled)]
