"""How far apart two sets of draws are, in Monte Carlo standard errors."""

from __future__ import annotations

import arviz as az
import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]
LEAST_ESS = 300.0


def standard_error(draws: Draws) -> float:
    """Monte Carlo standard error of the mean of draws (chain, draw), once their ESS is enough to say so."""
    ess = float(az.ess(draws, method="mean"))
    assert ess > LEAST_ESS, f"only {ess:.0f} effective draws"
    return float(draws.std(ddof=1) / np.sqrt(ess))


def joint_error(one: Draws, other: Draws) -> float:
    """Monte Carlo standard error of the difference of two means."""
    return float(np.hypot(standard_error(one), standard_error(other)))


def errors_apart(one: Draws, other: Draws) -> float:
    """Distance of two means in standard errors."""
    return float(abs(one.mean() - other.mean()) / joint_error(one, other))
