"""Forward selection, against the rule written out with scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import ARTIFICIAL, GAZA, KOREA, KOSOVO, SPINA_BIFIDA, UK
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.existence import Existence, find_part
from undercount.models.overlap.loglinear.fit import fit_model
from undercount.models.overlap.loglinear.hierarchy import main_effects
from undercount.models.overlap.loglinear.resampling import resample
from undercount.models.overlap.loglinear.selected import select_each, select_model
from undercount.models.overlap.loglinear.selection import Selection
from undercount.models.overlap.loglinear.stepwise import climb_each, log_p_value, make_steps
from undercount.models.overlap.loglinear.tables import Whole, cells_above, count_lists, tabulate

TABLES = {"kosovo": KOSOVO, "korea": KOREA, "uk": UK, "spina bifida": SPINA_BIFIDA, "gaza": GAZA, "none": ARTIFICIAL}


def has_estimates(counts: Whole, model: int) -> bool:
    """Whether all parameters but those of zero margins have one."""
    part = find_part(tabulate(counts.astype(float)).support, model, cells_above(count_lists(counts)))
    return part.existence <= Existence.EXTENDED


def climbed(counts: Whole, highest: int, threshold: float) -> int:
    """The model at which a forward selection ends."""
    lists = count_lists(counts)
    model, sets = main_effects(lists), np.arange(2**lists)
    while True:
        expected = slow_twin.fit(counts, model).expected
        values = {}
        for term in sorted(sets, key=lambda t: (int(t).bit_count(), slow_twin.lists_of(int(t)))):
            facets = [int(term) & ~(1 << j) for j in slow_twin.lists_of(int(term))]
            if not 2 <= len(facets) <= highest or model >> int(term) & 1 or not all(model >> f & 1 for f in facets):
                continue
            holds = (sets & term) == term
            law, count = poisson(expected[holds].sum()), counts[holds].sum()
            if has_estimates(counts, model | 1 << int(term)):
                values[int(term)] = min(law.logcdf(count), law.logsf(count - 1))
        if not values or min(values.values()) >= np.log(threshold):
            return model
        model |= 1 << min(values, key=lambda t: values[t])


@pytest.mark.parametrize("highest", [2, 3])
@pytest.mark.parametrize("name", TABLES)
def test_the_rule_written_out(name: str, highest: int) -> None:
    counts = TABLES[name]
    lists = count_lists(counts)
    if highest == lists:
        highest = 2
    for threshold in (0.02, 0.3):
        models, tolls = climb_each(counts[None], make_steps(lists, highest, threshold), cells_above(lists))
        assert models[0] == climbed(counts, highest, threshold)
        assert tolls[0] == pytest.approx(slow_twin.fit(counts, int(models[0])).toll, rel=1e-9)


def test_resampled_tables_with_empty_patterns() -> None:
    tables = resample(KOREA, np.random.default_rng(5), 60)
    models, tolls = select_model(KOREA, Selection(search="stepwise")).repeat(tables)
    for table, model, toll in zip(tables, models, tolls, strict=True):
        assert model == climbed(table, 2, 0.02)
        assert toll == pytest.approx(slow_twin.fit(table, int(model)).toll, rel=1e-8)


@pytest.mark.parametrize("mean", [0.01, 0.7, 3.2, 80.0, 5000.0])
@pytest.mark.parametrize("place", [-8.0, -1.0, 0.0, 1.0, 9.0])
def test_p_values_are_those_of_scipy(mean: float, place: float) -> None:
    count = max(0.0, round(mean + place * mean**0.5))
    expected = min(poisson.logcdf(count, mean), poisson.logsf(count - 1, mean))
    assert log_p_value(count, mean) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_p_values_that_would_underflow_are_told_apart() -> None:
    assert log_p_value(5000.0, 100.0) < log_p_value(4999.0, 100.0) < -1000.0
    assert log_p_value(0.0, 0.0) == 0.0
    assert log_p_value(1.0, 0.0) == -np.inf


def test_a_threshold_of_zero_leaves_independence() -> None:
    assert select_model(KOSOVO, Selection(search="stepwise", threshold=0.0)).fit.name == "[A, B, C, D]"


def test_pairs_are_all_unless_more_are_asked_for() -> None:
    pairs = select_model(KOSOVO, Selection(search="stepwise")).fit
    triples = select_model(KOSOVO, Selection(search="stepwise", order=3)).fit
    assert pairs.name == "[A*B, A*C, A*D, B*C, C*D]"
    assert triples.name == "[A*C*D, A*B, B*C]"
    assert select_each(KOSOVO[None], Selection(search="stepwise"))[1] == pytest.approx(pairs.toll)


def test_a_search_that_ends_without_an_estimate_is_refused() -> None:
    with pytest.raises(ModelError, match="without bound"):
        select_model([0, 5, 4, 0, 3, 0, 0, 0], Selection(search="stepwise"))
    with pytest.raises(ModelError, match="without bound"):
        fit_model([0, 5, 4, 0, 3, 0, 0, 0], main_effects(3))
