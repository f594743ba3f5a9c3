"""Latent Gaussian tallies: y ~ Normal(A μ, A diag((1 + θ) μ) Aᵀ + ¼), and the way back.

With L the Cholesky factor of the covariance, y = A μ + L z for standard normal z. A point report fixes
its z; an interval leaves it between two bounds, where its score (`models.truncated`) says which it is.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.truncated import truncated, truncated_with_slopes

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Tallies, Work

HALF_COUNT = 0.5


@inlined
def factorise(matrix: Array, size: int) -> bool:
    """Cholesky factor of a matrix stored row by row, in place in its lower half; False if it has none."""
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i * size + j]
            for k in range(j):
                total -= matrix[i * size + k] * matrix[j * size + k]
            if i > j:
                matrix[i * size + j] = total / matrix[j * size + j]
            elif total > 0.0:
                matrix[i * size + i] = sqrt(total)
            else:
                return False
    return True


@inlined
def factorise_back(factor: Array, to_factor: Array, size: int) -> None:
    """Turn derivatives by the factor into those by the matrix, each entry of its lower half by itself.

    Murray 2016, Differentiation of the Cholesky decomposition (arXiv:1602.07527), section 3.
    """
    for j in range(size - 1, -1, -1):
        for i in range(size - 1, j, -1):
            share = to_factor[i * size + j] / factor[j * size + j]
            to_factor[i * size + j] = share
            to_factor[j * size + j] -= factor[i * size + j] * share
            for k in range(j):
                to_factor[i * size + k] -= share * factor[j * size + k]
                to_factor[j * size + k] -= share * factor[i * size + k]
        to_factor[j * size + j] *= 0.5 / factor[j * size + j]
        for k in range(j):
            to_factor[j * size + k] -= 2.0 * to_factor[j * size + j] * factor[j * size + k]


@inlined
def covariance(tallies: Tallies, n: int, theta: float, mean: Array, matrix: Array) -> None:
    """Write the lower half of the covariance of the reports of tally n."""
    size = tallies.first_report[n + 1] - tallies.first_report[n]
    cover, pieces = tallies.cover[tallies.first_cover[n] :], mean.size
    for i in range(size):
        for j in range(i + 1):
            total = 0.0
            for q in range(pieces):
                total += cover[i * pieces + q] * cover[j * pieces + q] * mean[q]
            matrix[i * size + j] = (1.0 + theta) * total
        matrix[i * size + i] += HALF_COUNT**2


@inlined
def centre(cover: Array, mean: Array, factor: Array, z: Array, i: int) -> float:
    """Expected count of report i given the reports before it."""
    found = 0.0
    for q in range(mean.size):
        found += cover[i * mean.size + q] * mean[q]
    for j in range(i):
        found += factor[i * z.size + j] * z[j]
    return found


@inlined
def log_density(tallies: Tallies, n: int, theta: float, position: Array, work: Work) -> float:
    """Log density of tally n; NaN where its covariance has no factor. Leaves its derivatives in `work`."""
    first, size = tallies.first_report[n], tallies.first_report[n + 1] - tallies.first_report[n]
    cover, mean = (
        tallies.cover[tallies.first_cover[n] :],
        work.mean[tallies.first_piece[n] : tallies.first_piece[n + 1]],
    )
    factor, z = work.matrix[2 * tallies.first_square[n] :][: size * size], work.z[first : first + size]
    covariance(tallies, n, theta, mean, factor)
    if not factorise(factor, size):
        return float("nan")
    value = 0.0
    for i in range(size):
        middle, scale, at = centre(cover, mean, factor, z, i), factor[i * size + i], tallies.score_at[first + i]
        if at < 0:
            z[i] = (tallies.low[first + i] - middle) / scale
            value -= 0.5 * z[i] * z[i] + log(scale) + 0.5 * log(2.0 * pi)
        else:
            a, b = (tallies.low[first + i] - middle) / scale, (tallies.high[first + i] - middle) / scale
            mass, z[i], _, _, _ = truncated(a, b, position[at])
            value += mass
    derive(tallies, n, position, work)
    return float(value)


@inlined
def derive(tallies: Tallies, n: int, position: Array, work: Work) -> None:
    """Write the derivatives of tally n by the means of its reports, their scores and its covariance."""
    first, size = tallies.first_report[n], tallies.first_report[n + 1] - tallies.first_report[n]
    cover, mean = (
        tallies.cover[tallies.first_cover[n] :],
        work.mean[tallies.first_piece[n] : tallies.first_piece[n + 1]],
    )
    both = work.matrix[2 * tallies.first_square[n] :]
    factor, to_factor = both[: size * size], both[size * size : 2 * size * size]
    z, to_z, to_score = (
        work.z[first : first + size],
        work.to_count[first : first + size],
        work.to_score[first : first + size],
    )
    to_z[:] = 0.0
    for i in range(size - 1, -1, -1):
        scale, at = factor[i * size + i], tallies.score_at[first + i]
        if at < 0:
            to_middle = (z[i] - to_z[i]) / scale
            to_scale = to_middle * z[i] - 1.0 / scale
            to_score[i] = 0.0
        else:
            middle = centre(cover, mean, factor, z, i)
            a, b = (tallies.low[first + i] - middle) / scale, (tallies.high[first + i] - middle) / scale
            _, _, by_a, by_b, z_by_a, z_by_b, z_by_u = truncated_with_slopes(a, b, position[at])
            to_a, to_b = by_a + to_z[i] * z_by_a, by_b + to_z[i] * z_by_b
            to_middle = -(to_a + to_b) / scale
            to_scale = -(to_a * a + (to_b * b if to_b != 0.0 else 0.0)) / scale
            to_score[i] = to_z[i] * z_by_u
        to_z[i] = to_middle
        for j in range(i):
            to_factor[i * size + j] = to_middle * z[j]
            to_z[j] += to_middle * factor[i * size + j]
        to_factor[i * size + i] = to_scale
    factorise_back(factor, to_factor, size)


@inlined
def back(tallies: Tallies, n: int, theta: float, weight: float, gradient: Array, work: Work) -> float:
    """Add `weight` times the derivatives of tally n by means and scores; d/d log(1 + θ)."""
    first, size = tallies.first_report[n], tallies.first_report[n + 1] - tallies.first_report[n]
    piece, pieces = tallies.first_piece[n], tallies.first_piece[n + 1] - tallies.first_piece[n]
    cover = tallies.cover[tallies.first_cover[n] :]
    to_matrix = work.matrix[2 * tallies.first_square[n] + size * size :]
    to_count = work.to_count[first : first + size]
    for i in range(size):
        if tallies.score_at[first + i] >= 0:
            gradient[tallies.score_at[first + i]] += weight * work.to_score[first + i]
    to_spread = 0.0
    for q in range(pieces):
        to_mean, to_variance = 0.0, 0.0
        for i in range(size):
            share = cover[i * pieces + q]
            if share != 0.0:
                to_mean += share * to_count[i]
                for j in range(i + 1):
                    to_variance += share * cover[j * pieces + q] * to_matrix[i * size + j]
        work.to_mean[piece + q] += weight * (to_mean + (1.0 + theta) * to_variance)
        to_spread += weight * to_variance * (1.0 + theta) * work.mean[piece + q]
    return to_spread
