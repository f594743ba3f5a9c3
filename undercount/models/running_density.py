"""The running tally on the graph of the model, one report after the other (`models.misread` has the equations)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.models.misread import FAR_ABOVE, FAR_RISE, HALF_COUNT, LEAST_ERROR, MISREAD, NO_MISREADING
from undercount.models.running import ADD, OPEN, program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.models.design import Design
    from undercount.models.terms import GaussianTerm


def running_log_density(design: Design, term: GaussianTerm, mean: Any, theta: Any, values: Mapping[str, Any]) -> Any:
    """Log density of a tally whose reports have errors, as a PyTensor scalar.

    Parameters
    ----------
    design : Design
    term : GaussianTerm
    mean, theta : tensor, shape (P,)
        Expected count and dispersion of each piece.
    values : mapping
        Parameters: the errors and the share of misreadings.
    """
    import pytensor.tensor as pt

    steps, (revision, misread) = program(term), design.errors.of_stream(term.stream)
    kappa = LEAST_ERROR + pt.exp(values["log_revision"][revision])
    logit = values["misread_x"][misread] if misread >= 0 else pt.as_tensor(NO_MISREADING)
    state: Any = pt.zeros(steps.slots)
    spread: Any = pt.zeros((steps.slots, steps.slots))
    low, high, rounding = term.heard
    total: Any = 0.0
    for step, what, slot in zip(steps.step, steps.what, steps.slot, strict=True):
        if step == OPEN:
            kept = (np.arange(steps.slots) != slot).astype(float)
            state, spread = state * kept, spread * np.outer(kept, kept)
        elif step == ADD:
            held, p = steps.mask[slot].astype(float), term.pieces[what]
            state = state + held * mean[p]
            spread = spread + np.outer(held, held) * (1.0 + theta[p]) * mean[p]
        else:
            column = spread[:, slot]
            law = _law(low[what], high[what], term.usual[what], column[slot] + rounding[what], kappa, logit)
            value, by_middle, bend = law(state[slot])
            total, state = total + value, state + column * by_middle
            spread = spread - bend * pt.outer(column, column)
    return total


def _law(low: float, high: float, expected: Any, variance: Any, kappa: Any, logit: Any) -> Any:
    """ln L of a report as a function of the mean of its sum, with its slope and minus its second derivative."""
    import pytensor.tensor as pt

    scales = [pt.sqrt(variance + HALF_COUNT**2 + (each * expected) ** 2) for each in (kappa, kappa + MISREAD)]
    shares = [-pt.softplus(logit), -pt.softplus(-logit)]
    slope: Any = 0.0
    if low == high:
        (ends, slope) = [_pressed(low, expected)], _log_press(low, expected)
    else:
        ends = [_pressed(end, expected) for end in (low - HALF_COUNT, high + HALF_COUNT) if np.isfinite(end)]

    def law(middle: Any) -> tuple[Any, Any, Any]:
        z = [[(end - middle) / s for end in ends] for s in scales]
        if low == high:
            d1 = [z[k][0] / s for k, s in enumerate(scales)]
            d2 = [(z[k][0] ** 2 - 1.0) / s**2 for k, s in enumerate(scales)]
            logs = [-0.5 * z[k][0] ** 2 - pt.log(s) - 0.5 * np.log(2 * np.pi) for k, s in enumerate(scales)]
        else:
            heights = [[pt.exp(-0.5 * end**2) / np.sqrt(2 * np.pi) for end in own] for own in z]
            # Beyond all numbers the mass and its derivatives are nothing, and so is its weight.
            mass = [pt.maximum(_between(own), np.finfo(float).tiny) for own in z]
            signs = (1.0, -1.0)[: len(ends)]
            rise = [sum(g * h for g, h in zip(signs, own, strict=True)) for own in heights]
            turn = [
                sum(g * x * h for g, x, h in zip(signs, mine, own, strict=True))
                for mine, own in zip(z, heights, strict=True)
            ]
            d1 = [rise[k] / s / mass[k] for k, s in enumerate(scales)]
            d2 = [turn[k] / s**2 / mass[k] for k, s in enumerate(scales)]
            logs = [pt.log(m) for m in mass]
        joint = [share + value for share, value in zip(shares, logs, strict=True)]
        value = pt.logaddexp(*joint)
        weights = [pt.exp(each - value) for each in joint]
        a1, a2 = (sum(w * d for w, d in zip(weights, each, strict=True)) for each in (d1, d2))
        return value + slope, a1, a1**2 - a2

    return law


def _between(ends: list[Any]) -> Any:
    """Probability between standardised ends, the upper one open if there is one alone."""
    import pytensor.tensor as pt

    root = np.sqrt(2.0)
    if len(ends) == 1:
        return 0.5 * pt.erfc(ends[0] / root)
    a, b = ends
    upper = 0.5 * (pt.erfc(a / root) - pt.erfc(b / root))
    lower = 0.5 * (pt.erfc(-b / root) - pt.erfc(-a / root))
    return pt.switch(a > 0, upper, lower)


def _pressed(count: float, expected: Any) -> Any:
    import pytensor.tensor as pt

    far = FAR_ABOVE * (expected + 1.0)
    return pt.switch(count > far, far * (1.0 - _log_press(count, expected) / FAR_RISE), count)


def _log_press(count: float, expected: Any) -> Any:
    import pytensor.tensor as pt

    return -pt.log1p(FAR_RISE * pt.maximum(count / (FAR_ABOVE * (expected + 1.0)) - 1.0, 0.0))
