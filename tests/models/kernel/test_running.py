"""The compiled density of streams, running tallies and shown courses against the graph and against differences."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytest

from tests.builders import make_case, make_evidence, make_report, make_source
from tests.models.kernel.test_density import evaluate, points
from tests.models.streams_case import desk_reports, streams_case, streams_fields
from tests.models.test_log_density import MODE
from undercount.data.schema import Kind, Qualifier, Speakers
from undercount.models.data import model_data
from undercount.models.design import Design, design
from undercount.models.fusion import build_model
from undercount.models.intensity import evaluate as evaluate_state
from undercount.models.kernel import Packed, pack_design, values_at
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data import Evidence

STEP = 5e-4
KINK = 0.02
FEW = (3, 9, 20, 21, 23, 26, 28)
"""Of the figures of the desk: a running and a daily one, one far too large, one far too small, a least figure,
a rounded one, and one of two areas."""


def few_reports(**changes: Any) -> Evidence:
    reports = [make_report(**{"source": "desk"} | desk_reports()[i]) for i in FEW]
    source = make_source(source="desk", name="D", kind=Kind.CLAIMANT, speakers=Speakers.SEVERAL)
    more = [make_report(**{"source": "desk", "report": "more"} | changes)] if changes else []
    return make_evidence([*reports, *more], case=make_case(**streams_fields(incidents=())), sources=[source])


@cache
def graph(evidence: Any = streams_case) -> tuple[Design, pm.Model, Any]:
    arrays = design(evidence())
    model = build_model(arrays)
    return arrays, model, model.compile_logp(mode=MODE)


def is_smooth(arrays: Design, position: NDArray[np.float64]) -> bool:
    """Whether no report is close to where it begins to be read by its logarithm: the slope jumps there."""
    values = {name: value[None] for name, value in values_at(parameters(arrays), position).items()}
    mean = evaluate_state(np, arrays, values).mean[0]
    for term in arrays.terms.gaussian:
        far = 2 * (term.cover @ mean[term.pieces] + 1)
        for end in (term.low, term.high, (term.low + term.high) / 2, term.low - 0.5, term.high + 0.5):
            ratio = np.where(np.isfinite(end) & (end > 0), end, 1e-9) / far
            if (np.abs(np.log(ratio)) < KINK).any():
                return False
    return True


def slope(packed: Packed, position: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient by differences of sixth order."""
    found = np.zeros(position.size)
    for i in range(position.size):
        for steps, weight in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60)):
            for sign in (1, -1):
                moved = position.copy()
                moved[i] += sign * steps * STEP
                found[i] += sign * weight * evaluate(packed, moved)[0] / STEP
    return found


def test_the_density_equals_that_of_the_graph() -> None:
    arrays, _, value = graph()
    packed = pack_design(arrays)
    for position in points(arrays, 40, seed=1):
        found = evaluate(packed, position)[0]
        assert found == pytest.approx(float(value(values_at(parameters(arrays), position))), rel=1e-10)


def test_it_does_with_each_source_left_out() -> None:
    arrays, model, value = graph()
    try:
        for source in arrays.sources:
            with model:
                pm.set_data(model_data(arrays, without=[source]))
            packed = pack_design(arrays, without=[source])
            for position in points(arrays, 5, seed=2):
                found = evaluate(packed, position)[0]
                assert found == pytest.approx(float(value(values_at(parameters(arrays), position))), rel=1e-10)
    finally:
        with model:
            pm.set_data(model_data(arrays))


@pytest.mark.parametrize("without", [(), ("desk",)])
def test_the_gradient_is_the_slope_of_the_density(without: tuple[str, ...]) -> None:
    arrays = graph()[0]
    packed = pack_design(arrays, without=without)
    smooth = [position for position in points(arrays, 40, seed=3) if is_smooth(arrays, position)]
    assert len(smooth) >= 5
    for position in smooth[:5]:
        found, expected = evaluate(packed, position)[1], slope(packed, position)
        # Of a value near 300 in 16 digits, steps of 5e-4 leave about 1e-10.
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


@pytest.mark.slow
def test_the_gradient_is_that_of_the_graph() -> None:
    arrays, model, value = graph(few_reports)
    packed, gradient = pack_design(arrays), model.compile_dlogp(mode=MODE)
    for position in points(arrays, 100, seed=4):
        named = values_at(parameters(arrays), position)
        found, mine = evaluate(packed, position)
        expected = gradient(named)
        assert found == pytest.approx(float(value(named)), rel=1e-10)
        np.testing.assert_allclose(mine, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize(
    "far",
    [
        {"value": 100_000, "qualifier": Qualifier.AT_LEAST},
        {"value": None, "low": 3_000, "high": 9_000, "qualifier": Qualifier.RANGE},
        {"value": 0, "qualifier": Qualifier.UP_TO},
    ],
)
def test_an_interval_that_only_a_misread_figure_can_be_in_has_a_density(far: dict[str, Any]) -> None:
    evidence = few_reports(**far, **{k: v for k, v in desk_reports()[3].items() if k.startswith("window")})
    arrays, _, value = graph(lambda: evidence)
    position = points(arrays, 1, seed=5)[0]
    found, gradient = evaluate(pack_design(arrays), position)
    assert np.isfinite(gradient).all()
    assert found == pytest.approx(float(value(values_at(parameters(arrays), position))), rel=1e-10)
