"""Starts that are led up a density, with a first frame from its curvature there.

Where very many data have their say, a start from the prior is hundreds of thousands of log units below the mass. A
particle that falls from there is so fast that each of its steps would be divided hundreds of times; to climb takes
some hundred gradients in all. What data do not hold by themselves (scales, whose joint density with what they scale is
highest where both are nothing) stays where the start has it, so that chains still begin apart from each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.sampling.curvature import look_around
from undercount.sampling.frame import inward
from undercount.sampling.hamiltonian import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.sampling.hamiltonian import System
    from undercount.sampling.target import Array

STEPS: Final = 400
"""Most of a climb."""
PATIENCE, GAIN = 20, 1.0
"""Steps over which it must gain so many log units: what is left is for the warm-up."""
MEMORY: Final = 20
BARRED: Final = 1e100
"""Stands for the negative log density where there is none."""


def lead(system: System, start: Array, led: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """A point up the density from a start, along some coordinates; sets the frame to the curvature there.

    Parameters
    ----------
    system : System
    start : ndarray, shape (D,)
        A point with a finite density and gradient.
    led : ndarray of bool, shape (D,)
    rng : numpy.random.Generator
        The chain's own.
    """
    system.point[:] = start
    look_around(system, rng)
    point = _climb(system, start, led)
    system.point[:] = point
    look_around(system, rng)
    return point


def _climb(system: System, start: Array, led: NDArray[np.bool_]) -> Array:
    """Go uphill in the coordinates of the frame, without those that are held."""
    from scipy.optimize import minimize  # half a second to load, and few cases need it

    scale, x, gradient = system.frame.scale.copy(), np.zeros(start.size), np.zeros(start.size)
    best = [-np.inf]

    def descent(moved: Array) -> tuple[float, Array]:
        inward(system.frame, start + scale * led * moved, x)
        value = evaluate(system, x, gradient)
        slope = system.slope * scale * led
        if system.stop[0] or not (np.isfinite(value) and np.isfinite(slope).all()):
            return BARRED, np.zeros(moved.size)
        return -value, -slope

    def go_on(intermediate_result: Any) -> None:
        best.append(-float(intermediate_result.fun))
        if system.stop[0] or (len(best) > PATIENCE and best[-1] - best[-PATIENCE] < GAIN):
            raise StopIteration

    options: Any = {"maxiter": STEPS, "maxcor": MEMORY, "ftol": 0.0, "gtol": 0.0}
    found = minimize(descent, np.zeros(start.size), jac=True, method="L-BFGS-B", callback=go_on, options=options)
    return np.asarray(start + scale * led * found.x)
