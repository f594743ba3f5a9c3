"""The free parameters of the fusion model and their priors, as data for every evaluator of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isinf, lgamma, log, pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from undercount.models.design import Design
    from undercount.models.priors import PriorTable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """Independent draws of one family: normal, Student t where `degrees` is finite, or flat.

    The density of a flat one is stated elsewhere; its location and scale say where chains start.
    """

    name: str
    shape: tuple[int, ...]
    location: float
    scale: float
    prior: str
    """Row of the prior table that it belongs to; empty where that is not one row."""
    degrees: float = np.inf
    is_flat: bool = False

    @cached_property
    def size(self) -> int:
        """Number of scalars."""
        return int(np.prod(self.shape, dtype=int))

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Prior draws, shape (count, *shape)."""
        shape = (count, *self.shape)
        z = rng.standard_normal(shape) if np.isinf(self.degrees) else rng.standard_t(self.degrees, shape)
        return self.location + self.scale * z

    @property
    def log_constant(self) -> float:
        """Log density in the middle, of one scalar."""
        df = self.degrees
        if isinf(df):
            return -log(2 * pi) / 2 - log(self.scale)
        return lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * pi) / 2 - log(self.scale)

    def log_density(self, value: Array) -> Array:
        """Log prior density summed over the parameter, for draws of shape (..., *shape)."""
        if self.is_flat:
            return np.zeros(value.shape[: value.ndim - len(self.shape)])
        z, df = (value - self.location) / self.scale, self.degrees
        density = self.log_constant - (z**2 / 2 if isinf(df) else (df + 1) / 2 * np.log1p(z**2 / df))
        axes = tuple(range(-len(self.shape), 0))
        return np.asarray(density.sum(axis=axes))


def incident_prior(design: Design) -> Parameter:
    """Log tolls of the named incidents."""
    row, shape = design.priors["incident_toll"], (len(design.incidents.names),)
    return Parameter("log_incident", shape, row.location, row.scale, row.name, row.tail or np.inf)


def middle_level(priors: PriorTable, has_population: NDArray[np.bool_]) -> float:
    """Log daily toll of an area without a known population, in the middle of the prior of what they have together."""
    return priors["daily_toll"].location - log(max(1, int((~has_population).sum())))


def parameters(design: Design) -> tuple[Parameter, ...]:
    """Parameters that this design has, in a fixed order; those of size zero are left out.

    Names with an underscore z are standardised: `scale` of their prior enters where they are used.
    """
    priors = design.priors
    actors, areas, kinds = design.strata.shape
    populated = int(design.has_population.sum())

    def normal(name: str, shape: tuple[int, ...], prior: str) -> Parameter:
        row = priors[prior]
        return Parameter(name, shape, row.location, row.scale, prior, row.tail or np.inf)

    def standard(name: str, shape: tuple[int, ...], prior: str) -> Parameter:
        return Parameter(name, shape, 0.0, 1.0, prior)

    def flat(name: str, shape: tuple[int, ...], prior: str, location: float = 0.0, scale: float = 1.0) -> Parameter:
        return Parameter(name, shape, location, scale, prior, is_flat=True)

    groups, of_area = areas * kinds, middle_level(priors, design.has_population)
    everything = (
        normal("log_rate", (kinds if populated else 0,), "rate"),
        flat("log_daily_toll", (areas - populated, kinds), "daily_toll", of_area, priors["daily_toll"].scale),
        standard("area_z", (max(0, populated - 1),), "area_effect"),
        standard("actor_z", (actors - 1,), "actor_effect"),
        standard("share_z", (groups if groups > 1 else 0, actors - 1), "share_effect"),
        normal("log_smooth_shared", (min(1, design.basis_shared.shape[1]),), "smooth_shared"),
        flat("shared_x", (design.basis_shared.shape[1],), "smooth_shared"),
        normal("log_smooth_own", (min(1, design.basis_own.shape[1]),), "smooth_own"),
        flat("own_x", (design.basis_own.shape[1], design.strata.count), "smooth_own"),
        flat("incident_x", (len(design.incidents.names),), "incident_toll"),
        standard("incident_z", (int(design.incidents.is_disputed.sum()),), "incident_share"),
        standard("common_z", (len(design.rates.common_names),), ""),
        flat("stream_z", (design.free_streams.size,), "own"),
        flat("seen_x", (design.anchors.places.size,), "own"),
        standard("incident_rate_z", (design.incident_recorders.size,), "recorder_incident"),
        standard("source_z", (len(design.rates.families),), ""),
        standard("by_actor_z", (len(design.streams), actors if actors > 1 else 0), "by_actor"),
        normal("log_lag", (min(1, design.lags.count),), "lag"),
        standard("lag_z", (design.lags.count,), "lag_own"),
        normal("log_lag_incident", (int(design.lags.has_incidents),), "lag_incident"),
        normal("log_dispersion", (len(design.streams),), "dispersion"),
        normal("log_revision", (design.errors.revisions,), "revision"),
        normal("misread_x", (design.errors.misreadings,), "misread"),
        standard("window_z", (design.uncertain_reports.size,), "window"),
        standard("tally_z", (design.scored_reports.size,), ""),
    )
    return tuple(parameter for parameter in everything if parameter.size)
