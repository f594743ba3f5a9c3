"""A point to start from, drawn from the prior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.models.overlap.latent_class.priors import LatentClassPriors

TINY = np.finfo(float).tiny


def draw_start(lists: int, priors: LatentClassPriors, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw y and the logits of λ from the prior, shape (D,)."""
    start: NDArray[np.float64] = draw_prior(lists, priors, 1, rng)[0]
    return start


def draw_prior(lists: int, priors: LatentClassPriors, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Independent draws, shape (size, D)."""
    concentration = rng.gamma(priors.concentration_shape, 1.0 / priors.concentration_rate, (size, 1))
    y = np.log(rng.exponential(size=(size, priors.classes - 1))) - np.log(np.maximum(concentration, TINY))
    yes, no = (_log_gamma(shape, (size, lists * priors.classes), rng) for shape in (priors.caught, priors.missed))
    return np.concatenate([y, yes - no], axis=1)


def _log_gamma(shape: float, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Logarithms of gamma variables, that of shape + 1 times U^(1/shape): small ones would underflow."""
    return np.asarray(np.log(rng.standard_gamma(shape + 1.0, size)) - rng.exponential(size=size) / shape)
