import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.models.kernel import vector


def exponential(x: np.ndarray) -> np.ndarray:
    found = np.empty_like(x)
    vector.exp_into(x, np.empty_like(x), found)
    return found


@settings(deadline=None)  # the first example may compile
@given(st.lists(st.floats(-700, 700), min_size=1, max_size=40))
def test_exponentials_are_exact_to_the_last_places(values: list[float]) -> None:
    x = np.array(values)
    np.testing.assert_array_max_ulp(exponential(x), np.exp(x), maxulp=2)


def test_exponentials_saturate_and_keep_nan() -> None:
    found = exponential(np.array([-1e300, -np.inf, 1e300, np.inf, np.nan]))
    assert (found[:2] < 1e-300).all()
    assert (found[2:4] > 1e300).all()
    assert np.isnan(found[4])


def test_sums_of_curves_equal_the_matrix_product() -> None:
    rng = np.random.default_rng(0)
    for count in range(10):
        curves, weight, start = rng.normal(size=(count, 17)), rng.normal(size=count), rng.normal(size=17)
        found = start.copy()
        vector.add_curves(found, weight, curves.ravel())
        np.testing.assert_allclose(found, start + weight @ curves, rtol=1e-13, atol=1e-13)
