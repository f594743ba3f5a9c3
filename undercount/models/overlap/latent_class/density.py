"""The log density of the latent-class model and its gradient, compiled.

With w_h = n_h / p_h - m / s for h ≠ 0, w_0 = 0 and T_kh = π_k P(h | k), all derivatives of the log likelihood are sums
of w_h T_kh: over all h for ln π_k, and over the h on list j, less λ_kj times the former, for the logit of λ_kj. The
tables T are built by doubling, list by list, and the sums are taken by folding them in halves again, which costs as
many products as there are patterns. s is summed over the patterns, never 1 - p_0.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import TYPE_CHECKING

import numba

from undercount.compiled import borrowed, compiled_callback, inlined
from undercount.models.overlap.latent_class.packing import (
    CAUGHT,
    MISSED,
    POWER,
    RATE,
    SETTINGS,
    SHAPE,
    SUCCESSES,
    Work,
    unpack_work,
)

if TYPE_CHECKING:
    from undercount.models.overlap.latent_class.packing import Array, Index

_REALS = numba.types.Array(numba.float64, 1, "C")
_INTEGERS = numba.types.Array(numba.int64, 1, "C")
SIGNATURE = numba.float64(_REALS, _REALS, _REALS, _INTEGERS, _REALS)

SMALLEST_PRODUCT = 1e-290
SMALL = 0.01
"""Of t, below which 1 - exp(-t) would cancel."""


@inlined
def _break_sticks(position: Array, gradient: Array, reals: Array, work: Work) -> tuple[float, float]:
    """Write the weights, and t in the gradient's place; gives the log prior of y and b + Σ t."""
    last = work.weight.size - 1
    left, total, value = 1.0, reals[RATE], 0.0
    for k in range(last):
        t = exp(position[k])
        rest = exp(-t)
        stick = -expm1(-t) if t < SMALL else 1.0 - rest
        gradient[k] = t
        work.stick[k] = stick
        work.weight[k] = left * stick
        left *= rest
        total += t
        value += position[k]
    work.weight[last] = left
    return value - (reals[SHAPE] + last) * log(total), total


@inlined
def _sticks_back(gradient: Array, shape: float, total: float, work: Work) -> None:
    """Write the derivatives by y, given those by the weights, over t."""
    last = work.weight.size - 1
    pull = (shape + last) / total
    after = work.by_weight[last]
    for k in range(last - 1, -1, -1):
        t, stick, mine = gradient[k], work.stick[k], work.by_weight[k]
        ratio = t * (1.0 - stick) / stick if stick > 0.0 else 1.0
        gradient[k] = 1.0 + mine * ratio - t * (after + pull)
        after += mine


@inlined
def logistic(logit: Array, work: Work) -> tuple[float, float]:
    """Write λ and 1 - λ of one list; gives the sums of their logarithms."""
    yes = no = 1.0
    for k in range(logit.size):
        x = logit[k]
        small = exp(-abs(x))
        near = 1.0 / (1.0 + small)
        far = small * near
        work.chance[k] = near if x >= 0.0 else far
        work.other[k] = far if x >= 0.0 else near
        yes *= work.chance[k]
        no *= work.other[k]
    if min(yes, no) > SMALLEST_PRODUCT:
        return log(yes), log(no)
    log_yes = log_no = 0.0
    for k in range(logit.size):
        x = logit[k]
        both = log1p(exp(-abs(x)))
        log_yes += min(x, 0.0) - both
        log_no += min(-x, 0.0) - both
    return log_yes, log_no


@inlined
def double(work: Work, size: int) -> None:
    """Add a list to the table, of which `size` entries are filled."""
    chance, other, classes = work.chance, work.other, work.chance.size
    for i in range(0, size, classes):
        lower, upper = work.table[i : i + classes], work.table[size + i : size + i + classes]
        for k in range(classes):
            whole = lower[k]
            upper[k] = whole * chance[k]
            lower[k] = whole * other[k]


@inlined
def _sum_patterns(counts: Array, successes: float, work: Work) -> float:
    """Log likelihood; writes its derivatives by p_h."""
    classes = work.chance.size
    value, seen = 0.0, 0.0
    for h in range(1, counts.size):
        row = work.table[h * classes : (h + 1) * classes]
        p = 0.0
        for k in range(classes):
            p += row[k]
        seen += p
        work.by_pattern[h] = 0.0
        if counts[h] > 0.0:
            value += counts[h] * log(p)
            work.by_pattern[h] = counts[h] / p
    share = successes / seen
    for h in range(1, counts.size):
        work.by_pattern[h] -= share
    return value - successes * log(seen)


@inlined
def _weigh(power: float, work: Work) -> None:
    """Weigh the table by the derivatives."""
    classes = work.chance.size
    for k in range(classes):
        work.table[k] = 0.0
    for h in range(1, work.by_pattern.size):
        factor = power * work.by_pattern[h]
        row = work.table[h * classes : (h + 1) * classes]
        for k in range(classes):
            row[k] *= factor


@inlined
def _fold(gradient: Array, work: Work, size: int) -> None:
    """Write what the upper half of the table sums to, class by class, and add it to the lower half, of `size`."""
    classes = gradient.size
    for k in range(classes):
        gradient[k] = 0.0
    for i in range(0, size, classes):
        lower, upper = work.table[i : i + classes], work.table[size + i : size + i + classes]
        for k in range(classes):
            gradient[k] += upper[k]
            lower[k] += upper[k]


@inlined
def log_density(position: Array, gradient: Array, reals: Array, integers: Index, workspace: Array) -> float:
    """Log density of y and the logits of λ; writes the gradient. NaN or -inf where it cannot be evaluated."""
    lists, classes = integers[0], integers[1]
    work = unpack_work(workspace, lists, classes)
    value, total = _break_sticks(position, gradient, reals, work)
    for k in range(classes):
        work.table[k] = work.weight[k]
    first = classes - 1
    for j in range(lists):
        place = j * classes
        log_yes, log_no = logistic(position[first + place : first + place + classes], work)
        value += reals[CAUGHT] * log_yes + reals[MISSED] * log_no
        for k in range(classes):
            work.caught[place + k] = work.chance[k]
        double(work, classes << j)
    value += reals[POWER] * _sum_patterns(reals[SETTINGS:], reals[SUCCESSES], work)

    _weigh(reals[POWER], work)
    for j in range(lists - 1, -1, -1):
        place = first + j * classes
        _fold(gradient[place : place + classes], work, classes << j)
    for k in range(classes):
        work.by_weight[k] = work.table[k]
    both = reals[CAUGHT] + reals[MISSED]
    for j in range(lists):
        for k in range(classes):
            i = j * classes + k
            gradient[first + i] += reals[CAUGHT] - work.caught[i] * (both + work.by_weight[k])
    _sticks_back(gradient, reals[SHAPE], total, work)
    return float(value)


@compiled_callback(SIGNATURE)
def density(position: Array, gradient: Array, reals: Array, integers: Index, workspace: Array) -> float:
    """`log_density`, for a compiled sampler."""
    return log_density(borrowed(position), borrowed(gradient), borrowed(reals), borrowed(integers), borrowed(workspace))
