"""Facial sets, and whether the number of victims has an estimate, against linear programmes of all cells."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.overlap.loglinear import slow_twin
from tests.models.overlap.loglinear.tables import ARTIFICIAL, KOSOVO, UK
from undercount.models.overlap.loglinear.existence import Existence, Part, find_part
from undercount.models.overlap.loglinear.hierarchy import hierarchical_models
from undercount.models.overlap.loglinear.linear import falling_rows
from undercount.models.overlap.loglinear.names import parse_model
from undercount.models.overlap.loglinear.tables import Whole, cells_above, count_lists, tabulate


def part_of(counts: Whole, model: int) -> Part:
    return find_part(tabulate(counts.astype(float)).support, model, cells_above(count_lists(counts)))


def check_against_the_twin(counts: Whole, model: int) -> Existence:
    found, expected = part_of(counts, model), slow_twin.fit(counts, model)
    assert found.cells == expected.face
    assert (found.existence <= Existence.PARTIAL) == np.isfinite(expected.toll)
    assert found.terms.bit_count() == expected.rank
    assert found.terms & ~model == 0
    assert found.terms & 1
    return Existence(found.existence)


@pytest.mark.parametrize("lists", [3, 4, 5])
def test_random_sparse_tables(lists: int) -> None:
    rng = np.random.default_rng(lists)
    models = hierarchical_models(lists)
    seen = {check_against_the_twin(slow_twin.sparse_table(rng, lists), int(rng.choice(models))) for _ in range(150)}
    assert seen == {Existence.FINITE, Existence.EXTENDED, Existence.PARTIAL, Existence.NONE}


def test_every_model_of_a_table_with_every_kind_of_trouble() -> None:
    counts = np.array([0, 2, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 2, 0, 2, 0])
    seen = {check_against_the_twin(counts, model) for model in hierarchical_models(4).tolist()}
    assert seen == {Existence.FINITE, Existence.EXTENDED, Existence.PARTIAL, Existence.NONE}


@pytest.mark.parametrize(
    ("model", "existence"),
    [
        ("[A, B, C]", Existence.FINITE),
        ("[A*C, B]", Existence.EXTENDED),
        ("[B*C, A]", Existence.EXTENDED),
        ("[A*C, B*C]", Existence.EXTENDED),
        ("[A*B, C]", Existence.NONE),
        ("[A*B, A*C]", Existence.NONE),
        ("[A*B, B*C]", Existence.NONE),
        ("[A*B, A*C, B*C]", Existence.NONE),
    ],
)
def test_the_artificial_table(model: str, existence: Existence) -> None:
    """As the manual of the R package SparseMSE 2.0.1 says of its data set Artificial_3."""
    assert part_of(ARTIFICIAL, parse_model(model, "ABC")).existence == existence


def test_a_table_without_empty_patterns_is_not_looked_into() -> None:
    for model in hierarchical_models(4).tolist():
        assert part_of(KOSOVO, model) == (Existence.FINITE, model, 2**16 - 2)


def test_the_models_of_the_british_table() -> None:
    """The numbers are this package's own; those of the twin, on a sample, are the same."""
    models = hierarchical_models(5)
    found = [part_of(UK, model).existence for model in models.tolist()]
    assert np.bincount(found).tolist() == [904, 5615, 51, 323]
    for place in range(0, models.size, 137):
        assert check_against_the_twin(UK, int(models[place])) == found[place]


def test_the_names_of_the_lists_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        counts, model = slow_twin.sparse_table(rng, 4), int(rng.choice(hierarchical_models(4)))
        order = rng.permutation(4).tolist()
        other = sum(1 << t for t in range(16) if model >> slow_twin.permuted_term(t, order) & 1)
        assert part_of(slow_twin.permuted(counts, order), other).existence == part_of(counts, model).existence


def test_rows_that_can_fall_while_none_rises() -> None:
    slopes = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    assert falling_rows(slopes).tolist() == [False, False, True, True, False]
    assert not falling_rows(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])).any()
    assert falling_rows(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])).all()
    assert falling_rows(np.zeros((0, 2))).size == 0
