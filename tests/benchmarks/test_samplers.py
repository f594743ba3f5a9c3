"""The compiled core and nutpie on the PyMC graph sample the same posterior of simulated cases."""

from __future__ import annotations

import pytest

from benchmarks.simulate import simulated_case
from tests.validation.test_samplers import PLAN, assert_same
from undercount.estimators.samplers import CoreSampler, GraphSampler
from undercount.estimators.versions import NUTPIE
from undercount.models.design import design


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_the_core_agrees_with_nutpie(seed: int) -> None:
    arrays = design(simulated_case(seed, "medium")[0])
    theirs = GraphSampler(arrays, NUTPIE).sample(PLAN, 2, None)
    assert_same(arrays, CoreSampler(arrays).sample(PLAN, 1, None), theirs)
