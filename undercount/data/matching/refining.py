"""The model of pairs under the rule that a source has an incident once.

Splink looks at each pair by itself. Where several records of a source compete for one, it gives each its chance without
the others, and learns too many true pairs. Here the shares are learnt again, with the chances of the pairs under the
rule in place of those by themselves: some rounds of stochastic expectation maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from undercount.data.matching.chain import Chain
from undercount.data.matching.training import weights_of, with_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.matching.comparisons import Level
    from undercount.data.matching.training import Parameters

    type Array = NDArray[np.float64]

ROUNDS: Final = 20
FIRST: Final = 5
"""Turns before each round is looked at, of as many again."""
LAST: Final = 40
"""Turns over which the probabilities of the pairs are averaged in the end."""
_LEAST_SHARE: Final = 1e-4
_MOST_SHARE: Final = 0.95


class How(NamedTuple):
    """How pairs are refined.

    Attributes
    ----------
    one_per_source : bool
    seed : int
    knows_false : bool
        See `refined`.
    """

    one_per_source: bool
    seed: int
    knows_false: bool


@dataclass(frozen=True, eq=False)
class Scored:
    """Pairs with what is known of them.

    Parameters
    ----------
    parameters : Parameters
    weights : ndarray, shape (pairs,)
        Log Bayes factor of each pair by itself.
    probability : ndarray, shape (pairs,)
        Under the rule that a source has an incident once.
    """

    parameters: Parameters
    weights: Array
    probability: Array


def scored(
    pairs: NDArray[np.int64], source: NDArray[np.int64], levels: NDArray[np.int64], start: Parameters, how: How
) -> Scored:
    """Refine the model of pairs, and give the probability of each."""
    chain = Chain(pairs, source, one_per_source=how.one_per_source)
    rng = np.random.default_rng([how.seed, 0])
    parameters = refined(chain, levels, start, rng, knows_false=how.knows_false)
    weights = weights_of(levels, parameters)
    chain.weigh(weights, parameters.share)
    probability, _ = chances_of(chain, LAST, rng)
    return Scored(parameters, weights, probability)


def refined(
    chain: Chain, levels: NDArray[np.int64], start: Parameters, rng: np.random.Generator, *, knows_false: bool = True
) -> Parameters:
    """Learn the shares of true pairs again.

    Parameters
    ----------
    chain : Chain
        Of the candidates.
    levels : ndarray of int64, shape (pairs, comparisons)
    start : Parameters
        Those of splink, or the documented ones, of which only the share of true pairs is learnt.
    rng : Generator
    knows_false : bool
        Whether the shares of false pairs were counted in pairs that are known to be false; else they are learnt too.

    Returns
    -------
    undercount.data.matching.training.Parameters
        Means over the second half of the rounds.
    """
    if not len(levels):
        return start
    found, kept = start, []
    for number in range(ROUNDS):
        chain.weigh(weights_of(levels, found), found.share)
        together, joined = chances_of(chain, FIRST, rng)
        share = _share(joined, chain.places)
        learnt = start if start.basis == "documented" else _learnt(start, levels, together, knows_false)
        found = replace(learnt, share=share)
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


def _share(joined: float, places: NDArray[np.int64]) -> float:
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


def _learnt(start: Parameters, levels: NDArray[np.int64], together: Array, knows_false: bool) -> Parameters:
    comparisons = []
    apart = 1 - together
    for place, comparison in enumerate(start.comparisons):
        known = levels[:, place] >= 0
        count = np.bincount(levels[known, place], together[known], len(comparison.levels))
        found = with_shares(comparison, count.tolist(), "true")
        if not knows_false:
            count = np.bincount(levels[known, place], apart[known], len(comparison.levels))
            found = with_shares(found, count.tolist(), "false")
        comparisons.append(found)
    return replace(start, comparisons=tuple(comparisons))


def _mean(found: list[Parameters]) -> Parameters:
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
