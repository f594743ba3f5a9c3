"""Small linear algebra of matrices of zeros and ones: null spaces, and cones of directions.

All entries on the way are fractions of small whole numbers, so that a bound of 1e-9 tells zero from the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import compiled

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Vector

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

ZERO = 1e-9


@compiled
def reduce_rows(matrix: Matrix) -> Flags:
    """Bring a matrix to its reduced echelon form in place, and say which columns are pivots."""
    rows, columns = matrix.shape
    pivots = np.zeros(columns, dtype=np.bool_)
    top = 0
    for column in range(columns):
        best = top
        for i in range(top, rows):
            if abs(matrix[i, column]) > abs(matrix[best, column]):
                best = i
        if top == rows or abs(matrix[best, column]) < ZERO:
            continue
        pivots[column] = True
        scale = 1.0 / matrix[best, column]
        for j in range(columns):
            held = matrix[best, j]
            matrix[best, j] = matrix[top, j]
            matrix[top, j] = held * scale
        for i in range(rows):
            factor = matrix[i, column]
            if i != top and factor != 0.0:
                for j in range(columns):
                    matrix[i, j] -= factor * matrix[top, j]
        top += 1
    return pivots


@compiled
def count(flags: Flags) -> int:
    """How many are true."""
    found = 0
    for i in range(flags.size):
        if flags[i]:
            found += 1
    return found


@compiled
def null_space(matrix: Matrix, pivots: Flags) -> Matrix:
    """Basis of the null space, one column for each column that is no pivot, from what `reduce_rows` left."""
    size = pivots.size
    found = np.zeros((size, size - count(pivots)))
    k = 0
    for free in range(size):
        if not pivots[free]:
            found[free, k] = 1.0
            row = 0
            for column in range(size):
                if pivots[column]:
                    found[column, k] = -matrix[row, free]
                    row += 1
            k += 1
    return found


@compiled
def times(left: Matrix, right: Matrix) -> Matrix:
    """Product of two small matrices."""
    found = np.zeros((left.shape[0], right.shape[1]))
    for i in range(left.shape[0]):
        for k in range(right.shape[0]):
            for j in range(right.shape[1]):
                found[i, j] += left[i, k] * right[k, j]
    return found


@compiled
def along(slopes: Matrix, i: int, direction: Vector) -> float:
    """How row i changes along a direction."""
    found = 0.0
    for j in range(direction.size):
        found += slopes[i, j] * direction[j]
    return found


@compiled
def falling_rows(slopes: Matrix) -> Flags:
    """Say for which rows u of U there is a direction c with u·c < 0 and no row of U rising along it.

    A direction along which no row rises and some row falls is what is left of the nearest point to 0 among the sums
    of the rows with weights of at least 1; there is none if such a sum can be 0 (Stiemke 1915). The rows that fall are
    set aside, until none does.
    """
    falls = np.zeros(slopes.shape[0], dtype=np.bool_)
    for _ in range(slopes.shape[0]):
        direction = nearest_sum(slopes, falls)
        found = False
        for i in range(slopes.shape[0]):
            if not falls[i] and along(slopes, i, direction) < -ZERO:
                falls[i] = found = True
        if not found:
            break
    return falls


@compiled
def nearest_sum(slopes: Matrix, without: Flags) -> Vector:
    """Minus the nearest point to 0 among sums of the rows of U, each with a weight of at least 1.

    Non-negative least squares for what the weights have above 1 (Lawson and Hanson 1974, *Solving Least Squares
    Problems*, chapter 23).
    """
    rows, size = slopes.shape
    start, rest = np.zeros(size), np.zeros(size)
    for i in range(rows):
        if not without[i]:
            for j in range(size):
                start[j] -= slopes[i, j]
    weights, passive = np.zeros(rows), np.zeros(rows, dtype=np.bool_)
    for _ in range(10 * rows + 10):
        for j in range(size):
            rest[j] = start[j]
            for i in range(rows):
                rest[j] -= weights[i] * slopes[i, j]
        best, most = -1, ZERO
        for i in range(rows):
            if not without[i] and not passive[i] and along(slopes, i, rest) > most:
                best, most = i, along(slopes, i, rest)
        if best < 0:
            break
        passive[best] = True
        settle(slopes, start, weights, passive)
    return rest


@compiled
def settle(slopes: Matrix, start: Vector, weights: Vector, passive: Flags) -> None:
    """Solve least squares for the passive weights, and give up those that would not be positive."""
    share = 0.0
    while share < 1.0:
        goal = least_squares(slopes, start, passive)
        share = 1.0
        for i in range(weights.size):
            if passive[i] and goal[i] <= ZERO:
                share = min(share, weights[i] / (weights[i] - goal[i])) if weights[i] > 0.0 else 0.0
        for i in range(weights.size):
            if passive[i]:
                weights[i] += share * (goal[i] - weights[i])
                if share < 1.0 and weights[i] <= ZERO:
                    passive[i], weights[i] = False, 0.0


@compiled
def least_squares(slopes: Matrix, start: Vector, passive: Flags) -> Vector:
    """Weights of the passive rows, which are independent, that come nearest to a sum of `start`."""
    size = count(passive)
    normal = np.zeros((size, size + 1))
    a = 0
    for i in range(passive.size):
        if passive[i]:
            b = 0
            for k in range(passive.size):
                if passive[k]:
                    for j in range(start.size):
                        normal[a, b] += slopes[i, j] * slopes[k, j]
                    b += 1
            normal[a, size] = along(slopes, i, start)
            a += 1
    reduce_rows(normal)
    found = np.zeros(passive.size)
    a = 0
    for i in range(passive.size):
        if passive[i]:
            found[i] = normal[a, size]
            a += 1
    return found
