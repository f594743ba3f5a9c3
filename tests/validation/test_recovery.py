"""Recovery of a toll that another world made: incidents of uneven size, seen whole or not at all."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.validation.calibration import (
    RANGED,
    THRESHOLD,
    calibration_design,
    core_fits,
    in_range,
    read_as,
    with_counts,
)
from undercount.models.design import Design
from undercount.models.intensity import evaluate

Counts = NDArray[np.int64]
FITS = 60
TYPICAL_SIZE = 6.0
WIDEST = 3.0
"""Of log (upper / lower): an interval that holds everything would say nothing."""


def world(arrays: Design, rng: np.random.Generator) -> tuple[Counts, Counts]:
    """Deaths of each incident by (day, stratum), and how many died in the named one.

    Violence comes in a quiet and a loud phase, and on top of it the size of an incident has a heavy tail.
    """
    days, strata = arrays.days, arrays.strata.count
    turn = rng.integers(20, days - 20)
    loud = np.where(np.arange(days) < turn, 1.0, rng.uniform(0.3, 3.0))
    share = rng.dirichlet(np.full(strata, 3.0))
    incidents = rng.poisson(rng.lognormal(np.log(3.0), 0.5) * loud[:, None] * share)
    sizes = np.ceil(TYPICAL_SIZE / 2 * rng.pareto(2.2, (days, strata, int(incidents.max()) + 1)) + 0.5).astype(np.int64)
    exists = np.arange(sizes.shape[2]) < incidents[..., None]
    return np.minimum(sizes, 400) * exists, rng.poisson(np.full(1, 30.0))


def seen(sizes: Counts, rate: float, rng: np.random.Generator) -> Counts:
    """What a recorder documents: whole incidents, the large ones more often; on average a share `rate`."""
    weight = 1 - np.exp(-sizes / TYPICAL_SIZE)
    chance = np.minimum(1.0, weight * rate * sizes.sum() / max(1.0, float((weight * sizes).sum())))
    found: Counts = (sizes * (rng.random(sizes.shape) < chance)).sum(axis=2)
    return found


def reported(arrays: Design, sizes: Counts, named: Counts, rng: np.random.Generator) -> NDArray[np.float64]:
    """Counts of the pieces, source by source."""
    pieces = arrays.terms.pieces
    low = np.zeros(pieces.count)
    for s, (source, _, _) in enumerate(arrays.streams):
        rate = float(np.exp(arrays.rates.location[s, -1] + 0.6 * rng.standard_normal()))
        if source in ("un", "ngo", "red-army"):
            tally, incident = seen(sizes, min(rate, 0.9), rng), rng.binomial(named, 0.9)
        else:
            tally, incident = (
                np.round(sizes.sum(axis=2) * rate).astype(np.int64),
                np.round(named * rate).astype(np.int64),
            )
        for p in np.flatnonzero(pieces.stream == s):
            for cell in np.flatnonzero(pieces.cell_piece == p):
                window = slice(pieces.cell_start[cell], pieces.cell_end[cell])
                low[p] += tally[window, pieces.cell_stratum[cell]].sum()
            low[p] += incident[0] * np.any(pieces.event_piece == p)
    stated = np.unique(arrays.terms.reading_block, return_index=True)[1]
    return read_as(arrays, low, stated.tolist())


@pytest.mark.slow
def test_the_interval_covers_the_toll_of_another_world() -> None:
    arrays = calibration_design({})  # the default priors: the narrowed ones of the calibration expect larger tolls
    covered, widths = [], []
    for child in np.random.SeedSequence(20).spawn(FITS):
        rng = np.random.default_rng(child)
        sizes, named = world(arrays, rng)
        low, high = in_range(arrays, reported(arrays, sizes, named, rng))
        counted = with_counts(arrays, low, high)
        sampled = core_fits(counted, int(rng.integers(2**62)))
        values = {name: drawn.reshape(-1, *drawn.shape[2:]) for name, drawn in sampled.values.items()}
        state = evaluate(np, counted, values)
        toll = rng.poisson(state.deaths.sum(axis=(1, 2)) + state.events.sum(axis=1))
        truth = sizes.sum() + named.sum()
        lower, upper = np.quantile(toll, [0.025, 0.975])
        covered.append(lower <= truth <= upper)
        widths.append(np.log(upper / lower))
    least = stats.binom(FITS, 0.95).ppf(0.001)
    assert sum(covered) >= least, f"{sum(covered)} of {FITS} intervals hold the toll, at least {least:.0f} were due"
    assert np.median(widths) < WIDEST


def test_the_other_world_is_not_the_model() -> None:
    arrays = calibration_design()
    rng = np.random.default_rng(1)
    sizes, _ = world(arrays, rng)
    assert sizes.sum() > THRESHOLD / 20
    assert len(RANGED) == 3
    found = seen(sizes, 0.3, rng)
    assert np.all(found <= sizes.sum(axis=2))
    assert 0 < found.sum() < sizes.sum()
