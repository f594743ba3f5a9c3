"""The whole way in known wars: from exports, over drawn linkages, to the toll."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

import undercount as uc
from tests.validation.exports import STRIKES, export
from undercount.data.matching.casework import match_case
from undercount.models.joint.incidents import draw_incidents

if TYPE_CHECKING:
    from undercount.estimators import Quantity

WARS = 100


class Found(NamedTuple):
    """What came out of a war, over the true toll but for the number of strikes."""

    low: float
    median: float
    high: float
    passed: bool
    total: float
    """Sum of the dead that all sources count."""
    largest: float
    """Of the source that counts the most."""
    strikes: tuple[float, float, float]

    @property
    def covers(self) -> bool:
        return self.low <= 1.0 <= self.high


def estimated(seed: int, *, with_incidents: bool = True) -> Found:
    """Export, import, match and fit."""
    with tempfile.TemporaryDirectory() as folder:
        war = export(Path(folder), seed)
        match_case(war.case)
        matched = uc.read_incidents(war.case)
        lists = matched if with_incidents else None
        estimate = uc.CountFusion(lists=lists, cores=1).fit(uc.read_case(war.case))
    toll: Quantity = estimate.toll()
    strikes = np.quantile(draw_incidents(matched).incidents, [0.025, 0.5, 0.975])
    counted = np.array([*war.counted.values()]) / war.toll
    low, high = (float(end) / war.toll for end in toll.interval)
    return Found(
        low, toll.median / war.toll, high, estimate.check().passed, float(counted.sum()), float(counted.max()),
        (float(strikes[0]), float(strikes[1]), float(strikes[2])),
    )  # fmt: skip


def test_a_war_is_estimated_from_its_exports_where_naive_figures_are_far_off() -> None:
    found = estimated(100)
    assert found.covers
    assert found.high / found.low < 2.2
    assert found.largest < 0.75
    assert found.total > 1.7


@pytest.mark.slow
def test_intervals_cover_the_toll_of_a_hundred_wars() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        wars = list(pool.map(estimated, range(1000, 1000 + WARS)))
    covered = np.mean([found.covers for found in wars])
    medians = np.array([found.median for found in wars])
    naive = {name: np.array([getattr(found, name) for found in wars]) for name in ("total", "largest")}
    within = {name: np.mean(np.abs(each - 1) < 0.15) for name, each in {**naive, "median": medians}.items()}
    strikes = np.array([found.strikes for found in wars])
    known = np.mean((strikes[:, 0] <= STRIKES) & (strikes[:, 2] >= STRIKES))
    width = np.median([found.high / found.low for found in wars])
    spans = "; ".join(f"{name} {each.min():.2f} to {each.max():.2f}" for name, each in naive.items())
    sys.stdout.write(
        f"95 % intervals of the toll cover {covered:.2f}; median of medians {np.median(medians):.3f} of the toll, sd "
        f"{medians.std():.3f}; width {width:.2f}; within 15 %: {within}; naive {spans}; strikes "
        f"{np.median(strikes[:, 1]):.0f} of {STRIKES}, covered {known:.2f}; gates passed "
        f"{np.mean([found.passed for found in wars]):.2f}\n"
    )
    # Two standard errors below what the intervals say they cover.
    assert covered >= 0.95 - 0.045
    assert abs(np.median(medians) - 1) < 0.15
    assert within["median"] > 0.75
    assert within["total"] == within["largest"] == 0
