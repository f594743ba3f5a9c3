"""Linkage, victim by victim: records are linked in a random order, some links are missed, some are false."""

from __future__ import annotations

from itertools import permutations, product
from math import factorial

import numpy as np


def parted(pattern: int, order: np.ndarray, kept: np.ndarray) -> list[int]:
    """Patterns that are left of a victim whose records stand in this order, if these links between them are kept."""
    found = [1 << int(order[0])]
    for place, held in zip(order[1:], kept, strict=True):
        if held:
            found[-1] |= 1 << int(place)
        else:
            found.append(1 << int(place))
    assert sum(found) == pattern
    return found


def expected_parts(pattern: int, lists: int, missed: float) -> np.ndarray:
    """Expected victims of each pattern that one victim is parted into: over all orders and all missed links."""
    places = [place for place in range(lists) if pattern >> place & 1]
    found = np.zeros(1 << lists)
    for order in permutations(places):
        for kept in product((False, True), repeat=len(places) - 1):
            chance = np.prod([1 - missed if held else missed for held in kept]) / factorial(len(places))
            for part in parted(pattern, np.array(order), np.array(kept)):
                found[part] += chance
    return found


def linked_at_random(counts: np.ndarray, missed: float, false: float, rng: np.random.Generator) -> np.ndarray:
    """Link a table without errors: every link is missed or not by itself, and false ones are added."""
    lists = counts.size.bit_length() - 1
    victims: list[int] = []
    for pattern in range(1, counts.size):
        places = np.array([place for place in range(lists) if pattern >> place & 1])
        if places.size == 1:
            victims += [pattern] * int(counts[pattern])
            continue
        for _ in range(counts[pattern]):
            victims += parted(pattern, rng.permutation(places), rng.random(places.size - 1) >= missed)
    kept = sum(pattern.bit_count() - 1 for pattern in victims)
    return joined_at_random(victims, counts.size, int(rng.poisson(false / (1 - false) * kept)), rng)


def joined_at_random(victims: list[int], cells: int, false: int, rng: np.random.Generator) -> np.ndarray:
    """Join pairs of victims who share no list."""
    while false:
        one, other = sorted(rng.choice(len(victims), 2, replace=False), reverse=True)
        if victims[one] & victims[other] == 0:
            victims[other] |= victims.pop(one)
            false -= 1
    return np.bincount(victims, minlength=cells)
