"""The sticks from one on are broken anew, as the prior breaks them given those before: a move between trajectories.

Where one class holds nearly all of the weight, the others are as the prior has them, and it lets the concentration α
fall over many orders of magnitude: trajectories wander there for long before they come back to where a second class can
gain weight. A draw of the prior is back at once. With α integrated out, t_m given the sticks before it has

    P(t_m > x | t_1 … t_(m-1)) = (1 + x / B)^-(a + m - 1),     B = b + Σ_(i<m) t_i,

so that t_m … t_(K*-1) are drawn in turn, and taken with probability min(1, L' / L), since nothing else changes.
"""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.overlap.latent_class.density import double, logistic
from undercount.models.overlap.latent_class.packing import POWER, RATE, SETTINGS, SHAPE, SUCCESSES, Work

if TYPE_CHECKING:
    from undercount.models.overlap.latent_class.packing import Array


@inlined
def tabulate(position: Array, lists: int, work: Work) -> None:
    """Write the probability of each pattern in each class."""
    classes = work.weight.size
    for k in range(classes):
        work.table[k] = 1.0
    for j in range(lists):
        first = (j + 1) * classes - 1
        logistic(position[first : first + classes], work)
        double(work, classes << j)


@inlined
def log_likelihood(counts: Array, successes: float, weight: Array, work: Work) -> float:
    """Log likelihood of weights, given the table of `tabulate`."""
    classes = weight.size
    value, seen = 0.0, 0.0
    for h in range(1, counts.size):
        row = work.table[h * classes : (h + 1) * classes]
        p = 0.0
        for k in range(classes):
            p += row[k] * weight[k]
        seen += p
        if counts[h] > 0.0:
            value += counts[h] * log(p)
    return value - successes * log(seen)


@inlined
def weights_of(y: Array, weight: Array) -> None:
    """Write the weights of sticks."""
    left, last = 1.0, weight.size - 1
    for k in range(last):
        t = exp(y[k])
        weight[k] = -left * expm1(-t)
        left *= exp(-t)
    weight[last] = left


@inlined
def renew_sticks(position: Array, uniforms: Array, reals: Array, lists: int, work: Work) -> int:
    """Try to renew the sticks from each on, the last first; changes y. Gives the number of changes."""
    last = work.weight.size - 1
    counts, successes = reals[SETTINGS:], reals[SUCCESSES]
    tabulate(position, lists, work)
    y, weight, proposed = work.stick, work.weight, work.by_weight
    weights_of(position[:last], weight)
    value = log_likelihood(counts, successes, weight, work)
    done = used = 0
    for m in range(last - 1, -1, -1):
        before = reals[RATE]
        for k in range(m):
            y[k] = position[k]
            before += exp(y[k])
        for k in range(m, last):
            y[k] = log(before) + log(expm1(-log(1.0 - uniforms[used]) / (reals[SHAPE] + k)))
            before += exp(y[k])
            used += 1
        weights_of(y[:last], proposed)
        other = log_likelihood(counts, successes, proposed, work)
        if log(1.0 - uniforms[used]) < reals[POWER] * (other - value):
            value = other
            for k in range(m, last):
                position[k] = y[k]
            done += 1
        used += 1
    return done
