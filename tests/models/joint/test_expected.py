"""L averaged over the Poisson law, against the plain sum."""

from __future__ import annotations

from math import exp, inf, lgamma, log

import numpy as np
import pytest

from undercount.models.joint.expected import expected
from undercount.models.joint.independent import Independent

TABLES = [(1, (1, 1)), (2, (1, 1)), (10, (6, 7)), (100, (100, 100)), (200, (100, 100)), (900, (500, 450, 300)),
          (3000, (2990, 2985)), (4400, (2000, 900, 1131, 2600))]  # fmt: skip


def plain_sum(observed: int, sizes: tuple[int, ...], toll: float) -> tuple[float, float, float]:
    """Log E, the mean of N less Λ, the variance of N over Λ: number by number."""
    terms: list[tuple[float, int]] = []
    top, number = -inf, observed
    while not terms or terms[-1][0] > top - 60 or number < toll:
        value = number * log(toll) - toll - lgamma(number - observed + 1)
        value += sum(lgamma(number - size + 1) - lgamma(number + 1) for size in sizes)
        top = max(top, value)
        terms.append((value, number))
        number += 1
    total = sum(exp(value - top) for value, _ in terms)
    mean = sum(exp(value - top) * (n - toll) for value, n in terms) / total
    variance = sum(exp(value - top) * (n - toll - mean) ** 2 for value, n in terms) / total
    return top + log(total), mean, variance / toll


@pytest.mark.parametrize(("observed", "sizes"), TABLES)
def test_it_equals_the_plain_sum(observed: int, sizes: tuple[int, ...]) -> None:
    for factor in (0.1, 0.7, 0.98, 1.0, 1.003, 1.1, 1.7, 4.0, 30.0):
        toll = observed * factor
        found, sums = expected(Independent(observed, sizes), log(toll)), plain_sum(observed, sizes, toll)
        assert found.value == pytest.approx(sums[0], rel=1e-13, abs=3e-8)
        assert found.slope == pytest.approx(sums[1], rel=1e-8, abs=1e-6)
        assert found.variance == pytest.approx(sums[2], rel=1e-6)


@pytest.mark.parametrize(("observed", "sizes"), TABLES)
def test_the_slope_is_the_derivative(observed: int, sizes: tuple[int, ...]) -> None:
    likelihood, step = Independent(observed, sizes), 1e-4
    for x in log(observed) + np.array([-0.3, 0.02, 0.5, 3.0, 8.0]):
        low, high = (expected(likelihood, x + way).value for way in (-step, step))
        assert (high - low) / (2 * step) == pytest.approx(expected(likelihood, x).slope, rel=1e-5, abs=1e-3)


def test_far_above_it_is_the_likelihood_itself() -> None:
    likelihood = Independent(300, (200, 150))
    for toll in (1e7, 1e9):
        value = float(likelihood.log_likelihood(np.array(toll)))
        assert expected(likelihood, log(toll)).value == pytest.approx(value, abs=3e3 / toll)
