"""Counts and matched lists together: simulation-based calibration, and how often intervals hold the toll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.estimators.listed import MEDIAN, RATE, RECORDERS, one_day, pattern_lists
from tests.validation.calibration import KEPT, Calibration
from undercount.estimators import CountFusion
from undercount.models.negative_binomial import draw
from undercount.models.priors import PriorTable

if TYPE_CHECKING:
    from undercount.data.lists import MatchedLists

Counts = NDArray[np.int64]
SIZES = (60, 50)
SCALE, NARROW = 1.0, 0.3
"""Of the log toll, and of the log rate: so narrow that no recorder counts more than died, which verifies."""
PRIORS = {"rate": {"location": float(np.log(MEDIAN / 10)), "scale": SCALE, "reason": "that of the simulated tolls"}}
CALIBRATIONS, CASES = 200, 80


def patterns(toll: int, lists: Sequence[NDArray[np.bool_]]) -> Counts:
    """Counts of patterns, given who is on each list."""
    marks = sum(np.asarray(on, dtype=np.int64) << j for j, on in enumerate(lists))
    counts = np.bincount(np.broadcast_to(marks, toll), minlength=1 << len(lists))
    counts[0] = 0
    return counts


def fit(evidence: Any, lists: MatchedLists | None, seed: int) -> Any:
    estimator = CountFusion(priors=PRIORS, draws=500, tune=300, chains=2, cores=2, retry=False, lists=lists)
    return estimator.fit(evidence, seed=seed)


def one_fit(seed: np.random.SeedSequence) -> dict[str, float]:
    """Draw a toll from the prior, a count of one recorder, and who is on lists of fixed sizes; fit, and rank."""
    rng, row = np.random.default_rng(seed), PriorTable()["dispersion"]
    toll = 0
    while toll < max(SIZES):
        expected = MEDIAN * np.exp(SCALE * rng.standard_normal())
        toll = int(rng.poisson(expected))
    rate = RATE * np.exp(NARROW * rng.standard_normal())
    theta = np.exp(row.location + row.scale * rng.standard_normal())
    count = int(draw(rng, np.array(rate * expected), np.array(theta)))
    on = [np.isin(np.arange(toll), rng.choice(toll, size, replace=False)) for size in SIZES]
    # The lists are those of others than the recorder that counted.
    evidence = one_day(count, scale=NARROW)
    found = fit(evidence, pattern_lists(RECORDERS[1:], patterns(toll, on)), int(rng.integers(2**62)))
    pick = np.linspace(0, 999, KEPT).astype(int)
    drawn = found.toll().draws.ravel()[pick]
    rates = found.sampled["posterior"].values("reporting_rate").ravel()[pick]
    ties = int((drawn == toll).sum())
    return {"toll": float((drawn < toll).sum() + rng.integers(ties + 1)), "rate": float((rates < rate).sum())}


@pytest.mark.slow
def test_ranks_are_uniform() -> None:
    found = [one_fit(seed) for seed in np.random.SeedSequence(11).spawn(CALIBRATIONS)]
    ranks = {name: np.array([each[name] for each in found]) for name in found[0]}
    name, p = Calibration(ranks, 0.0).smallest
    assert p > 0.005, f"{name}: {ranks[name]}"


@pytest.mark.slow
def test_intervals_hold_the_toll_and_are_narrower_than_those_of_counts_alone() -> None:
    rng = np.random.default_rng(5)
    holds, widths = [], []
    for seed in range(CASES):
        toll = int(rng.poisson(np.exp(rng.uniform(np.log(300), np.log(3000)))))
        on = [rng.random(toll) < rng.uniform(0.15, 0.45) for _ in RECORDERS]
        evidence = one_day(*(int(each.sum()) for each in on))
        both = fit(evidence, pattern_lists(RECORDERS, patterns(toll, on)), seed).toll().interval
        alone = fit(evidence, None, seed).toll().interval
        holds.append(both[0] <= toll <= both[1])
        widths.append(np.log(both[1] / both[0]) / np.log(alone[1] / alone[0]))
    # Lists that are independent are a special case of what is averaged over: coverage is at least what it says.
    assert sum(holds) >= stats.binom.ppf(0.005, CASES, 0.95)
    assert np.median(widths) < 0.5
