"""The bootstrap and the jackknife with the selection repeated."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap.loglinear.tables import ARTIFICIAL, KOREA, KOSOVO
from undercount.errors import ModelError
from undercount.models.overlap.loglinear import bca
from undercount.models.overlap.loglinear.resampling import bootstrap, resample, without_one
from undercount.models.overlap.loglinear.selected import select_model
from undercount.models.overlap.loglinear.selection import Selection


def test_replicates_are_as_many_victims_of_the_same_patterns() -> None:
    drawn = resample(KOREA, np.random.default_rng(1), 4000)
    assert np.all(drawn.sum(axis=1) == 123)
    assert not drawn[:, KOREA == 0].any()
    shares = KOREA / 123
    error = np.sqrt(123 * shares * (1 - shares) / 4000)
    assert np.all(np.abs(drawn.mean(axis=0) - KOREA) <= 4 * error)


def test_each_pattern_loses_one_victim() -> None:
    weights, less = without_one(KOREA)
    assert weights.tolist() == [5, 5, 54, 41, 6, 12]
    assert np.all(less.sum(axis=1) == 122)
    assert np.array_equal((KOREA - less).sum(axis=0), (KOREA > 0).astype(int))


@pytest.mark.parametrize("selection", [Selection(), Selection("aic"), Selection(search="stepwise"), Selection(order=2)])
def test_it_is_the_selection_of_each_table(selection: Selection) -> None:
    found = bootstrap(select_model(KOSOVO, selection), seed=7, replicates=25)
    drawn = resample(KOSOVO, np.random.default_rng(7), 25)
    fits = [select_model(table, selection).fit for table in drawn]
    assert found.tolls == pytest.approx([fit.toll for fit in fits], rel=1e-8)
    assert found.models.tolist() == [fit.model for fit in fits]
    weights, less = without_one(KOSOVO)
    jackknife = np.array([select_model(table, selection).fit.toll for table in less])
    assert found.acceleration == pytest.approx(bca.find_acceleration(jackknife, weights), rel=1e-6)


def test_the_same_seed_gives_the_same_replicates_on_any_number_of_threads() -> None:
    selected = select_model(KOSOVO)
    first = bootstrap(selected, seed=1, replicates=200)
    for seed, threads in ((1, 2), (np.random.SeedSequence(1), 3)):
        again = bootstrap(selected, seed, replicates=200, threads=threads)
        assert np.array_equal(first.tolls, again.tolls)
        assert first.interval() == again.interval()
    assert not np.array_equal(first.tolls, bootstrap(selected, seed=2, replicates=200).tolls)


def test_a_wider_interval_holds_a_narrower_one() -> None:
    found = bootstrap(select_model(KOSOVO), seed=3, replicates=500)
    wide, narrow = found.interval(0.95), found.interval(0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert found.without_estimate == 0
    with pytest.raises(ModelError, match="cannot be"):
        found.interval(1.5)


def test_replicates_without_an_estimate_are_counted() -> None:
    """Two victims alone are on two lists. No model has an estimate in the replicates that draw neither."""
    counts = ARTIFICIAL.copy()
    counts[0b011] = 2
    found = bootstrap(select_model(counts, Selection(order=1)), seed=5, replicates=1000)
    share = (1 - 2 / 92) ** 92
    assert abs(found.without_estimate - 1000 * share) < 4 * np.sqrt(1000 * share * (1 - share))
    assert np.all(found.models[np.isinf(found.tolls)] == -1)
    assert found.interval()[1] == np.inf


@pytest.mark.parametrize("replicates", [1, 0, -5])
def test_too_few_replicates_are_refused(replicates: int) -> None:
    with pytest.raises(ModelError) as refusal:
        bootstrap(select_model(KOREA), seed=1, replicates=replicates)
    assert refusal.value.code == "model-bad-setting"


def test_an_interval_that_cannot_be_formed_is_refused() -> None:
    counts = ARTIFICIAL.copy()
    counts[0b011] = 1  # without this one there is no estimate
    found = bootstrap(select_model(counts, Selection(order=1)), seed=5)
    with pytest.raises(ModelError) as refusal:
        found.interval()
    assert refusal.value.code == "overlap-no-interval"
