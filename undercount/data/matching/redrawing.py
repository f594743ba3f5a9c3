"""The model of pairs drawn anew, given a clustering: what is not known of it goes into the linkages that are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from undercount.data.matching.refining import counts_of, share_of
from undercount.data.matching.training import WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.chain import Chain
    from undercount.data.matching.comparisons import Comparison
    from undercount.data.matching.training import PairModel

    type Array = NDArray[np.float64]
    type Whole = NDArray[np.int64]


def redrawn(chain: Chain, pairs: Whole, levels: Whole, start: PairModel, rng: np.random.Generator) -> PairModel:
    """Draw a model from what a clustering says of it.

    The shares of the levels of true pairs have a Dirichlet distribution, with the documented shares as `WEIGHT` pairs
    besides those of the clustering; a cluster of s records counts as s - 1 pairs. The log odds of the share of true
    pairs are normal about the value at which as many records would be joined, with the error of that number.

    Parameters
    ----------
    chain : Chain
        As it stands; it takes a turn.
    pairs : ndarray of int64, shape (pairs, 2)
    levels : ndarray of int64, shape (pairs, comparisons)
    start : PairModel
        Whose shares stay where it is the documented one.
    rng : Generator
    """
    joined = chain.turn(rng)
    labels = chain.labels
    is_one = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    together = np.where(is_one, 2 / np.bincount(labels)[labels[pairs[:, 0]]], 0.0)
    comparisons = start.comparisons
    if start.basis != "documented":
        comparisons = tuple(
            _drawn(one, levels[:, place], together, is_one, start, rng) for place, one in enumerate(comparisons)
        )
    return replace(start, share=_share(joined, chain.places, rng), comparisons=comparisons)


def _drawn(
    comparison: Comparison, levels: Whole, together: Array, is_one: NDArray[np.bool_], start: PairModel,
    rng: np.random.Generator,
) -> Comparison:  # fmt: skip
    found = _dirichlet(comparison, counts_of(levels, together, comparison), "true", rng)
    if not start.knows_false:
        found = _dirichlet(found, counts_of(levels, (~is_one).astype(float), comparison), "false", rng)
    return found


def _dirichlet(comparison: Comparison, counts: list[float], which: str, rng: np.random.Generator) -> Comparison:
    weights = np.array(counts) + WEIGHT * np.array([getattr(level, which) for level in comparison.levels])
    # Of a level that nothing speaks for, the share may be too small to be held.
    shares = np.maximum(rng.dirichlet(np.maximum(weights, 1e-3)), 1e-9).tolist()
    levels = (replace(level, **{which: share}) for level, share in zip(comparison.levels, shares, strict=True))
    return replace(comparison, levels=tuple(levels))


def _share(joined: float, places: Whole, rng: np.random.Generator) -> float:
    share = share_of(joined, places)
    odds = share / (1 - share)
    # Each link is seen from its two records.
    known = float(np.sum(places * odds / (1 + places * odds) ** 2)) / 2
    drawn = np.log(odds) + rng.standard_normal() / np.sqrt(max(known, 1.0))
    return float(1 / (1 + np.exp(-drawn)))
