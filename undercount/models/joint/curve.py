"""Log E as a cubic spline of log Λ, with its exact values and slopes at the knots.

Beyond its ends it is linear, which makes E a power of Λ: far above, E is one, Λ to the number of repeated names.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.models.joint.expected import Expected, expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from undercount.models.joint.factorials import Array
    from undercount.models.joint.likelihood import OverlapLikelihood

KNOTS = 128
"""As many for every table, so that another table needs no other program."""
FIRST = 17
"""Of which so many are evenly spaced."""
DEEP = 200.0
"""What log E lacks at the lower end."""
FARTHEST, LARGEST = 1e3, 1e10
"""The upper end lies so many times the number observed away, or more, up to this toll."""
STEPS = 24
"""Of a bisection."""


class Curve(NamedTuple):
    """Knots in log Λ, and what `Expected` has at each; the largest value is zero."""

    knot: Array
    value: Array
    slope: Array
    variance: Array


def flat_curve() -> Curve:
    """The curve of lists that say nothing."""
    return Curve(np.linspace(0.0, 1.0, KNOTS), np.zeros(KNOTS), np.zeros(KNOTS), np.ones(KNOTS))


def tabulate(likelihood: OverlapLikelihood) -> Curve:
    """Put knots where log E bends most.

    Parameters
    ----------
    likelihood : OverlapLikelihood

    Returns
    -------
    Curve
        Within 1e-6 of log E where that is within 10 of its largest value; of an average over graphs within 1e-4.
    """
    first, peak, last = _ends(likelihood)
    found = {x: expected(likelihood, x) for x in (peak, *np.linspace(first, last, FIRST).tolist())}
    queue: list[tuple[float, float, float, float, Expected]] = []

    def look(left: float, right: float) -> None:
        middle = 0.5 * (left + right)
        there = expected(likelihood, middle)
        error = abs(_halfway(found[left], found[right], right - left) - there.value)
        # An error matters less where nobody goes.
        weight = 1.0 + max(0.0, found[peak].value - there.value) / 10.0
        heappush(queue, (-error / weight**2, left, right, middle, there))

    for left, right in pairwise(sorted(found)):
        look(left, right)
    while len(found) < KNOTS:
        _, left, right, middle, found[middle] = heappop(queue)
        look(left, middle)
        look(middle, right)
    knot = np.array(sorted(found))
    value, slope, variance = np.array([found[x] for x in knot.tolist()]).T
    return Curve(knot, value - value.max(), slope, variance)


def _ends(likelihood: OverlapLikelihood) -> tuple[float, float, float]:
    """Where the curve begins, is largest, and ends."""
    observed = likelihood.observed
    lowest = log(observed) - sqrt(2.0 * DEEP / observed) - 2.0 * DEEP / observed
    last = log(max(FARTHEST * observed, min(LARGEST, FARTHEST * observed * likelihood.listed)))
    peak = last
    if expected(likelihood, last).slope < 0:
        peak = _crossing(lambda x: -expected(likelihood, x).slope, lowest, last)
    floor = expected(likelihood, peak).value - DEEP
    return _crossing(lambda x: expected(likelihood, x).value - floor, lowest, peak), peak, last


def _crossing(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises is zero, nearly."""
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return high


def _halfway(left: Expected, right: Expected, width: float) -> float:
    """The cubic in the middle between two knots."""
    return 0.5 * (left.value + right.value) + 0.125 * width * (left.slope - right.slope)
