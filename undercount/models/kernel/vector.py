"""Loops over days that the compiler turns into vector instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import compiled_with, inlined

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts, so that a multiple of it can be taken away without loss (Cody and Waite 1980)."""
SHIFT = 6755399441055744.0
"""1.5 · 2^52: added to a small number it leaves its nearest whole number in the lowest bits."""
LOWEST, HIGHEST = -708.0, 709.0


@inlined
def exp_into(x: Array, scale: Array, out: Array) -> None:
    """Write exp(x) to `out`; `scale` is room of the same length. Exact to 2 units in the last place.

    e^x = 2^n e^r with |r| ≤ ½ ln 2, e^r by its Taylor series to the 13th power.
    """
    bits = scale.view(np.int64)
    for i in range(x.size):
        scale[i] = min(max(x[i], LOWEST), HIGHEST) * LOG2_E + SHIFT
    for i in range(x.size):
        n = scale[i] - SHIFT
        r = (min(max(x[i], LOWEST), HIGHEST) - n * LN2_HIGH) - n * LN2_LOW
        p = 1.0 / 479001600 + r * (1.0 / 6227020800)
        p = 1.0 / 39916800 + r * p
        p = 1.0 / 3628800 + r * p
        p = 1.0 / 362880 + r * p
        p = 1.0 / 40320 + r * p
        p = 1.0 / 5040 + r * p
        p = 1.0 / 720 + r * p
        p = 1.0 / 120 + r * p
        p = 1.0 / 24 + r * p
        p = 1.0 / 6 + r * p
        p = 0.5 + r * p
        out[i] = 1.0 + (r + r * r * p)
    for i in range(x.size):
        bits[i] = (bits[i] + 1023) << 52
    for i in range(x.size):
        out[i] *= scale[i]


@inlined
def add_scaled(out: Array, factor: float, x: Array) -> None:
    """Add factor · x to `out`."""
    for i in range(x.size):
        out[i] += factor * x[i]


@compiled_with(fastmath={"contract"})
def add_curves(out: Array, weight: Array, curves: Array) -> None:
    """Add Σ weight[k] · curve k to `out`, four curves at a time."""
    days = out.size
    count = curves.size // days
    k = 0
    while k + 4 <= count:
        a, b, c, d = weight[k], weight[k + 1], weight[k + 2], weight[k + 3]
        four = curves[k * days : (k + 4) * days]
        for t in range(days):
            out[t] += (a * four[t] + b * four[days + t]) + (c * four[2 * days + t] + d * four[3 * days + t])
        k += 4
    while k < count:
        add_scaled(out, weight[k], curves[k * days : (k + 1) * days])
        k += 1


@compiled_with(fastmath={"reassoc", "contract"})
def dot(x: Array, y: Array) -> float:
    """Sum of products, in any order."""
    total = 0.0
    for i in range(x.size):
        total += x[i] * y[i]
    return total


@compiled_with(fastmath={"reassoc"})
def total(x: Array) -> float:
    """Sum, in any order."""
    found = 0.0
    for i in range(x.size):
        found += x[i]
    return found
