"""Errors of linkage: in expectation what happens victim by victim, and undone again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.models.overlap.linked import expected_parts, linked_at_random
from undercount.errors import ModelError
from undercount.models.overlap import linkage
from undercount.models.overlap.linkage import links, mislinked, relinked

if TYPE_CHECKING:
    from numpy.typing import NDArray

KOSOVO = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
"""Ball et al. 2002, Political Killings in Kosova/Kosovo, appendix 2; bits EXH, ABA, OSCE, HRW."""


def list_sizes(counts: NDArray[np.int64]) -> list[int]:
    lists = counts.size.bit_length() - 1
    return [int(counts[np.arange(counts.size) >> place & 1 == 1].sum()) for place in range(lists)]


@st.composite
def tables(draw: st.DrawFn) -> NDArray[np.int64]:
    """Tables whose lists have victims of their own."""
    lists = draw(st.integers(2, 5))
    counts = draw(arrays(np.int64, 1 << lists, elements=st.integers(0, 200)))
    counts[0] = 0
    counts[1 << np.arange(lists)] += 500 * lists
    return counts


@pytest.mark.parametrize("lists", [2, 3, 4])
@pytest.mark.parametrize("missed", [0.0, 0.13, 0.6])
def test_parts_are_those_of_all_orders_and_all_missed_links(lists: int, missed: float) -> None:
    cells = 1 << lists
    slow = np.stack([expected_parts(pattern, lists, missed) for pattern in range(1, cells)], axis=1)
    np.testing.assert_allclose(linkage._parting(cells, missed)[:, 1:], slow, atol=1e-10)


def test_false_links_are_those_of_all_pairs() -> None:
    slow, whole = np.zeros(16), 0.0
    for first in range(1, 16):
        for second in range(first + 1, 16):
            if first & second == 0:
                chance = float(KOSOVO[first] * KOSOVO[second])
                slow[[first, second]] -= chance
                slow[first | second] += chance
                whole += chance
    np.testing.assert_allclose(linkage._joining(KOSOVO.astype(float)), slow / whole, atol=1e-10)


def test_the_expectation_is_the_mean_of_random_linkages() -> None:
    counts = np.array([0, 400, 300, 60, 350, 80, 50, 40])
    rng = np.random.default_rng(1)
    drawn = np.stack([linked_at_random(counts, 0.15, 0.1, rng) for _ in range(200)])
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    # Half a victim is what rounding may add.
    assert (np.abs(drawn.mean(axis=0) - mislinked(counts, 0.15, 0.1)) <= 4 * error + 1.0).all()
    assert {tuple(list_sizes(one)) for one in drawn} == {tuple(list_sizes(counts))}


@given(tables(), st.floats(0, 0.3), st.floats(0, 0.2))
def test_every_list_stays_as_long_as_it_was(counts: NDArray[np.int64], missed: float, false: float) -> None:
    for change in (mislinked, relinked):
        found = change(counts, missed, false)
        assert list_sizes(found) == list_sizes(counts)
        assert found.min() >= 0
        assert found[0] == 0


@given(tables(), st.floats(0, 0.3), st.floats(0, 0.2))
def test_errors_are_undone(counts: NDArray[np.int64], missed: float, false: float) -> None:
    """Up to whole victims: each link of a pattern that was rounded counts 1 / (1 - missed)^(K - 1) times."""
    lists = counts.size.bit_length() - 1
    back = relinked(mislinked(counts, missed, false), missed, false)
    several = np.bitwise_count(np.arange(counts.size)) > 1
    assert np.abs(back - counts)[several].max() <= 2 + 2 / (1 - missed) ** (lists - 1)


@given(tables())
def test_without_errors_nothing_changes(counts: NDArray[np.int64]) -> None:
    assert mislinked(counts, 0.0, 0.0).tolist() == relinked(counts, 0.0, 0.0).tolist() == counts.tolist()


def test_shares_are_those_of_the_links() -> None:
    parted = mislinked(KOSOVO, 0.1, 0.0)
    assert float(links(parted)) == pytest.approx(0.9 * float(links(KOSOVO)), abs=2)
    joined = mislinked(KOSOVO, 0.0, 0.1)
    assert float(links(KOSOVO)) == pytest.approx(0.9 * float(links(joined)), abs=2)
    assert float(links(relinked(KOSOVO, 0.1, 0.0))) == pytest.approx(float(links(KOSOVO)) / 0.9, abs=2)
    assert float(links(relinked(KOSOVO, 0.0, 0.1))) == pytest.approx(0.9 * float(links(KOSOVO)), abs=2)


def test_where_chance_makes_more_of_a_pattern_than_there_are_all_are_false() -> None:
    counts = np.array([0, 500, 500, 60, 500, 60, 1, 10])
    found = relinked(counts, 0.0, 0.3)
    assert found[6] == 0
    assert float(links(found)) == pytest.approx(0.7 * float(links(counts)), abs=2)


@pytest.mark.parametrize(
    ("counts", "missed", "false", "code"),
    [
        (KOSOVO, 1.0, 0.0, "model-bad-setting"),
        (KOSOVO, 0.0, -0.1, "model-bad-setting"),
        (KOSOVO, float("nan"), 0.0, "model-bad-setting"),
        (KOSOVO, 0.8, 0.0, "model-linkage"),
        (np.ones(8, dtype=np.int64), 0.0, 0.0, "overlap-counts"),
        (np.append(0, np.ones(511, dtype=np.int64)), 0.0, 0.0, "overlap-lists"),
    ],
)
def test_refusals(counts: NDArray[np.int64], missed: float, false: float, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        relinked(counts, missed, false)
    assert caught.value.code == code
    assert caught.value.hint
