"""The compiled core and nutpie on the PyMC graph sample the same posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.validation.accuracy import errors_apart
from undercount.data import load_case
from undercount.estimators.samplers import CoreSampler, GraphSampler, Sampled
from undercount.estimators.versions import NUTPIE, PYMC
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate, reporting_rates
from undercount.sampling.draws import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAN = Plan(draws=2000, tune=800, chains=4, cores=2)
APART = 4.5
"""Standard errors; about 60 figures are compared."""


def figures(arrays: Design, sampled: Sampled) -> dict[str, NDArray[np.float64]]:
    """Draws (chain, draw) of log tolls by actor and of log reporting rates."""
    shape = next(iter(sampled.values.values())).shape[:2]
    flat = {name: drawn.reshape(-1, *drawn.shape[2:]) for name, drawn in sampled.values.items()}
    state = evaluate(np, arrays, flat)
    deaths = state.deaths.sum(axis=1)
    found = {"toll": deaths.sum(axis=1)}
    for a, actor in enumerate(arrays.strata.actors):
        found[actor] = deaths[:, arrays.strata.place[0] == a].sum(axis=1)
    first = np.unique(arrays.terms.reading_stream, return_index=True)[1]
    own = np.broadcast_to(state.own, (deaths.shape[0], arrays.terms.reading_stream.size))[:, first]
    rates = reporting_rates(arrays, flat, own)
    for s, source in enumerate(arrays.sources):
        found |= {f"{source}, {actor}": rates[:, s, a] for a, actor in enumerate(arrays.strata.actors)}
    return {name: np.log(values).reshape(shape) for name, values in found.items()}


def assert_same(arrays: Design, one: Sampled, other: Sampled) -> None:
    ours, theirs = figures(arrays, one), figures(arrays, other)
    apart = {name: errors_apart(ours[name], theirs[name]) for name in ours}
    worst = max(apart, key=lambda name: apart[name])
    assert apart[worst] < APART, (worst, apart[worst])


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mosul-2017", "mosul-2017-extended"])
def test_the_core_agrees_with_nutpie(case: str) -> None:
    arrays = design(load_case(case))
    ours = CoreSampler(arrays).sample(PLAN, 1, None)
    assert_same(arrays, ours, GraphSampler(arrays, NUTPIE).sample(PLAN, 2, None))


@pytest.mark.slow
def test_the_core_agrees_with_pymc() -> None:
    arrays = design(load_case("mosul-2017"))
    short = Plan(draws=500, tune=500, chains=4, cores=2)
    assert_same(arrays, CoreSampler(arrays).sample(PLAN, 1, None), GraphSampler(arrays, PYMC).sample(short, 2, None))
