"""The latent-class model sampled victim by victim, with every unknown kept (Manrique-Vallier 2016, section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from undercount.models.overlap.latent_class import LatentClassPriors

Array = NDArray[np.float64]


def gibbs_tolls(counts: NDArray[np.int64], priors: LatentClassPriors, sweeps: int, rng: np.random.Generator) -> Array:
    """Draws of the toll, the first tenth left out; for a prior 1/N."""
    lists, classes = counts.size.bit_length() - 1, priors.classes
    bits = np.arange(counts.size)[:, None] >> np.arange(lists) & 1
    seen = np.repeat(bits, counts, axis=0)
    alpha = rng.gamma(priors.concentration_shape, 1 / priors.concentration_rate)
    stick = np.append(rng.beta(1, max(alpha, 1e-3), classes - 1), 1.0)
    caught = rng.beta(priors.caught, priors.missed, (classes, lists))
    found = np.empty(sweeps)
    for sweep in range(sweeps):
        weight = stick * np.cumprod(np.append(1.0, 1 - stick[:-1]))
        unseen = rng.negative_binomial(len(seen), 1 - (weight * np.prod(1 - caught, axis=1)).sum())
        records = np.concatenate([seen, np.zeros((unseen, lists), dtype=np.int64)])
        chance = weight * np.prod(np.where(records[:, None, :] == 1, caught, 1 - caught), axis=2)
        total = chance.cumsum(axis=1)
        label = (rng.random(len(records))[:, None] * total[:, -1:] > total).sum(axis=1)
        size = np.bincount(label, minlength=classes)
        on = np.array([np.bincount(label, weights=records[:, j], minlength=classes) for j in range(lists)]).T
        caught = rng.beta(priors.caught + on, priors.missed + size[:, None] - on)
        above = len(records) - size.cumsum()
        stick = np.append(rng.beta(1 + size[:-1], alpha + above[:-1]).clip(1e-300, 1 - 1e-15), 1.0)
        rate = priors.concentration_rate - np.log1p(-stick[:-1]).sum()
        alpha = rng.gamma(priors.concentration_shape + classes - 1, 1 / rate)
        found[sweep] = len(records)
    return found[sweeps // 10 :]
