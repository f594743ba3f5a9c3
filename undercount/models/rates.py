"""Prior of each stream's reporting rate, by the actor that caused the deaths."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.models.priors import PriorTable
    from undercount.models.strata import Index

Array = NDArray[np.float64]
HEAVY_DEGREES = 4
"""Of a claimant's deviation; its density is 3/8 (1 + t²/4)^(-5/2)."""


@dataclass(frozen=True)
class RatePriors:
    """Log reporting rates of S streams for the deaths that A actors caused.

        log ρ[s, a] = location[s, a] + common_scale[common[s]] · z_common[common[s]]
                      + family_scale[s] · z_source[family[s]] + own[s] + actor_scale · z_actor[s, a]

    own[s] has scale[s] and is Student t for a claimant, normal otherwise. The streams of one source
    share a part of its variance; a source with one stream has no such part. A source with a prior of
    its own has no common part. A belligerent is a claimant about deaths that others caused. Of the
    dead of a named incident a recorder counts a share of its own, exp(incident_location + ...).
    """

    kinds: tuple[Kind, ...]
    common_names: tuple[str, ...]
    common: Index
    """(S,) place in `common_names`; -1 for a source with a prior of its own."""
    location: Array
    scale: Array
    is_heavy: NDArray[np.bool_]
    is_recorder: NDArray[np.bool_]
    families: tuple[str, ...]
    """Sources with several streams."""
    family: Index
    """(S,) place in `families`, -1 for the one stream of a source."""
    family_scale: Array
    common_priors: tuple[str, ...]
    """Rows of the prior table, for each of `common_names`."""
    common_scale: Array
    """Of each of `common_names`."""
    actor_scale: float
    incident_location: float
    incident_scale: float

    @classmethod
    def of(cls, sources: Sequence[Source], actors: Sequence[str], priors: PriorTable) -> RatePriors:
        """Priors of streams, given the source of each."""
        claimant = priors["claimant"]
        location = np.empty((len(sources), len(actors)))
        scale = np.empty(len(sources))
        for s, source in enumerate(sources):
            own = priors[source.kind.value]
            location[s], scale[s] = own.location, own.scale
            if source.prior_median is not None and source.prior_scale is not None:
                location[s], scale[s] = np.log(source.prior_median), source.prior_scale
            if source.kind is Kind.BELLIGERENT:
                location[s, [actor != source.side for actor in actors]] = claimant.location
        count = Counter(source.source for source in sources)
        families = tuple(sorted(name for name, streams in count.items() if streams > 1))
        family = np.array([families.index(x.source) if x.source in families else -1 for x in sources])
        shared = np.where(family >= 0, priors["same_source"].location, 0.0)
        is_heavy = np.array([source.kind is Kind.CLAIMANT for source in sources])
        names = tuple(sorted({source.kind.value for source in sources if source.prior_median is None}))
        rows = tuple("recorder_common" if name == Kind.RECORDER.value else "common" for name in names)
        return cls(
            kinds=tuple(source.kind for source in sources),
            common_names=names,
            common=np.array([-1 if x.prior_median is not None else names.index(x.kind.value) for x in sources]),
            location=location,
            scale=scale * np.sqrt(1.0 - shared),
            is_heavy=is_heavy,
            is_recorder=np.array([source.kind is Kind.RECORDER for source in sources]),
            families=families,
            family=family,
            family_scale=scale * np.sqrt(shared * np.where(is_heavy, HEAVY_DEGREES / (HEAVY_DEGREES - 2), 1.0)),
            common_priors=rows,
            common_scale=np.array([priors[row].scale for row in rows]),
            actor_scale=priors["by_actor"].scale,
            incident_location=priors["recorder_incident"].location,
            incident_scale=priors["recorder_incident"].scale,
        )

    def draw_own(self, rng: np.random.Generator, count: int) -> Array:
        """Draw own deviations from the prior, shape (count, S)."""
        shape = (count, self.scale.size)
        return self.scale * np.where(self.is_heavy, rng.standard_t(HEAVY_DEGREES, shape), rng.standard_normal(shape))

    def own_log_density(self, xp: Any, own: Any, streams: Index) -> Any:
        """Log prior density of own deviations of shape (..., len(streams)), elementwise."""
        z = own / self.scale[streams]
        heavy = np.log(3 / 8) - 2.5 * xp.log1p(z**2 / HEAVY_DEGREES)
        density = xp.where(self.is_heavy[streams], heavy, -0.5 * (z**2 + np.log(2 * np.pi)))
        return density - np.log(self.scale[streams])
