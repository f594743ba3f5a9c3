"""The compiled density against the PyMC graph, which is its specification."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pymc as pm
import pytest

from tests.builders import FIRST, make_evidence, make_report
from tests.models.test_log_density import CASES, MODE, stated
from undercount.data import load_case
from undercount.data.schema import Attribution
from undercount.models.data import model_data
from undercount.models.fusion import build_model
from undercount.models.kernel import Packed, density, pack_design, values_at
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence
    from undercount.models.design import Design

NAMES = ("mosul", "mixed", "latent", "mosul-2017-extended", "split", "lag")
FEW, MANY = 20, 250
"""Points for each of six cases."""


@numba.njit
def call(function: Any, position: Any, gradient: Any, reals: Any, integers: Any, work: Any) -> Any:
    return function(position, gradient, reals, integers, work)


def evaluate(packed: Packed, position: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Log density and gradient, in a workspace full of NaN."""
    gradient = np.full(packed.dimension, np.nan)
    work = np.full(packed.workspace, np.nan)
    value = call(density, position, gradient, packed.reals, packed.integers, work)
    return float(value), gradient


def split() -> Evidence:
    """A recorder with so many contested reports that it is read in several blocks, and has one total in all of them."""
    reports = []
    for i in range(8):
        day = FIRST + timedelta(days=5 * i)
        kind = Attribution.CONTESTED if i < 7 else Attribution.STATED
        ends = {"window_start": day, "window_end": day + timedelta(days=4)}
        reports.append(make_report(report=f"r{i}", value=10 + i, attribution=kind, **ends))
    return make_evidence(reports)


@cache
def graph(name: str) -> tuple[Design, pm.Model, Any, Any]:
    makers = {**CASES, "split": split}
    arrays = stated(name, makers[name]() if name in makers else load_case(name))
    model = build_model(arrays)
    value = model.compile_logp(mode=MODE)
    return arrays, model, value, model.compile_dlogp(mode=MODE)


def points(arrays: Design, count: int, seed: int) -> NDArray[np.float64]:
    """Points around the middle of the prior, from near to as far as its tails."""
    rng = np.random.default_rng(seed)
    found = parameters(arrays)
    location, scale = (
        np.repeat([getattr(p, which) for p in found], [p.size for p in found]) for which in ("location", "scale")
    )
    spread = rng.choice([0.1, 0.4, 1.0], size=(count, 1))
    return np.asarray(location + spread * scale * rng.standard_normal((count, scale.size)))


def assert_equal(name: str, packed: Packed, count: int, seed: int) -> None:
    arrays, _, value, slope = graph(name)
    for position in points(arrays, count, seed):
        named = values_at(parameters(arrays), position)
        found, gradient = evaluate(packed, position)
        assert found == pytest.approx(float(value(named)), rel=1e-8)
        expected = np.asarray(slope(named))
        np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_the_density_and_its_gradient_equal_those_of_the_graph(name: str) -> None:
    assert_equal(name, pack_design(graph(name)[0]), FEW, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_they_do_at_a_thousand_points(name: str) -> None:
    assert_equal(name, pack_design(graph(name)[0]), MANY, seed=3)


@pytest.mark.parametrize("name", NAMES)
def test_they_do_with_each_source_left_out(name: str) -> None:
    arrays, model, _, _ = graph(name)
    try:
        for source in arrays.sources:
            with model:
                pm.set_data(model_data(arrays, without=[source]))
            assert_equal(name, pack_design(arrays, without=[source]), 5, seed=2)
    finally:
        with model:
            pm.set_data(model_data(arrays))


def test_the_order_of_the_parameters_is_that_of_the_graph() -> None:
    for name in NAMES:
        arrays, model, _, _ = graph(name)
        assert [variable.name for variable in model.free_RVs] == [p.name for p in parameters(arrays)]


def test_named_values_keep_leading_axes_and_shapes() -> None:
    found = parameters(graph("mixed")[0])
    total = sum(p.size for p in found)
    position = np.arange(6.0 * total).reshape(2, 3, total)
    named = values_at(found, position)
    assert {p.name: (2, 3, *p.shape) for p in found} == {name: value.shape for name, value in named.items()}
    flat = np.concatenate([named[p.name].reshape(2, 3, -1) for p in found], axis=-1)
    np.testing.assert_array_equal(flat, position)


def test_a_point_out_of_range_has_no_density() -> None:
    packed = pack_design(graph("mosul")[0])
    assert not np.isfinite(evaluate(packed, np.full(packed.dimension, 800.0))[0])
    assert not np.isfinite(evaluate(packed, np.full(packed.dimension, np.nan))[0])


def test_a_source_read_in_several_blocks_has_one_total() -> None:
    terms = graph("split")[0].terms
    assert terms.block_stream.size == 8
    of_piece, of_reading = terms.totals
    assert set(of_reading) == {0}
    np.testing.assert_array_equal(of_piece >= 0, np.isin(terms.piece_reading, terms.stated))
