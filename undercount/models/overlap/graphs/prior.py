"""What is thought of the toll before the lists are seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from undercount.errors import ModelError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TollPrior:
    """A prior on the toll N, which need not have a finite sum."""

    name: str
    log_mass: Callable[[Array], Array]
    """ln π(N), up to a constant, of an array of tolls; between whole numbers, too, unless `last` is given."""
    power: int = 0
    """The prior falls at least as N to the power of -`power` beyond any grid: π(N + 1) / π(N) ≤ (N / (N + 1))^power."""
    spread: Callable[[Array], Array] | None = None
    """Of a prior that falls as fast as a geometric one: an upper bound of Σ_{k > N} π(k) / π(N), infinite where it does
    not fall yet."""
    last: int | None = None
    """The largest toll that is possible at all."""

    def at(self, toll: Array) -> Array:
        """ln π(N), checked: it may be -inf, but neither inf nor no number."""
        found = self.log_mass(toll)
        if not found.max() < np.inf:
            raise ModelError(
                f"the logarithm of the prior {self.name} is {found.max()} at some toll from {toll.min():.0f} on",
                code="model-graph-prior",
                where="prior",
                hint="let it be finite, or -inf where a toll is impossible",
            )
        return found

    def spread_at(self, toll: Array) -> Array:
        """`spread`, infinite if it is not given."""
        return np.full_like(toll, np.inf) if self.spread is None else self.spread(toll)

    @property
    def decay(self) -> float:
        """The power that it falls with, at least; infinite if it falls geometrically."""
        return float(self.power) if self.spread is None else np.inf


def _log_reciprocal(toll: Array) -> Array:
    found: Array = -np.log(toll)
    return found


def _log_poisson_gamma(shape: float, scale: float, toll: Array) -> Array:
    rising = gammaln(toll + shape) - gammaln(toll + 1.0) - gammaln(shape)
    found: Array = rising + toll * log(scale) - (toll + shape) * log(1.0 + scale)
    return found


def _spread_poisson_gamma(shape: float, scale: float, toll: Array) -> Array:
    """By the largest ratio π(N + 1) / π(N) from here on."""
    ratio = scale / (1.0 + scale) * np.maximum((toll + shape) / (toll + 1.0), 1.0)
    return np.where(ratio < 1.0, ratio / np.maximum(1.0 - ratio, 1e-300), np.inf)


def _looked_up(first: int, table: Array, toll: Array) -> Array:
    place = np.rint(toll - first).astype(np.int64)
    inside = (place >= 0) & (place < table.size)
    return np.where(inside, table[np.clip(place, 0, table.size - 1)], -np.inf)


RECIPROCAL = TollPrior("1/N", _log_reciprocal, power=1)
"""Jeffreys' prior of a scale: each order of magnitude is as probable as the next."""
UNIFORM = TollPrior("uniform", np.zeros_like)
_NAMED = {prior.name: prior for prior in (RECIPROCAL, UNIFORM)}


def poisson_gamma(shape: float, scale: float) -> TollPrior:
    """N is Poisson given its mean, and that is gamma with `shape` and `scale` (Madigan and York 1997, section 2).

    Examples
    --------
    >>> prior = poisson_gamma(13.14, 55.17)
    >>> tolls = np.arange(5000.0)
    >>> mass = np.exp(prior.log_mass(tolls))
    >>> round(float(mass.sum()), 6), round(float(mass @ tolls), 1)
    (1.0, 724.9)
    """
    if not (0.0 < shape < np.inf and 0.0 < scale < np.inf):
        raise ModelError(
            f"shape and scale of the prior must be positive, not {shape} and {scale}",
            code="model-graph-prior",
            where="prior",
            hint="the mean of N is shape · scale, its variance shape · scale · (1 + scale)",
        )
    return TollPrior(
        f"Poisson-gamma({shape:g}, {scale:g})",
        partial(_log_poisson_gamma, shape, scale),
        spread=partial(_spread_poisson_gamma, shape, scale),
    )


def tabulated(first: int, log_mass: Array, name: str = "given") -> TollPrior:
    """Give ln of the prior of each toll from `first` on; others are impossible.

    Parameters
    ----------
    first : int
        The toll of the first entry.
    log_mass : array of float, shape (M,)
        Up to a constant; -inf where a toll is impossible.

    Raises
    ------
    ModelError
        If it is empty, nowhere above -inf, or not a number somewhere.
    """
    table = np.array(log_mass, np.float64)
    if table.ndim != 1 or not table.size or not np.isfinite(table.max()):
        raise ModelError(
            f"the prior has the shape {table.shape}, and its highest logarithm is {table.max(initial=-np.inf)}",
            code="model-graph-prior",
            where="prior",
            hint="give one finite logarithm, or -inf, for each toll from the first one on, not all of them -inf",
        )

    return TollPrior(name, partial(_looked_up, first, table), last=first + table.size - 1)


def prior_of(prior: TollPrior | str) -> TollPrior:
    """Give the prior of a name, ``"1/N"`` or ``"uniform"``; others are given as they are."""
    if isinstance(prior, TollPrior):
        return prior
    if prior not in _NAMED:
        raise ModelError(
            f"{prior!r} is not the name of a prior on the toll",
            code="model-graph-prior",
            where="prior",
            hint=f"write one of {', '.join(map(repr, _NAMED))}, or give a TollPrior",
        )
    return _NAMED[prior]
