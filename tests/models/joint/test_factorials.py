import mpmath as mp
import numpy as np
import pytest
from scipy import stats

from undercount.models.joint.factorials import log_gamma_ratio, log_poisson


@pytest.mark.parametrize("y", [0.25, 1.0, 3.5, 99.0, 101.0, 1e4, 1e7 + 0.5, 1e10])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 40.0, 1e3, 1e6, 1e9])
def test_the_ratio_equals_that_of_forty_digits(y: float, shift: float) -> None:
    x = y + shift
    with mp.workdps(40):
        expected = float(mp.loggamma(x) - mp.loggamma(y))
    found = float(log_gamma_ratio(np.array(x), np.array(y)))
    # Near y the functions themselves are subtracted, as long as these are small.
    assert found == pytest.approx(expected, rel=1e-13, abs=4e-16 * x if y < 100 else 1e-14)


@pytest.mark.parametrize("mean", [0.1, 3.0, 250.0, 1e5])
def test_the_poisson_law_is_that_of_scipy(mean: float) -> None:
    count = np.unique(np.floor(mean + np.sqrt(mean) * np.linspace(-6, 6, 25)).clip(0))
    np.testing.assert_allclose(log_poisson(count, mean), stats.poisson.logpmf(count, mean), rtol=1e-10)


def test_a_large_mean_does_not_cancel() -> None:
    with mp.workdps(40):
        mean, count = mp.mpf(10) ** 10, mp.mpf(10) ** 10 + 123_457
        expected = float(count * mp.log(mean) - mean - mp.loggamma(count + 1))
    assert float(log_poisson(np.array(1e10 + 123_457), 1e10)) == pytest.approx(expected, rel=1e-9)
