"""Claims cut into pieces, against the dense algebra of `slow_pieces`: equal to the last digit."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import slow_pieces
from undercount.errors import ModelError
from undercount.models.elimination import Counts, Run, _solve_rows, solve
from undercount.models.cells import Claim
from undercount.models.pieces import blocks

Incidents = list[tuple[int, frozenset[int]]]
SPOTS: Incidents = [(4, frozenset({0, 1})), (9, frozenset({2})), (9, frozenset({0, 2})), (40, frozenset({1}))]
many = settings(max_examples=150, deadline=None)


def check_equal(claims: Sequence[Claim], incidents: Incidents) -> None:
    try:
        expected = slow_pieces.blocks(claims, incidents)
    except ModelError as error:
        with pytest.raises(ModelError, match=f"^{re.escape(str(error))}$"):
            blocks(claims, incidents)
        return
    found = blocks(claims, incidents)
    assert [block.reports for block in found] == [block.reports for block in expected]
    for block, other in zip(found, expected, strict=True):
        assert len(block.readings) == len(other.readings)
        for reading, twin in zip(block.readings, other.readings, strict=True):
            assert (reading.log_probability, reading.terms) == (twin.log_probability, twin.terms)
            assert len(reading.tallies) == len(twin.tallies)
            for tally, slow in zip(reading.tallies, twin.tallies, strict=True):
                assert (tally.pieces, tally.reports) == (slow.pieces, slow.reports)
                assert tally.is_revised is slow.is_revised
                for name in ("cover", "low", "high"):
                    np.testing.assert_array_equal(getattr(tally, name), getattr(slow, name))


@st.composite
def families(draw: st.DrawFn, strata: int, *, largest: int, contested: bool = False) -> list[Claim]:
    """Windows of any kind, most of them cumulative or nested; counts true to one tally, then some changed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, last = draw(st.integers(1, largest)), draw(st.integers(2, 14))
    cumulative, points, errors = (draw(st.sampled_from([0.0, 0.2, 0.6, 1.0])) for _ in "abc")
    named = draw(st.sampled_from([0.0, 0.2])) if strata > 1 else 0.0
    daily = rng.poisson(draw(st.sampled_from([0.3, 3.0])), (strata, last + 1))
    sets = [frozenset(np.flatnonzero(row).tolist()) or frozenset({0}) for row in rng.random((4, strata)) < 0.5]
    claims = []
    for i in rng.permutation(count).tolist():
        start, end = sorted(rng.integers(0, last + 1, 2).tolist())
        start = 0 if rng.random() < cumulative else start
        own = sets[rng.integers(4)]
        incident = int(rng.integers(len(SPOTS))) if rng.random() < named else None
        if incident is not None and (touched := SPOTS[incident][1] & frozenset(range(strata))):
            own, start, end = touched, SPOTS[incident][0], SPOTS[incident][0]
        else:
            incident = None
        true = float(sum(daily[c, start : end + 1].sum() for c in own))
        low = max(0.0, true + rng.integers(-3, 4)) if rng.random() < 0.3 * errors else true
        high = low if rng.random() < points else [low + float(rng.integers(1, 9)), np.inf][rng.integers(2)]
        readings: tuple[tuple[float, frozenset[int]], ...] = ((1.0, own),)
        if contested and rng.random() < 0.4:
            readings = ((0.7, own), (0.3, own | frozenset({strata - 1})))
        claims.append(Claim(i, start, end, low, high, readings, incident))
    return sorted(claims, key=lambda claim: claim.report) if draw(st.booleans()) else claims


@many
@given(families(1, largest=12))
def test_windows_in_one_stratum(claims: list[Claim]) -> None:
    check_equal(claims, [])


@many
@given(families(3, largest=10))
def test_windows_in_several_strata_and_incidents(claims: list[Claim]) -> None:
    check_equal(claims, SPOTS)


@settings(max_examples=40, deadline=None)
@given(families(2, largest=9, contested=True))
def test_contested_attributions(claims: list[Claim]) -> None:
    check_equal(claims, SPOTS)


@many
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 4)).filter(lambda x: x[0] < x[1]), max_size=14
    )
)
def test_a_graph_is_solved_as_its_rows_are(edges: list[tuple[int, int, int]]) -> None:
    reports: list[tuple[int, Sequence[Run], float]] = [(i, [(a, b)], float(n)) for i, (a, b, n) in enumerate(edges)]
    fast, exact = solve(reports), _solve_rows(reports)
    assert _without_total(fast) == _without_total(exact)
    for a in range(10):
        for b in range(a + 1, 10):
            assert fast.total([(a, b)]) == exact.total([(a, b)])


def _without_total(counts: Counts) -> tuple[set[int], int, bool]:
    return set(counts.kept), counts.rank, counts.is_revised
