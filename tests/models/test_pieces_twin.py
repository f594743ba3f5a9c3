"""Claims cut into pieces, against the dense algebra of `slow_pieces`: equal to the last digit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import slow_pieces
from undercount.errors import ModelError
from undercount.models.cells import Claim, Piece
from undercount.models.elimination import Counts, Run, _solve_rows, solve
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


def documented(piece: Piece, published: Sequence[int]) -> Counter[tuple[int, int, int, int]]:
    """Incident, stratum, day of death, and first publication that counts it, of all that a piece holds."""
    return Counter(
        (cell.incident, cell.stratum, day, by)
        for cell in piece.cells
        for day in range(cell.start, cell.end)
        for by in published
        if max(cell.after + 1, day) <= by <= cell.by
    )


def check_equal_in_layers(claims: Sequence[Claim], incidents: Incidents) -> None:
    """As `check_equal`, whatever the cells that the same documented deaths are written as."""
    published = sorted({claim.published or 0 for claim in claims})

    def shown(piece: Piece) -> tuple[int, list[tuple[int, int, int, int]]]:
        found = documented(piece, published)
        assert set(found.values()) == {1}
        return piece.report, sorted(found)

    expected, found = slow_pieces.blocks(claims, incidents), blocks(claims, incidents)
    assert [block.reports for block in found] == [block.reports for block in expected]
    for block, other in zip(found, expected, strict=True):
        for reading, twin in zip(block.readings, other.readings, strict=True):
            terms, slow_terms = (
                sorted((shown(t.piece), t.low, t.high) for t in each.terms) for each in (reading, twin)
            )
            assert terms == slow_terms
            assert len(reading.tallies) == len(twin.tallies)
            for tally, slow in zip(reading.tallies, twin.tallies, strict=True):
                assert (tally.reports, tally.is_revised) == (slow.reports, slow.is_revised)
                columns, slow_columns = (
                    sorted((shown(piece), column.tolist()) for piece, column in zip(t.pieces, t.cover.T, strict=True))
                    for t in (tally, slow)
                )
                assert columns == slow_columns
                np.testing.assert_array_equal(tally.low, slow.low)


@st.composite
def vintages(draw: st.DrawFn, strata: int, *, largest: int, contested: bool = False) -> list[Claim]:
    """Windows that were counted by several days; counts true to one tally by day of death and of documentation."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, last = draw(st.integers(1, largest)), draw(st.integers(2, 12))
    nested, errors = draw(st.sampled_from([0.0, 0.7, 1.0])), draw(st.sampled_from([0.0, 0.3]))
    published = sorted(rng.choice(last + 5, 4, replace=False).tolist())
    counts = rng.poisson(1.5, (len(SPOTS) + 1, strata, last + 50, len(published)))
    claims = []
    for i in range(count):
        k = int(rng.integers(len(published)))
        by = published[k]
        start, end = sorted(rng.integers(0, min(last, by) + 1, 2).tolist())
        start, end = (0, min(last, by)) if rng.random() < nested else (start, end)
        own = frozenset(np.flatnonzero(rng.random(strata) < 0.6).tolist()) or frozenset({0})
        near = [e for e, (day, touched) in enumerate(SPOTS) if day <= by and touched & own]
        incident = near[0] if near and strata > 1 and rng.random() < 0.2 else None
        true = 0.0
        for j, until in enumerate(published[: k + 1]):
            for e, (day, touched) in enumerate(SPOTS):
                inside = day <= until and (start <= day <= end if incident is None else e == incident)
                true += sum(counts[e, c, day, j] for c in own & touched) * inside * (strata > 1)
            days = range(start, min(end, until) + 1) if incident is None else ()
            true += sum(counts[-1, c, day, j] for c in own for day in days)
        low = true + float(rng.integers(1, 4)) if rng.random() < errors else true
        readings: tuple[tuple[float, frozenset[int]], ...] = ((1.0, own),)
        if contested and rng.random() < 0.4:
            readings = ((0.7, own), (0.3, own | frozenset({strata - 1})))
        claims.append(Claim(i, start, end, low, low, readings, incident, by))
    return claims


@many
@given(vintages(1, largest=9))
def test_vintages_in_one_stratum(claims: list[Claim]) -> None:
    check_equal_in_layers(claims, [])


@many
@given(vintages(3, largest=8))
def test_vintages_in_several_strata_and_incidents(claims: list[Claim]) -> None:
    check_equal_in_layers(claims, SPOTS)


@settings(max_examples=40, deadline=None)
@given(vintages(2, largest=5, contested=True))
def test_contested_vintages(claims: list[Claim]) -> None:
    check_equal_in_layers(claims, SPOTS)


def test_a_year_of_running_totals_is_a_chain_of_increments() -> None:
    claims = [Claim(i, 0, i, 3.0 * i, 3.0 * i, ((1.0, frozenset({0})),), None, i + 2) for i in range(365)]
    ((reading,),) = (block.readings for block in blocks(claims, []))
    assert not reading.tallies
    assert sorted(term.low for term in reading.terms) == [0.0, *[3.0] * 364]
    assert max(len(term.piece.cells) for term in reading.terms) == 2
