"""Selection among all models of one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.models.overlap.loglinear.tables import ARTIFICIAL, KOSOVO, KOSOVO_LISTS, UK
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.existence import Existence
from undercount.models.overlap.loglinear.fit import fit_model
from undercount.models.overlap.loglinear.hierarchy import hierarchical_models
from undercount.models.overlap.loglinear.names import parse_model
from undercount.models.overlap.loglinear.selected import select_model
from undercount.models.overlap.loglinear.selection import Criterion, Selection, rank_models


@pytest.mark.parametrize("criterion", ["bic", "aic"])
def test_the_ranking_is_by_the_criterion_of_each_fit(criterion: Criterion) -> None:
    ranking = rank_models(KOSOVO, Selection(criterion), KOSOVO_LISTS)
    fits = [fit_model(KOSOVO, model, KOSOVO_LISTS) for model in hierarchical_models(4).tolist()]
    fits.sort(key=lambda fit: getattr(fit, criterion))
    assert ranking.criterion == pytest.approx([getattr(fit, criterion) for fit in fits], rel=1e-12)
    assert ranking.tolls == pytest.approx([fit.toll for fit in fits], rel=1e-10)
    assert ranking.deviance == pytest.approx([fit.deviance for fit in fits], rel=1e-9, abs=1e-9)
    assert ranking.name(3) == fits[3].name
    assert ranking.fit().name == fits[0].name
    assert ranking.passed_over() == ()


def test_models_without_an_estimate_are_passed_over_by_name() -> None:
    ranking = rank_models(ARTIFICIAL)
    assert ranking.fit().name == "[A, B, C]"
    assert ranking.passed_over() == ("[A*B, C]",)
    assert np.isnan(ranking.tolls[0])
    assert ranking.existence[0] == Existence.NONE
    assert select_model(ARTIFICIAL).passed_over == ("[A*B, C]",)


def test_a_table_for_which_no_model_has_an_estimate_is_refused() -> None:
    with pytest.raises(ModelError, match="without bound"):
        select_model([0, 5, 4, 0, 3, 0, 0, 0])


def test_the_order_of_the_terms_can_be_limited() -> None:
    assert len(rank_models(UK, Selection(order=2)).tolls) == 1024
    assert select_model(KOSOVO, Selection(order=1)).fit.name == "[A, B, C, D]"


def test_a_given_model_is_taken() -> None:
    model = parse_model("[EXH*ABA, OSCE, HRW]", KOSOVO_LISTS)
    selected = select_model(KOSOVO, Selection(model=model), KOSOVO_LISTS)
    assert selected.fit.name == "[EXH*ABA, OSCE, HRW]"
    assert selected.fit.toll == fit_model(KOSOVO, model, KOSOVO_LISTS).toll
    assert Selection(model=model, search="stepwise").is_stepwise is False


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"criterion": "hqic"}, "model-bad-setting"),
        ({"search": "some"}, "model-bad-setting"),
        ({"threshold": 2.0}, "model-bad-setting"),
        ({"threshold": float("nan")}, "model-bad-setting"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], code: str) -> None:
    with pytest.raises(ModelError) as refusal:
        Selection(**settings)
    assert refusal.value.code == code
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("selection", "code"),
    [(Selection(order=4), "overlap-order"), (Selection(model=7), "overlap-model")],
)
def test_settings_that_do_not_fit_the_table_are_refused(selection: Selection, code: str) -> None:
    with pytest.raises(ModelError) as refusal:
        select_model(KOSOVO, selection)
    assert refusal.value.code == code
