"""The model of pairs under the rule that a source has an incident once.

Splink looks at each pair by itself. Where several records of a source compete for one, it gives each its chance without
the others, and learns too many true pairs. Here the shares are learnt again, with the chances of the pairs under the
rule in place of those by themselves: some rounds of stochastic expectation maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.training import is_sound, weights_of, with_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.chain import Chain
    from undercount.data.matching.comparisons import Comparison, Level
    from undercount.data.matching.training import PairModel

    type Array = NDArray[np.float64]
    type Whole = NDArray[np.int64]

ROUNDS: Final = 20
FIRST: Final = 5
"""Turns before each round is looked at, of as many again."""
LAST: Final = 40
"""Turns over which the probabilities of the pairs are averaged in the end."""
_LEAST_SHARE: Final = 1e-4
_MOST_SHARE: Final = 0.95


@dataclass(frozen=True, eq=False)
class Scored:
    """Pairs with what is known of them.

    Parameters
    ----------
    levels : ndarray of int64, shape (pairs, comparisons)
        Which level each pair reaches; see `levels_of`.
    start : PairModel
        What the model was refined from.
    model : PairModel
    weights : ndarray, shape (pairs,)
        Log Bayes factor of each pair by itself.
    probability : ndarray, shape (pairs,)
        Under the rule that a source has an incident once.
    """

    levels: Whole
    start: PairModel
    model: PairModel
    weights: Array
    probability: Array


def scored(chain: Chain, levels: Whole, start: PairModel, seed: int) -> Scored:
    """Refine the model of pairs, and give the probability of each.

    Parameters
    ----------
    chain : Chain
        Of the candidates.
    levels : ndarray of int64, shape (pairs, comparisons)
    start : PairModel
        That of splink, or the documented one, of which only the share of true pairs is learnt.
    seed : int
    """
    rng = np.random.default_rng([seed, 0])
    model = refined(chain, levels, start, rng)
    weights = weights_of(levels, model)
    chain.weigh(weights, model.share)
    probability, _ = chances_of(chain, LAST, rng)
    return Scored(levels, start, model, weights, probability)


def refined(chain: Chain, levels: Whole, start: PairModel, rng: np.random.Generator) -> PairModel:
    """Learn the shares of true pairs again.

    Returns
    -------
    PairModel
        Means over the second half of the rounds. With the shares at the start where what was learnt would hold that
        likeness is a sign against a match.
    """
    if not len(levels):
        return start
    found = _rounds(chain, levels, start, rng)
    if start.basis != "documented" and not is_sound(found, len(levels)):
        return _rounds(chain, levels, replace(start, basis="documented"), rng)
    return found


def _rounds(chain: Chain, levels: Whole, start: PairModel, rng: np.random.Generator) -> PairModel:
    found, kept = start, []
    learns = start.basis != "documented"
    for number in range(ROUNDS):
        chain.weigh(weights_of(levels, found), found.share)
        together, joined = chances_of(chain, FIRST, rng)
        share = share_of(joined, chain.places)
        found = replace(_learnt(start, levels, together), share=share, basis="trained") if learns else (
            replace(start, share=share)
        )  # fmt: skip
        if number >= ROUNDS // 2:
            kept.append(found)
    return _mean(kept)


def chances_of(chain: Chain, turns: int, rng: np.random.Generator) -> tuple[Array, float]:
    """Let a chain run, then run as long again and look.

    Returns
    -------
    together : ndarray, shape (pairs,)
        The chance of each pair to be one, given all others, averaged over turns.
    joined : float
        How many records are expected to be in a cluster with others.
    """
    for _ in range(turns):
        chain.turn(rng)
    together, joined = np.zeros(chain.pairs), 0.0
    for _ in range(turns):
        joined += chain.turn(rng, together)
    return together / (2 * turns), joined / turns


def share_of(joined: float, places: Whole) -> float:
    """The share at which, before anything is compared, as many records would join one of the clusters open to them."""
    from scipy.optimize import brentq

    def excess(odds: float) -> float:
        return float(np.sum(places * odds / (1 + places * odds))) - joined

    low, high = _LEAST_SHARE / (1 - _LEAST_SHARE), _MOST_SHARE / (1 - _MOST_SHARE)
    if excess(low) >= 0:
        return _LEAST_SHARE
    if excess(high) <= 0:
        return _MOST_SHARE
    odds = float(brentq(excess, low, high))
    return odds / (1 + odds)


def _learnt(start: PairModel, levels: Whole, together: Array) -> PairModel:
    comparisons = []
    for place, comparison in enumerate(start.comparisons):
        found = with_shares(comparison, counts_of(levels[:, place], together, comparison), "true")
        if not start.knows_false:
            found = with_shares(found, counts_of(levels[:, place], 1 - together, comparison), "false")
        comparisons.append(found)
    return replace(start, comparisons=tuple(comparisons))


def counts_of(levels: Whole, weights: Array, comparison: Comparison) -> list[float]:
    """Sum of the weights of the pairs that reach each level."""
    known = levels >= 0
    return np.bincount(levels[known], weights[known], len(comparison.levels)).tolist()


def _mean(found: list[PairModel]) -> PairModel:
    def mean(place: int, level: int, which: str) -> float:
        return float(np.mean([getattr(one.comparisons[place].levels[level], which) for one in found]))

    def level(one: Level, place: int, at: int) -> Level:
        return replace(one, true=mean(place, at, "true"), false=mean(place, at, "false"))

    last = found[-1]
    comparisons = tuple(
        replace(one, levels=tuple(level(each, place, at) for at, each in enumerate(one.levels)))
        for place, one in enumerate(last.comparisons)
    )
    return replace(last, share=float(np.mean([one.share for one in found])), comparisons=comparisons)
