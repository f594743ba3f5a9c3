"""Priors on the toll."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import stats

from undercount.errors import ModelError
from undercount.models.overlap.graphs.prior import (
    RECIPROCAL,
    UNIFORM,
    TollPrior,
    poisson_gamma,
    prior_of,
    tabulated,
)

TOLLS = np.array([1.0, 7.0, 1000.0])


def test_priors_that_have_names() -> None:
    assert prior_of("1/N").at(TOLLS) == pytest.approx(-np.log(TOLLS))
    assert prior_of("uniform").at(TOLLS) == pytest.approx(np.zeros(3))
    assert prior_of(UNIFORM) is UNIFORM
    assert (RECIPROCAL.power, UNIFORM.power) == (1, 0)


def test_a_poisson_count_with_a_gamma_mean_is_negative_binomial() -> None:
    expected = stats.nbinom.logpmf(TOLLS, 13.14, 1.0 / 56.17)
    assert poisson_gamma(13.14, 55.17).at(TOLLS) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("shape", "scale"), [(13.14, 55.17), (0.5, 40.0), (1.0, 3.0)])
def test_the_sum_beyond_a_toll_is_bounded(shape: float, scale: float) -> None:
    prior = poisson_gamma(shape, scale)
    law = stats.nbinom(shape, 1.0 / (1.0 + scale))
    tolls = np.array([1.0, 30.0, 80.0, 700.0, 1500.0, 4000.0])
    tolls = tolls[law.pmf(tolls) > 1e-250]
    found = prior.spread_at(tolls)
    expected = law.sf(tolls) / law.pmf(tolls)
    assert (found >= expected * (1 - 1e-9)).all()
    assert found[-1] <= 1.5 * expected[-1]
    assert np.isinf(found[0]) == (shape > 1.0)
    assert np.isinf(RECIPROCAL.spread_at(tolls)).all()


def test_a_table_is_looked_up_and_nothing_is_possible_beyond() -> None:
    prior = tabulated(10, np.log([0.2, 0.5, 0.3]))
    assert prior.last == 12
    assert np.exp(prior.at(np.arange(8.0, 15.0))) == pytest.approx([0, 0, 0.2, 0.5, 0.3, 0, 0])


@pytest.mark.parametrize("prior", [RECIPROCAL, UNIFORM, poisson_gamma(2.0, 10.0), tabulated(3, np.zeros(5))])
def test_priors_travel_to_other_processes(prior: TollPrior) -> None:
    found: TollPrior = pickle.loads(pickle.dumps(prior))
    assert found.at(TOLLS) == pytest.approx(prior.at(TOLLS))


@pytest.mark.parametrize("log_mass", [[], [[0.0]], [-np.inf, -np.inf], [0.0, np.inf], [0.0, np.nan]])
def test_tables_that_are_no_prior_are_refused(log_mass: list[float]) -> None:
    with pytest.raises(ModelError) as caught:
        tabulated(5, np.array(log_mass))
    assert caught.value.code == "model-graph-prior"


@pytest.mark.parametrize(("shape", "scale"), [(0.0, 1.0), (1.0, -2.0), (np.inf, 1.0), (1.0, np.nan)])
def test_gamma_laws_that_are_none_are_refused(shape: float, scale: float) -> None:
    with pytest.raises(ModelError) as caught:
        poisson_gamma(shape, scale)
    assert caught.value.code == "model-graph-prior"


def test_a_name_that_is_not_known_is_refused() -> None:
    with pytest.raises(ModelError, match="'flat' is not the name") as caught:
        prior_of("flat")
    assert "'1/N', 'uniform'" in caught.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_function_that_gives_no_number_is_refused(value: float) -> None:
    prior = TollPrior("odd", lambda toll: np.where(toll > 5.0, value, 0.0))
    with pytest.raises(ModelError, match="prior odd is"):
        prior.at(TOLLS)
