"""The latent-class density as the equations say it, for real, complex and many-digit numbers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class import LatentClassPriors


def weights(y: Any, xp: Any) -> list[Any]:
    """Weights of classes: V_k Π (1 - V_i) with V = 1 - exp(-exp(y)); the last takes the rest."""
    left, found = 1, []
    for one in y:
        rest = xp.exp(-xp.exp(one))
        found.append(left * -xp.expm1(-xp.exp(one)))
        left = left * rest
    return [*found, left]


def probabilities(position: Any, lists: int, classes: int, xp: Any) -> list[Any]:
    """p_h of every pattern, that of no list first."""
    pi = weights(position[: classes - 1], xp)
    logit = [position[classes - 1 + j * classes : classes - 1 + (j + 1) * classes] for j in range(lists)]
    found = []
    for reverse in product((0, 1), repeat=lists):
        bits = reverse[::-1]
        total = 0
        for k in range(classes):
            term = pi[k]
            for j in range(lists):
                sign = -1 if bits[j] else 1
                term = term / (1 + xp.exp(sign * logit[j][k]))
            total = total + term
        found.append(total)
    return found


def log_density(position: Any, counts: NDArray[np.int64], priors: LatentClassPriors, xp: Any) -> Any:
    """Prior of y and of the logits, and the likelihood without the toll and α."""
    lists, classes = counts.size.bit_length() - 1, priors.classes
    y, logit = position[: classes - 1], position[classes - 1 :]
    power = priors.concentration_shape + classes - 1
    value = sum(y) - power * xp.log(priors.concentration_rate + sum(xp.exp(one) for one in y))
    for one in logit:
        value = value - priors.caught * xp.log(1 + xp.exp(-one)) - priors.missed * xp.log(1 + xp.exp(one))
    p = probabilities(position, lists, classes, xp)
    value = value + sum(int(n) * xp.log(p[h]) for h, n in enumerate(counts) if n)
    return value - (int(counts.sum()) - priors.toll_power + 1) * xp.log(sum(p[1:]))


def gradient(
    position: NDArray[np.float64], counts: NDArray[np.int64], priors: LatentClassPriors
) -> NDArray[np.float64]:
    """By a step into the complex plane, which does not cancel (Squire and Trapp 1998, SIAM Review 40, 110)."""
    step = 1e-30
    found = np.empty(position.size)
    for i in range(position.size):
        moved = position.astype(complex)
        moved[i] += 1j * step
        found[i] = log_density(moved, counts, priors, np).imag / step
    return found
