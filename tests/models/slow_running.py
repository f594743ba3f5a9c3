"""Running tallies of the slow twin: what a report says of its sum, by integration over the sum.

All sums of a tally are held at once, with their full covariance. One report after the other, in the order of
time, is read: its density and the mean and variance of its sum are integrals over a fine grid, and the other
sums follow by regression on it.
"""

from __future__ import annotations

from math import inf, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from undercount.models.pieces import Tally

Array = NDArray[np.float64]
MISREAD = 1.0
LEAST_ERROR = 0.05
ROUNDED_TO = 1.5
"""Upper over lower end of an interval that is read as its middle, with the variance of its width."""
GRID = 20_001
NOTHING = 90.0
"""Log of how far below its top a density is nothing."""


def reading_order(tally: Tally) -> list[int]:
    """Reports by the last of their pieces in time; of those that end together, by first piece, size and count."""
    by_stratum = [int(p) for p in tally.runs.order]
    start = [min(cell.start for cell in piece.cells) for piece in tally.pieces]
    order = sorted(by_stratum, key=lambda p: (start[p], by_stratum.index(p)))
    held = [[order.index(p) for p in range(len(order)) if tally.cover[i, p]] for i in range(len(tally.reports))]

    def turn(i: int) -> tuple[float, ...]:
        return max(held[i]), min(held[i]), len(held[i]), float(tally.low[i]), float(tally.high[i]), i

    return sorted((i for i in range(len(held)) if held[i]), key=turn)


def usual_counts(tally: Tally, days: Sequence[float]) -> list[float]:
    """What each error is relative to: the count, within a factor of three of what even reporting would give."""
    length = [sum(d for d, is_held in zip(days, row, strict=True) if is_held) for row in tally.cover]
    counts = [low if high == inf else (low + high) / 2 for low, high in zip(tally.low, tally.high, strict=True)]
    a_day = np.median([c / n for c, n in zip(counts, length, strict=True) if n >= max(length) / 2])
    return [min(max(c, a_day * n / 3), 3 * a_day * n) for c, n in zip(counts, length, strict=True)]


def read_as(count: float, expected: float) -> float:
    """A count as its error is read: far above what is expected, by its logarithm."""
    far = 2 * (expected + 1)
    return far * (1 + log(1 + 6 * (count / far - 1)) / 6) if far < count < inf else count


def log_mass(low: Array, high: Array) -> Array:
    """Log probability that a standard normal value lies between, from the side where it is small."""
    flip = low > 0
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    upper, lower = special.log_ndtr(b), special.log_ndtr(a)
    return np.asarray(upper + np.log(-np.expm1(lower - upper)))


def moments(log_density: Callable[[Array], Array], guess: float, width: float) -> tuple[float, float, float]:
    """Log of the mass of a log-concave density, its mean and its variance."""

    def below(x: float) -> float:
        return float(-log_density(np.array([x]))[0])

    found = optimize.minimize_scalar(below, bracket=(guess, guess + width), tol=1e-6)
    top, peak = float(found.x), -float(found.fun)
    ends = []
    for side in (-1.0, 1.0):
        step = width
        while below(top + side * step) + peak < NOTHING:
            step *= 2
        ends.append(optimize.brentq(lambda h, side=side: below(top + side * h) + peak - NOTHING, 0, step, xtol=1e-3))
    grid = np.linspace(top - ends[0], top + ends[1], GRID)
    weight = np.exp(log_density(grid) - peak)
    mass = float(weight.sum())
    mean = top + float((weight * (grid - top)).sum()) / mass
    variance = float((weight * (grid - mean) ** 2).sum()) / mass
    return peak + log(mass * (grid[1] - grid[0])), mean, variance


def heard(
    low: float, high: float, expected: float, middle: float, variance: float, errors: tuple[float, float]
) -> tuple[float, float, float]:
    """Log density of a report, and mean and variance of its sum given it."""
    kappa, misread_x = errors
    rounding = 0.0
    if low < high <= ROUNDED_TO * low:
        rounding, low, high = (high - low + 1) ** 2 / 12, (low + high) / 2, (low + high) / 2
    ends = (low, low) if low == high else (low - 0.5, high + 0.5)
    bottom, top = (read_as(end, expected) for end in ends)
    logs = []
    for share, relative in ((special.log_expit(-misread_x), kappa), (special.log_expit(misread_x), kappa + MISREAD)):
        error = sqrt(0.25 + rounding + (relative * expected) ** 2)

        def log_density(total: Array, error: float = error) -> Array:
            prior = stats.norm.logpdf(total, middle, sqrt(variance))
            if low == high:
                return np.asarray(prior + stats.norm.logpdf(bottom, total, error))
            return np.asarray(prior + log_mass((bottom - total) / error, (top - total) / error))

        mass, mean, spread = moments(log_density, middle, sqrt(variance))
        logs.append((share + mass, mean, spread))
    value = float(special.logsumexp([each[0] for each in logs]))
    weight = [float(np.exp(each[0] - value)) for each in logs]
    mean = sum(w * each[1] for w, each in zip(weight, logs, strict=True))
    second = sum(w * (each[2] + (each[1] - mean) ** 2) for w, each in zip(weight, logs, strict=True))
    far = 2 * (expected + 1)
    slope = log(1 + 6 * (low / far - 1)) if low == high > far else 0.0
    return value - slope, mean, second


def running_log_density(
    tally: Tally, days: Sequence[float], expected: Sequence[float], covariance: Array, kappa: float, misread_x: float
) -> float:
    """Log density of the reports, one after the other; `days` are those of the pieces."""
    mean, spread, total, usual = np.array(expected, dtype=float), covariance.copy(), 0.0, usual_counts(tally, days)
    for i in reading_order(tally):
        low, high = float(tally.low[i]), float(tally.high[i])
        variance = float(spread[i, i])
        value, told, left = heard(low, high, usual[i], float(mean[i]), variance, (kappa, misread_x))
        total += value
        along = spread[:, i] / variance
        mean = mean + along * (told - mean[i])
        spread = spread - np.outer(along, along) * (variance - left)
    return total
