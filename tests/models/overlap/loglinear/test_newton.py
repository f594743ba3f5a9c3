"""Fits and their bounds, against iterated least squares."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import KOSOVO, SPINA_BIFIDA, UK
from undercount.models.overlap.loglinear.existence import Existence, find_part
from undercount.models.overlap.loglinear.fits import fit_models
from undercount.models.overlap.loglinear.hierarchy import hierarchical_models
from undercount.models.overlap.loglinear.newton import (
    DONE,
    LOST,
    Work,
    advance,
    descend,
    make_work,
    start_from_counts,
)
from undercount.models.overlap.loglinear.tables import (
    Table,
    Whole,
    cells_above,
    count_lists,
    list_members,
    tabulate,
)

TABLES = {"kosovo": KOSOVO, "uk": UK, "spina bifida": SPINA_BIFIDA}


def prepared(counts: Whole, model: int) -> tuple[Table, tuple[int, int], Work]:
    table, work = tabulate(counts.astype(float)), make_work(counts.size)
    part = find_part(table.support, model, cells_above(count_lists(counts)))
    return table, (list_members(part.terms, work.terms), list_members(part.cells, work.cells)), work


@pytest.mark.parametrize("name", TABLES)
def test_fits_are_those_of_the_twin(name: str) -> None:
    counts = TABLES[name]
    lists = count_lists(counts)
    models = hierarchical_models(lists)[:: 97 if lists == 5 else 9]
    found = fit_models(counts, models)
    for place, model in enumerate(models.tolist()):
        twin = slow_twin.fit(counts, model)
        assert 2.0 * found.divergence[place] == pytest.approx(twin.deviance, rel=1e-10, abs=1e-9)
        inside = twin.expected > 0.0
        assert np.exp(found.eta[place, inside]) == pytest.approx(twin.expected[inside], rel=1e-8)
        if found.existence[place] <= Existence.PARTIAL:
            assert counts.sum() + np.exp(found.eta[place, 0]) == pytest.approx(twin.toll, rel=1e-10)


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_margins_of_fits_are_those_of_random_tables(lists: int) -> None:
    rng = np.random.default_rng(10 + lists)
    for _ in range(40):
        counts, model = slow_twin.sparse_table(rng, lists), int(rng.choice(hierarchical_models(lists)))
        table, (terms, cells), work = prepared(counts, model)
        assert start_from_counts(table, terms, cells, work)
        state, value = descend(table, (terms, cells), inf, inf, work)
        assert state == DONE
        expected = np.zeros(counts.size)
        expected[work.cells[:cells]] = np.exp(work.eta[work.cells[:cells]])
        for term in (t for t in range(counts.size) if model >> t & 1):
            holds = (np.arange(counts.size) & term) == term
            assert expected[holds].sum() == pytest.approx(table.margins[term], rel=1e-9, abs=1e-9 * table.victims)
        assert 2.0 * value == pytest.approx(slow_twin.fit(counts, model).deviance, rel=1e-7, abs=1e-8)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.02, 0.3, 1.5]))
def test_no_model_comes_below_its_bound(seed: int, distance: float) -> None:
    check_bound(seed, distance)


def check_bound(seed: int, distance: float) -> None:
    rng = np.random.default_rng(seed)
    model = int(rng.choice(hierarchical_models(4)))
    table, sizes, work = prepared(KOSOVO, model)
    start_from_counts(table, *sizes, work)
    _, least = descend(table, sizes, inf, inf, work)
    start = work.eta + distance * np.sum(
        [rng.normal() * ((np.arange(16) & t) == t) for t in work.terms[: sizes[0]]], axis=0
    )
    work.eta[:] = start
    state, lower = advance(table, sizes, -inf, inf, work)  # a ceiling that every bound is above
    if distance < 0.1:
        assert state == LOST
    if state == LOST:
        assert lower <= least + 1e-9


def test_a_bound_from_far_off_allows_for_rounding() -> None:
    """Here it would be 1e-8 for a model that fits exactly."""
    check_bound(6052891, 1.5)


def test_the_bound_is_attained_at_the_minimum() -> None:
    table, sizes, work = prepared(KOSOVO, int(hierarchical_models(4)[40]))
    start_from_counts(table, *sizes, work)
    _, least = descend(table, sizes, inf, inf, work)
    _, lower = advance(table, sizes, 0.0, inf, work)
    assert lower == pytest.approx(least, rel=1e-10)


def test_a_start_from_far_off_ends_at_the_minimum() -> None:
    """Newton's step overshoots there, and is halved."""
    model = int(hierarchical_models(4)[40])
    table, sizes, work = prepared(KOSOVO, model)
    for shift in (-8.0, -3.0, 4.0):
        work.eta[:] = shift
        state, value = descend(table, sizes, inf, inf, work)
        assert state == DONE
        assert 2.0 * value == pytest.approx(slow_twin.fit(KOSOVO, model).deviance, rel=1e-10)


def test_a_hopeless_model_is_given_up_and_only_such() -> None:
    models = hierarchical_models(4)
    divergence = fit_models(KOSOVO, models).divergence
    for model, least in zip(models.tolist(), divergence.tolist(), strict=True):
        for ceiling in (0.9 * least, 1.1 * least + 1e-6):
            table, sizes, work = prepared(KOSOVO, model)
            start_from_counts(table, *sizes, work)
            state, value = descend(table, sizes, ceiling, inf, work)
            assert (state == LOST) == (ceiling < least and least > 1e-9)
            assert value <= least * (1 + 1e-9) + 1e-9
