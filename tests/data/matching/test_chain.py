"""Clusterings drawn by the chain have the probabilities that they should, and clusters obey the rule."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit, logit

from undercount.data.matching.chain import Chain
from undercount.data.matching.clustering import Candidates, clusters_of, groups_of, renumbered
from undercount.data.matching.refining import chances_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARE = 0.3


def every_clustering(count: int) -> list[list[int]]:
    found = [[0]]
    for _ in range(count - 1):
        found = [[*one, label] for one in found for label in range(max(one) + 2)]
    return found


def exactly(pairs: NDArray[np.int64], weights: NDArray[np.float64], source: NDArray[np.int64]) -> NDArray[np.float64]:
    """The chance of each pair, by going through every clustering."""
    known = dict(zip(map(tuple, pairs.tolist()), weights.tolist(), strict=True))
    total, together = 0.0, np.zeros(len(pairs))
    for labels in every_clustering(source.size):
        weight = 0.0
        for label in set(labels):
            members = [one for one, mine in enumerate(labels) if mine == label]
            inner = [known.get(pair, -np.inf) for pair in combinations(members, 2)]
            weight += (len(members) - 1) * logit(SHARE) + np.sqrt(2 / len(members)) * sum(inner)
        total += np.exp(weight)
        together += np.exp(weight) * np.array([labels[one] == labels[other] for one, other in pairs])
    return together / total


def random_pairs(seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    source = np.array([0, 0, 1, 1, 2, 2])
    pairs = np.array([pair for pair in combinations(range(6), 2) if source[pair[0]] != source[pair[1]]])
    kept = pairs[rng.random(len(pairs)) < 0.8]
    return kept, rng.normal(1.0, 2.5, len(kept)), source


@pytest.mark.parametrize("seed", range(4))
def test_the_chain_agrees_with_every_clustering(seed: int) -> None:
    pairs, weights, source = random_pairs(seed)
    chain = Chain(pairs, source)
    chain.weigh(weights, SHARE)
    found, _ = chances_of(chain, 4000, np.random.default_rng(seed))
    assert np.abs(found - exactly(pairs, weights, source)).max() < 0.04


def test_draws_agree_with_the_chances() -> None:
    pairs, weights, source = random_pairs(9)
    chain = Chain(pairs, source)
    chain.weigh(weights, SHARE)
    rng = np.random.default_rng(1)
    seen = np.zeros(len(pairs))
    for _ in range(6000):
        chain.turn(rng)
        seen += chain.labels[pairs[:, 0]] == chain.labels[pairs[:, 1]]
    assert np.abs(seen / 6000 - exactly(pairs, weights, source)).max() < 0.04


def test_a_pair_by_itself_is_as_likely_as_its_odds_say() -> None:
    chain = Chain(np.array([[0, 1], [2, 3]]), np.array([0, 1, 0, 1]))
    weights = np.array([2.0, -1.0])
    chain.weigh(weights, SHARE)
    found, joined = chances_of(chain, 10, np.random.default_rng(1))
    expected = expit(weights + logit(SHARE))
    assert found == pytest.approx(expected, rel=1e-12)
    assert joined == pytest.approx(2 * expected.sum(), rel=1e-12)


def test_no_cluster_holds_two_records_of_a_source() -> None:
    pairs, _, source = random_pairs(3)
    chain = Chain(pairs, source)
    chain.weigh(np.full(len(pairs), 6.0), SHARE)
    rng = np.random.default_rng(1)
    for _ in range(100):
        chain.turn(rng)
        assert len(set(zip(chain.labels.tolist(), source.tolist(), strict=True))) == source.size


def test_a_source_may_have_an_incident_twice_where_that_is_allowed() -> None:
    pairs = np.array([[0, 2], [1, 2]])
    labels = {}
    for rule in (True, False):
        chain = Chain(pairs, np.array([0, 0, 1]), one_per_source=rule)
        chain.weigh(np.full(2, 20.0), SHARE)
        rng = np.random.default_rng(1)
        for _ in range(5):
            chain.turn(rng)
        labels[rule] = len(set(chain.labels.tolist()))
    assert labels == {True: 2, False: 1}


def test_two_records_change_places_though_both_pairs_are_likely() -> None:
    """Without exchanges a chain would stay for thousands of turns where it is."""
    pairs = np.array([[0, 2], [0, 3], [1, 2], [1, 3]])
    chain = Chain(pairs, np.array([0, 0, 1, 1]))
    chain.weigh(np.full(4, 14.0), SHARE)
    rng, crossed = np.random.default_rng(1), []
    for _ in range(200):
        chain.turn(rng)
        crossed.append(bool(chain.labels[0] == chain.labels[3]))
    assert 60 < sum(crossed) < 140


@pytest.mark.parametrize("seed", range(5))
def test_of_two_sources_the_clusters_are_the_best_there_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = np.array([0, 0, 0, 1, 1, 1])
    pairs = np.array([(one, other) for one in range(3) for other in range(3, 6)])
    probability = rng.uniform(0.6, 0.999, 9)
    labels = clusters_of(source, Candidates(pairs, probability, SHARE), 0.5)
    weights = dict(zip(map(tuple, pairs.tolist()), (logit(probability) - logit(0.5)).tolist(), strict=True))

    def worth(clusters: list[int]) -> float:
        inner = [pair for pair in combinations(range(6), 2) if clusters[pair[0]] == clusters[pair[1]]]
        return float(sum(weights.get(pair, -np.inf) for pair in inner))

    assert worth(labels.tolist()) == pytest.approx(max(map(worth, every_clustering(6))))


def test_three_sources_that_agree_are_one_cluster_and_chains_are_cut() -> None:
    source = np.array([0, 1, 2, 0])
    whole = Candidates(np.array([[0, 1], [0, 2], [1, 2]]), np.array([0.95, 0.95, 0.95]), SHARE)
    assert clusters_of(source, whole, 0.9).tolist() == [0, 0, 0, 1]
    chained = Candidates(np.array([[0, 1], [1, 3]]), np.array([0.95, 0.99]), SHARE)
    assert clusters_of(source, chained, 0.9).tolist() == [0, 1, 2, 1]
    assert clusters_of(source, chained, 0.9, one_per_source=False).tolist() == [0, 0, 1, 0]
    assert clusters_of(source, chained, 0.97).tolist() == [0, 1, 2, 1]


def test_groups_are_numbered_by_their_first_record() -> None:
    assert renumbered(np.array([7, 3, 7, 0])).tolist() == [0, 1, 0, 2]
    assert groups_of(np.array([[1, 3]]), 4).tolist() == [0, 1, 2, 1]
    assert groups_of(np.zeros((0, 2), dtype=np.int64), 2).tolist() == [0, 1]
