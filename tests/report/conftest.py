"""Estimates to report on: one of real evidence, one of hostile evidence, one whose gates failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.report.hostile import attacking_evidence, hostile_evidence
from tests.report.synthetic import make_estimate
from undercount.data import load_case

if TYPE_CHECKING:
    from undercount.estimators import Estimate


@pytest.fixture(scope="session")
def estimate() -> Estimate:
    return make_estimate(load_case("mosul-2017"))


@pytest.fixture(scope="session")
def extended() -> Estimate:
    return make_estimate(load_case("mosul-2017-extended"))


@pytest.fixture(scope="session")
def failed() -> Estimate:
    """One chain: no gate on convergence can pass."""
    return make_estimate(load_case("mosul-2017"), chains=1)


@pytest.fixture(scope="session")
def attacked() -> Estimate:
    """Of evidence that holds every hostile text in every place."""
    return make_estimate(attacking_evidence())


@pytest.fixture(scope="session")
def hostile() -> Estimate:
    return make_estimate(hostile_evidence())
