import arviz as az
import numpy as np
import pytest
from numpy.typing import NDArray

from undercount.estimators.precision import log_median, log_median_error


def chains(correlation: float, seed: int, draws: int = 1000) -> NDArray[np.float64]:
    """Four autoregressive chains of a log-normal toll around 1,000."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((4, draws))
    for t in range(1, draws):
        noise[:, t] = correlation * noise[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
    return np.rint(1000.0 * np.exp(noise))


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_the_error_is_that_of_arviz(correlation: float) -> None:
    draws = chains(correlation, 1)
    theirs = float(az.mcse(np.log(draws), method="median"))
    assert log_median_error(draws) == pytest.approx(theirs, rel=0.05)


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_the_error_is_the_spread_of_medians_over_repetitions(correlation: float) -> None:
    medians = [log_median(chains(correlation, seed, 300)) for seed in range(200)]
    told = np.mean([log_median_error(chains(correlation, seed, 300)) for seed in range(20)])
    spread = np.std(medians)
    assert abs(told / spread - 1) < 4 / np.sqrt(2 * 200) + 4 * 0.15 / np.sqrt(20)


def test_draws_that_cannot_tell_have_an_infinite_error() -> None:
    assert log_median_error(chains(0.0, 1)[:1]) == np.inf
    assert log_median_error(np.full((4, 100), 7.0)) == np.inf


def test_a_toll_of_nobody_has_a_logarithm() -> None:
    assert log_median(np.zeros((4, 10))) == np.log(0.5)
