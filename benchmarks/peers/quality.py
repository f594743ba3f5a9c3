"""The quality gate that every contender is held to: the same figures of the same quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.estimators.gates import DIVERGENCES, ESS, RHAT
from undercount.models.intensity import evaluate
from undercount.sampling.diagnostics import convergence

if TYPE_CHECKING:
    from undercount.estimators.samplers import Sampled
    from undercount.models.design import Design

Array = NDArray[np.float64]
CHUNK = 500


@dataclass(frozen=True)
class Quality:
    """What the draws of one fit are worth."""

    rhat: float
    """Largest of all quantities."""
    bulk: float
    """Smallest effective draws of all quantities."""
    tail: float
    toll: float
    """Effective draws of the toll, the smaller of bulk and tail."""
    divergences: float
    is_frozen: bool
    """Whether a chain never moved, or draws are not finite."""

    @property
    def passed(self) -> bool:
        """R-hat < 1.01, bulk and tail ESS > 400 everywhere, divergences < 0.1 %, no frozen chain."""
        is_enough = self.bulk > ESS and self.tail > ESS and self.divergences < DIVERGENCES
        return not self.is_frozen and self.rhat < RHAT and is_enough

    @classmethod
    def of(cls, design: Design, sampled: Sampled) -> Quality:
        """Diagnose draws."""
        found = quantities(design, sampled)
        draws = np.stack(list(found.values()))
        divergences = float(np.mean(sampled.stats["diverging"]))
        if not np.isfinite(draws).all() or np.ptp(draws, axis=2).min() == 0:
            return cls(np.inf, 0.0, 0.0, 0.0, divergences, is_frozen=True)
        rhat, bulk, tail = convergence(draws)
        toll = list(found).index("toll")
        return cls(
            float(rhat.max()), float(bulk.min()), float(tail.min()), float(min(bulk[toll], tail[toll])),
            divergences, is_frozen=False,
        )  # fmt: skip


def quantities(design: Design, sampled: Sampled) -> dict[str, Array]:
    """Expected toll, tolls by actor and of incidents, and log reporting rates, shape (chain, draw)."""
    first = next(iter(sampled.values.values()))
    chains, draws = first.shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in sampled.values.items()}
    parts = [
        _part(design, {name: values[start : start + CHUNK] for name, values in flat.items()})
        for start in range(0, chains * draws, CHUNK)
    ]
    return {name: np.concatenate([part[name] for part in parts]).reshape(chains, draws) for name in parts[0]}


def _part(design: Design, values: Mapping[str, Array]) -> dict[str, Array]:
    state = evaluate(np, design, values)
    actor = design.strata.place[0]
    by_stratum = state.deaths.sum(axis=-2)
    if state.events is not None:
        for cell, stratum in enumerate(design.incidents.cell_stratum):
            by_stratum[:, stratum] += state.events[:, cell]
    found = {"toll": by_stratum.sum(axis=-1)}
    for a, name in enumerate(design.strata.actors):
        found[f"toll of {name}"] = by_stratum[:, actor == a].sum(axis=-1)
    for e, name in enumerate(design.incidents.names):
        found[f"toll of {name}"] = state.events[:, design.incidents.cell_incident == e].sum(axis=-1)
    own = np.broadcast_to(state.own, (by_stratum.shape[0], design.terms.reading_stream.size))
    places = np.unique(design.terms.reading_stream, return_index=True)[1]
    for s, name in enumerate(design.sources):
        found[f"log rate of {name}"] = own[:, places[s]]
    return found
