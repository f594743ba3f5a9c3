"""The spline of log E: exact at its knots, close between them, a power of Λ beyond them."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from undercount.models.joint.curve import KNOTS, flat_curve, tabulate
from undercount.models.joint.expected import expected
from undercount.models.joint.independent import Independent

TABLES = [(1, (1, 1)), (10, (6, 7)), (100, (100, 100)), (200, (100, 100)), (4400, (2000, 900, 1131, 2600)),
          (20_000, (20_000, 19_990)), (1_000_000, (600_000, 500_000, 300_000))]  # fmt: skip


@pytest.mark.parametrize(("observed", "sizes"), TABLES)
def test_it_is_close_to_what_it_tabulates(observed: int, sizes: tuple[int, ...]) -> None:
    likelihood = Independent(observed, sizes)
    curve = tabulate(likelihood)
    assert curve.knot.size == KNOTS
    assert (np.diff(curve.knot) > 0).all()
    assert curve.value.max() == 0
    spline = CubicHermiteSpline(curve.knot, curve.value, curve.slope)
    shift = expected(likelihood, curve.knot[3]).value - curve.value[3]
    x = curve.knot[:-1] + 0.3 * np.diff(curve.knot)
    exact = np.array([expected(likelihood, each).value for each in x.tolist()]) - shift
    error = np.abs(spline(x) - exact)
    assert error[exact > -10].max() < 1e-6
    assert (error / (1.0 - np.minimum(exact, 0.0))).max() < 1e-4


@pytest.mark.parametrize(("observed", "sizes"), TABLES)
def test_its_ends_are_powers(observed: int, sizes: tuple[int, ...]) -> None:
    curve = tabulate(Independent(observed, sizes))
    repeated = sum(sizes) - observed
    assert curve.slope[-1] == pytest.approx(-repeated, rel=2e-3, abs=1e-2)
    assert 0 < curve.slope[0] <= observed
    assert curve.value[0] == pytest.approx(-200, abs=1e-3)


def test_it_is_largest_near_the_toll_of_lincoln_and_petersen() -> None:
    curve = tabulate(Independent(4500, (3000, 2500)))
    assert curve.knot[curve.value.argmax()] == pytest.approx(log(3000 * 2500 / 1000), abs=2e-3)


def test_a_flat_curve_says_nothing() -> None:
    curve = flat_curve()
    assert not curve.value.any()
    assert not curve.slope.any()
