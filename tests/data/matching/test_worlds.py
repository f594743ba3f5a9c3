"""The whole way in known worlds: from records, over drawn linkages, to the number of incidents that nobody counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from tests.data.matching.world import precision_and_recall, world
from undercount.data.lists import Lists, Table
from undercount.data.matching import draw_linkages, match, overlap_lists
from undercount.estimators.overlap import DecomposableGraphs

INCIDENTS = 300
DAYS = 250


class Found(NamedTuple):
    """What came out of a world."""

    low: float
    median: float
    high: float
    known: tuple[float, float]
    """Interval from the true overlap, as if nothing had to be matched."""
    observed: float
    true_observed: int
    total: int
    largest: int
    precision: float
    recall: float

    @property
    def covers(self) -> bool:
        return self.low <= INCIDENTS <= self.high


def estimated(seed: int) -> Found:
    made = world(seed, incidents=INCIDENTS, days=DAYS)
    matches = match(made.records)
    lists = overlap_lists(draw_linkages(matches, 20))
    toll = DecomposableGraphs().fit(lists).toll()
    known = DecomposableGraphs().fit(Lists("known", (Table("", 0, lists.names, made.patterns),))).toll()
    sizes = lists.tables[0].list_sizes
    observed = float(np.mean([table.observed for table in lists.tables]))
    clusters = precision_and_recall(made.incident_of(matches.units), matches.clusters)
    return Found(
        toll.interval[0], toll.median, toll.interval[1], known.interval, observed, int(made.patterns.sum()),
        int(sizes.sum()), int(sizes.max()), *clusters,
    )  # fmt: skip


def test_a_world_is_estimated_where_the_naive_numbers_are_far_off() -> None:
    found = estimated(100)
    assert found.covers
    assert found.largest < 0.7 * INCIDENTS < 1.3 * INCIDENTS < found.total


@pytest.mark.slow
def test_intervals_cover_the_truth_in_a_hundred_worlds() -> None:
    worlds = [estimated(seed) for seed in range(1000, 1100)]
    covered = np.mean([found.covers for found in worlds])
    known = np.mean([found.known[0] <= INCIDENTS <= found.known[1] for found in worlds])
    ratio = np.array([found.observed / found.true_observed for found in worlds])
    medians = np.array([found.median for found in worlds])
    within = {
        name: np.mean([abs(getattr(found, name) - INCIDENTS) < 0.1 * INCIDENTS for found in worlds])
        for name in ("total", "largest", "median")
    }
    print(  # noqa: T201 - the figures of this long run
        f"95 % intervals cover {covered:.2f} (with the overlap known {known:.2f}); median of medians "
        f"{np.median(medians):.0f}, sd {medians.std():.0f}; observed against truth {ratio.mean():.3f} "
        f"(sd {ratio.std():.3f}); within a tenth: {within}; precision {np.mean([f.precision for f in worlds]):.3f}, "
        f"recall {np.mean([f.recall for f in worlds]):.3f}"
    )
    # Two standard errors below what the intervals say they cover.
    assert covered > 0.95 - 0.045
    assert abs(np.median(medians) / INCIDENTS - 1) < 0.03
    assert abs(ratio.mean() - 1) < 0.03
    assert within["total"] == within["largest"] == 0
    assert np.mean([found.precision for found in worlds]) > 0.93
