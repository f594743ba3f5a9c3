"""What pairs of lists say, against Chapman's formulas."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest

from tests.models.overlap import tables
from undercount.errors import ModelError
from undercount.models.overlap.pair_bounds import pair_bounds

HEPATITIS = np.array([0, 69, 55, 21, 63, 17, 18, 28])
"""Hepatitis A in a college in Taiwan, 1995: 271 students on lists of 135, 122 and 126 (the R package CARE1, `HAV`)."""


def test_pairs_of_three_lists() -> None:
    """By the formulas of `estN.pair` of the R package CARE1 1.1.0, which gives Petersen's 336, 378 and 334 beside."""
    pairs, found = pair_bounds(HEPATITIS)
    assert pairs == ((0, 1), (0, 2), (1, 2))
    sizes, overlaps = (135, 122, 126), (49, 45, 46)
    for place, ((i, j), both) in enumerate(zip(pairs, overlaps, strict=True)):
        one, other = sizes[i], sizes[j]
        assert round(one * other / both) == (336, 378, 334)[place]
        toll = (one + 1) * (other + 1) / (both + 1) - 1
        variance = (one + 1) * (other + 1) * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))
        union = one + other - both
        width = exp(1.959963984540054 * sqrt(log(1 + variance / (toll - union) ** 2)))
        assert int(found.observed[place]) == union
        assert float(found.toll[place]) == pytest.approx(toll, rel=1e-13)
        assert float(found.sd[place]) == pytest.approx(sqrt(variance), rel=1e-13)
        assert float(found.low[place]) == pytest.approx(union + (toll - union) / width, rel=1e-12)
        assert float(found.high[place]) == pytest.approx(union + (toll - union) * width, rel=1e-12)


def test_chapmans_estimate_is_unbiased_where_lists_are_independent() -> None:
    rng = np.random.default_rng(3)
    samples = rng.multinomial(500, [0.3, 0.3, 0.2, 0.2], 20_000)
    samples[:, 0] = 0
    _, found = pair_bounds(samples)
    error = found.toll.std() / sqrt(20_000)
    assert float(found.toll.mean()) == pytest.approx(500.0, abs=4 * error)
    assert float(found.sd.mean()) == pytest.approx(float(found.toll.std()), rel=0.03)


def test_lists_that_share_nobody_still_give_a_number() -> None:
    _, found = pair_bounds(np.array([0, 40, 30, 0]))
    assert float(found.toll[0]) == 41 * 31 - 1


def test_a_batch_is_each_table_by_itself() -> None:
    batch = np.stack([tables.KOSOVO, tables.KOSOVO // 3, tables.KOSOVO // 9])
    _, whole = pair_bounds(batch)
    assert whole.toll.shape == (3, 6)
    for place in range(3):
        _, one = pair_bounds(batch[place])
        assert (one.toll == whole.toll[place]).all()
        assert (one.low == whole.low[place]).all()


def test_no_table_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        pair_bounds(np.array([0, 5]))
    assert caught.value.code == "overlap-counts"
