"""Two classes exchange their places in the order of the sticks: the move that lets the chains mix.

The likelihood does not see the order of the classes, but the sticks do: they put large classes first, in the long run
as often as a draw by size does. A trajectory could change the order only by way of classes of no weight. A chain that
stays in one order is near to what it is after, yet not there, and chains in different orders disagree: this is why the
Gibbs sampler of the R package fails on hard tables (on such moves: Papaspiliopoulos and Roberts 2008,
*Biometrika* 95, 169-186, section 4).

As a density of the weights themselves, with α integrated out, the prior is

    p(π) ∝ (b - ln π_K*)^-(a + K* - 1) Π_(k=2..K*) 1 / R_k,     R_k = π_k + … + π_K*,

since |dπ/dt| = Π R_k and Σ t = -ln π_K*. An exchange of the classes i < j with their λ keeps all else, so that it is
accepted with probability min(1, Π_(i<k≤j) R_k / R'_k), times the change of the first factor if j is the last.
"""

from __future__ import annotations

from math import log, log1p
from typing import TYPE_CHECKING

from undercount.compiled import inlined
from undercount.models.overlap.latent_class.packing import RATE, SHAPE
from undercount.models.overlap.latent_class.renewal import weights_of

if TYPE_CHECKING:
    from undercount.models.overlap.latent_class.packing import Array, Work

SMALLEST_WEIGHT = 1e-290
"""Of a class that can be exchanged, and of all that stands behind both: less could not be told from nothing."""


@inlined
def _ratio(weight: Array, i: int, j: int, shape: float, rate: float) -> float:
    """Prior density after an exchange, over that before it; zero for one that cannot be undone."""
    last = weight.size - 1
    behind = 0.0
    for k in range(j + 1, last + 1):
        behind += weight[k]
    if min(weight[i], weight[j]) < SMALLEST_WEIGHT or (j < last and behind < SMALLEST_WEIGHT):
        return 0.0
    before, after = behind + weight[j], behind + weight[i]
    ratio = before / after
    for k in range(j - 1, i, -1):
        before += weight[k]
        after += weight[k]
        ratio *= before / after
    if j == last:
        ratio *= ((rate - log(weight[j])) / (rate - log(weight[i]))) ** (shape + last)
    return float(ratio)


@inlined
def _swap(values: Array, i: int, j: int) -> None:
    values[i], values[j] = values[j], values[i]


@inlined
def _exchange_pairs(position: Array, uniforms: Array, reals: Array, lists: int, weight: Array) -> int:
    """Try every pair of classes once, in a fixed order, on the weights and the logits of λ; gives the exchanges."""
    classes = weight.size
    done = tried = 0
    for i in range(classes - 1):
        for j in range(i + 1, classes):
            if uniforms[tried] < _ratio(weight, i, j, reals[SHAPE], reals[RATE]):
                _swap(weight, i, j)
                for place in range(lists):
                    first = (place + 1) * classes - 1
                    _swap(position[first : first + classes], i, j)
                done += 1
            tried += 1
    return done


@inlined
def exchange_classes(position: Array, uniforms: Array, reals: Array, lists: int, work: Work) -> int:
    """Exchange classes; gives the number of exchanges."""
    last = work.weight.size - 1
    weights_of(position[:last], work.weight)
    done = _exchange_pairs(position, uniforms, reals, lists, work.weight)
    if done:
        _mend(position, work.weight)
    return done


@inlined
def _mend(position: Array, weight: Array) -> None:
    """Write the y of weights, but for those that nothing stands behind, which are as they were."""
    behind = weight[weight.size - 1]
    for k in range(weight.size - 2, -1, -1):
        if min(weight[k], behind) > SMALLEST_WEIGHT:
            position[k] = log(log1p(weight[k] / behind))
        behind += weight[k]
