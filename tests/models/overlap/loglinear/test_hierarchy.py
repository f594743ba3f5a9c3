"""Enumeration of hierarchical models, against every set of terms, and their generators."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap.loglinear import slow_twin
from undercount.errors import ModelError
from undercount.models.overlap.loglinear.hierarchy import (
    check_model,
    close,
    count_parameters,
    generators,
    hierarchical_models,
    main_effects,
    terms_of,
)


@pytest.mark.parametrize("lists", [3, 4])
def test_all_hierarchical_models_are_enumerated_once(lists: int) -> None:
    expected = {sum(1 << t for t in terms) for terms in slow_twin.hierarchical(lists)}
    found = hierarchical_models(lists)
    assert len(found) == len(expected)
    assert set(found.tolist()) == expected


@pytest.mark.parametrize(
    ("lists", "order", "count"),
    # With pairs only they are graphs: 2**(K (K - 1) / 2).
    [(3, None, 8), (4, None, 113), (5, None, 6893), (3, 2, 8), (4, 2, 64), (5, 2, 1024), (6, 2, 32768), (5, 1, 1)],
)
def test_how_many_there_are(lists: int, order: int | None, count: int) -> None:
    found = hierarchical_models(lists, order)
    assert len(found) == count
    assert np.all(np.diff(count_parameters(found)) >= 0)
    assert found[0] == main_effects(lists)


def test_models_of_an_order_are_those_whose_terms_are_small() -> None:
    everything = hierarchical_models(5).tolist()
    small = [m for m in everything if all(t.bit_count() <= 3 for t in terms_of(m))]
    assert sorted(hierarchical_models(5, 3).tolist()) == sorted(small)


def test_too_many_models_are_refused() -> None:
    with pytest.raises(ModelError, match="more than 100,000"):
        hierarchical_models(6)


@pytest.mark.parametrize("order", [0, 4, -1])
def test_an_order_that_cannot_be_is_refused(order: int) -> None:
    with pytest.raises(ModelError) as refusal:
        hierarchical_models(4, order)
    assert refusal.value.code == "overlap-order"


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_generators_generate_the_model(lists: int) -> None:
    for model in hierarchical_models(lists)[::7].tolist():
        found = generators(model)
        assert close(found, lists) == model
        assert not any(a != b and a & b == a for a in found for b in found)
        assert check_model(model, lists) == model


@pytest.mark.parametrize(
    "model",
    [
        0,
        -1,
        main_effects(4) & ~(1 << 1),  # lacks a main effect
        main_effects(4) | 1 << 0b0111,  # lacks pairs
        main_effects(4) & ~1,  # lacks the intercept
        2**16 - 1,  # saturated
        2**16,
    ],
)
def test_what_is_no_hierarchical_model_is_refused(model: int) -> None:
    with pytest.raises(ModelError) as refusal:
        check_model(model, 4)
    assert refusal.value.code == "overlap-model"


def test_the_enumeration_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        hierarchical_models(3)[0] = 0
