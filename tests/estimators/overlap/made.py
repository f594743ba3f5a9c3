"""Lists that are made: independent lists, strata, replicates."""

from __future__ import annotations

import numpy as np

from undercount.data.lists import Lists, Table


def independent(
    rng: np.random.Generator, toll: int, coverage: tuple[float, ...], stratum: str = "", replicate: int = 0
) -> Table:
    """A table of so many victims on independent lists."""
    on = rng.random((toll, len(coverage))) < coverage
    counts = np.bincount(on @ (1 << np.arange(len(coverage))), minlength=1 << len(coverage))
    counts[0] = 0
    return Table(stratum, replicate, tuple("ABCDEFGH"[: len(coverage)]), counts)


def strata(tolls: dict[str, int], replicates: int = 1, seed: int = 1) -> Lists:
    """Strata with three lists each."""
    rng = np.random.default_rng(seed)
    tables = [
        independent(rng, toll, (0.3, 0.4, 0.25), name, replicate)
        for name, toll in tolls.items()
        for replicate in range(replicates)
    ]
    return Lists("made", tuple(tables))
