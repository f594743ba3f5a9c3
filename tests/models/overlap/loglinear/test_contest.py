"""The pruned search finds what fitting all models finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import KOREA, KOSOVO, SPINA_BIFIDA, UK
from undercount.models.overlap.loglinear.contest import TIE, make_field, make_open_field
from undercount.models.overlap.loglinear.existence import Existence
from undercount.models.overlap.loglinear.resampling import resample, without_one
from undercount.models.overlap.loglinear.selected import select_each, select_model
from undercount.models.overlap.loglinear.selection import Criterion, Selection, rank_models

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Whole

TABLES = {"kosovo": (KOSOVO, 60), "korea": (KOREA, 100), "uk": (UK, 3), "spina bifida": (SPINA_BIFIDA, 2)}


def exhaustive(counts: Whole, selection: Selection) -> tuple[set[int], float]:
    """Models within rounding of the best, and the toll of the first; none and inf if none has an estimate."""
    ranking = rank_models(counts, selection)
    exists = ranking.existence <= Existence.PARTIAL
    if not exists.any():
        return {-1}, np.inf
    criterion, models = ranking.criterion[exists], ranking.fits.models[exists]
    return set(models[criterion <= criterion.min() + 10 * TIE].tolist()), float(ranking.tolls[exists][0])


@pytest.mark.parametrize("criterion", ["bic", "aic"])
@pytest.mark.parametrize("name", TABLES)
def test_resampled_tables(name: str, criterion: Criterion) -> None:
    counts, replicates = TABLES[name]
    selection = Selection(criterion)
    _, less = without_one(counts)
    tables = np.concatenate([resample(counts, np.random.default_rng(3), replicates), less[:replicates]])
    models, tolls = select_model(counts, selection).repeat(tables)
    for table, model, toll in zip(tables, models, tolls, strict=True):
        best, expected = exhaustive(table, selection)
        assert model in best
        assert toll == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("criterion", ["bic", "aic"])
@pytest.mark.parametrize(("lists", "size"), [(3, 100), (4, 60), (5, 3)])
def test_tables_of_any_patterns(lists: int, size: int, criterion: Criterion) -> None:
    rng = np.random.default_rng(lists)
    tables = np.stack([slow_twin.sparse_table(rng, lists) for _ in range(size)])
    models, tolls = select_each(tables, Selection(criterion))
    for table, model, toll in zip(tables, models, tolls, strict=True):
        best, expected = exhaustive(table, Selection(criterion))
        assert model in best
        assert toll == pytest.approx(expected if np.isfinite(expected) else np.nan, rel=1e-8, nan_ok=True)
    if lists == 3:
        assert (models < 0).any()


def test_what_is_found_does_not_depend_on_threads() -> None:
    tables = resample(KOSOVO, np.random.default_rng(4), 101)
    selected = select_model(KOSOVO)
    alone, together = selected.repeat(tables), selected.repeat(tables, threads=3)
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])
    assert np.array_equal(select_each(tables)[1], select_each(tables, threads=2)[1])


def test_tables_without_victims_have_no_estimate() -> None:
    models, tolls = select_each(np.stack([KOREA, np.zeros(8, dtype=np.int64)]))
    assert models[1] == -1
    assert np.isnan(tolls[1])
    assert tolls[0] == pytest.approx(157.1667, abs=1e-4)
    assert np.isnan(select_each(np.zeros((2, 8)))[1]).all()


def test_a_given_model_is_fitted_to_each_table() -> None:
    tables = np.stack([KOSOVO, KOSOVO + 5 * (np.arange(16) > 0)])
    model = int(rank_models(KOSOVO).fits.models[5])
    models, tolls = select_each(tables, Selection(model=model))
    assert models.tolist() == [model, model]
    for table, toll in zip(tables, tolls, strict=True):
        assert toll == pytest.approx(slow_twin.fit(table, model).toll, rel=1e-9)


@pytest.mark.parametrize("lists", [3, 4])
def test_parents_have_one_term_more(lists: int) -> None:
    field, fits = make_open_field(lists, lists - 1)
    models = fits.models.tolist()
    for place, model in enumerate(models):
        parents = {models[p] for p in field.parents[place] if p >= 0}
        assert parents == {m for m in models if m & model == model and (m ^ model).bit_count() == 1}
        assert field.parents[place, -1] == -1


def test_fields_of_fits_leave_out_what_has_no_estimate() -> None:
    ranking = rank_models(KOREA)
    field, fits = make_field(ranking.fits, ranking.criterion)
    assert fits.models.size == 6
    assert np.all(np.diff(field.parameters) <= 0)
    assert fits.models[field.contenders[0]] == ranking.fit().model
