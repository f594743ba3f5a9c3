"""The PyTensor operation against the function that it wraps, interpreted and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from undercount.models.truncated import truncated_with_slopes
from undercount.models.truncated_op import truncated

POINTS = [(-1.0, 2.0, 0.3), (4.0, 9.0, -2.0), (-8.0, -7.5, 1.0)]


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "NUMBA"])
def test_value_and_gradient_are_those_of_the_function(mode: str) -> None:
    ends: Any = pt.dscalars("low", "high", "score")
    mass, z = truncated(*ends)
    slopes: Any = pt.grad(mass + 2.0 * z, ends)
    found = pytensor.function(ends, [mass, z, *slopes], mode=mode)
    for point in POINTS:
        mass_at, z_at, mass_low, mass_high, *z_by = truncated_with_slopes(*point)
        expected = [mass_at, z_at, mass_low + 2 * z_by[0], mass_high + 2 * z_by[1], 2 * z_by[2]]
        np.testing.assert_allclose(found(*point), expected, rtol=1e-12)


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "NUMBA"])
def test_an_open_interval_whose_value_nobody_needs(mode: str) -> None:
    low: Any
    score: Any
    low, score = pt.dscalars("low", "score")
    mass, _ = truncated(low, np.inf, score)
    slope: Any = pt.grad(mass, low)
    found = pytensor.function([low, score], [mass, slope], mode=mode)
    expected = truncated_with_slopes(0.5, np.inf, 0.1)
    np.testing.assert_allclose(found(0.5, 0.1), [expected[0], expected[2]], rtol=1e-12)


def test_anything_but_scalars_is_refused() -> None:
    with pytest.raises(TypeError, match="three scalars"):
        truncated(pt.dvector(), 1.0, 0.0)
