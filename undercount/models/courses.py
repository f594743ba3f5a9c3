"""Courses of the deaths: the common one and the departures from it, and their density in any coordinates.

The sampler's are `shared_x` and `own_x` (`models.centring`); draws of the prior give `shared_z` and `own_z`, standard
normal. As in `models.intensity`, each function takes the array module to work with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from undercount.models.design import Design

Values = Mapping[str, Any]


def courses(xp: Any, design: Design, values: Values) -> Any:
    """Log of the course of each stratum beside its level, shape (..., T, C), or zero."""
    course: Any = 0.0
    if "shared_x" in values or "shared_z" in values:
        course = course + (common_course(xp, design, values) @ design.basis_shared.T)[..., :, None]
    if "own_x" in values or "own_z" in values:
        course = course + design.basis_own @ own_course(xp, design, values)
    return course


def common_course(xp: Any, design: Design, values: Values) -> Any:
    """Cosines of the common course, shape (..., K)."""
    log_scale, centring = values["log_smooth_shared"], design.centring
    if "shared_z" in values:
        return xp.exp(log_scale) * values["shared_z"]
    return xp.exp(log_scale - centring.shared * (log_scale - centring.log_shared)) * values["shared_x"]


def own_course(xp: Any, design: Design, values: Values) -> Any:
    """Cosines by which the course of each stratum departs from the common one, shape (..., K', C)."""
    log_scale, centring = values["log_smooth_own"][..., None], design.centring
    if "own_z" in values:
        return xp.exp(log_scale) * values["own_z"]
    common = common_course(xp, design, values)[..., : design.basis_own.shape[1], None]
    scale = xp.exp(log_scale - centring.own * (log_scale - centring.log_own))
    return scale * values["own_x"] - centring.pull * common


def course_log_density(xp: Any, design: Design, values: Values) -> Any:
    """Log prior density of all courses in the coordinates of the sampler, shape (...)."""
    centring, density = design.centring, 0.0
    if "shared_x" in values:
        log_scale = values["log_smooth_shared"]
        z = common_course(xp, design, values) / xp.exp(log_scale)
        density = density + _normal(z, (-1,)) - (centring.shared * (log_scale - centring.log_shared)).sum(axis=-1)
    if "own_x" in values:
        log_scale = values["log_smooth_own"]
        z = own_course(xp, design, values) / xp.exp(log_scale)[..., None]
        density = density + _normal(z, (-2, -1)) - centring.own.sum() * (log_scale[..., 0] - centring.log_own)
    return density


def course_log_densities(design: Design, values: Values) -> dict[str, Any]:
    """Log prior density of the standardised courses, by row of the prior table, for draws."""
    found = {}
    if "shared_x" in values:
        z = common_course(np, design, values) / np.exp(values["log_smooth_shared"])
        found["smooth_shared"] = _normal(z, (-1,))
    if "own_x" in values:
        z = own_course(np, design, values) / np.exp(values["log_smooth_own"])[..., None]
        found["smooth_own"] = _normal(z, (-2, -1))
    return found


def _normal(z: Any, axes: tuple[int, ...]) -> Any:
    return (-0.5 * z**2 - 0.5 * np.log(2 * np.pi)).sum(axis=axes)
