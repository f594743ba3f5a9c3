"""Windows cut into independent pieces, against day-by-day sets in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undercount.errors import ModelError
from undercount.models.geometry import Runs, groups
from undercount.models.pieces import Block, Claim, Piece, Reading, Tally, blocks, sole_piece

Atom = tuple[int, int, int]
"""Stratum, day, incident or -1: the smallest thing that a report covers or does not."""
Incidents = list[tuple[int, frozenset[int]]]
few = settings(max_examples=60, deadline=None)


def claim(
    report: int, start: int, end: int, low: float, high: float | None = None, *, strata: Iterable[int] = (0,),
    incident: int | None = None, readings: tuple[tuple[float, frozenset[int]], ...] | None = None,
) -> Claim:  # fmt: skip
    own = ((1.0, frozenset(strata)),) if readings is None else readings
    return Claim(report, start, end, low, low if high is None else high, own, incident)


def atoms(one: Claim, incidents: Incidents, strata: frozenset[int] | None = None) -> frozenset[Atom]:
    """What a claim covers, day by day."""
    named = one.readings[0][1] if strata is None else strata
    found: set[Atom] = set()
    for stratum in named:
        if one.incident is None:
            found |= {(stratum, day, -1) for day in range(one.start, one.end + 1)}
        for e, (day, touched) in enumerate(incidents):
            inside = one.start <= day <= one.end if one.incident is None else one.incident == e
            if inside and stratum in touched:
                found.add((stratum, day, e))
    return frozenset(found)


def expanded(piece: Piece) -> frozenset[Atom]:
    """Atoms of a piece; that no two of its cells overlap is checked on the way."""
    listed = [(c.stratum, day, c.incident) for c in piece.cells for day in range(c.start, c.end)]
    assert len(listed) == len(set(listed))
    return frozenset(listed)


def sole_reading(claims: Sequence[Claim], incidents: Incidents | None = None) -> Reading:
    (block,) = blocks(claims, incidents or [])
    (reading,) = block.readings
    assert reading.log_probability == 0
    return reading


def sole_tally(claims: Sequence[Claim], incidents: Incidents | None = None) -> Tally:
    reading = sole_reading(claims, incidents)
    assert reading.terms == ()
    (tally,) = reading.tallies
    return tally


@few
@given(st.integers(1, 12), st.integers(1, 20), st.sampled_from([0.02, 0.1, 0.3]), st.integers(0, 2**32 - 1))
def test_claims_that_share_places_are_the_components_of_a_graph(rows: int, cells: int, share: float, seed: int) -> None:
    from scipy.sparse.csgraph import connected_components

    member = np.random.default_rng(seed).random((rows, cells)) < share
    count, labels = connected_components((member[:, None] & member).any(axis=2), directed=False)
    claim, place = np.nonzero(member)
    assert groups(Runs.of(claim, place, place + 1), rows) == [list(np.flatnonzero(labels == k)) for k in range(count)]


def counted(reading: Reading) -> dict[frozenset[Atom], tuple[float, float]]:
    assert reading.tallies == ()
    found = {expanded(term.piece): (term.low, term.high) for term in reading.terms}
    assert len(found) == len(reading.terms)
    return found


def increments(claims: Sequence[Claim], incidents: Incidents) -> dict[frozenset[Atom], tuple[float, float]]:
    """The twin, for nested and disjoint point reports: each one less the largest reports inside it."""
    sets = {one.report: atoms(one, incidents) for one in claims}
    counts = {one.report: one.low for one in claims}
    found: dict[frozenset[Atom], tuple[float, float]] = {}
    for own in set(sets.values()):
        inner = {mine: counts[r] for r, mine in sets.items() if mine < own}
        children = [mine for mine in inner if not any(mine < other for other in inner)]
        rest = own - frozenset().union(*children)
        if rest:
            total = next(counts[r] for r, mine in sets.items() if mine == own)
            count = total - sum(inner[child] for child in children)
            found[rest] = (count, count)
    return found


def check_partition(reading: Reading, claims: Sequence[Claim], incidents: Incidents) -> None:
    """Every covered atom is in exactly one piece, and no other is in any."""
    pieces = [term.piece for term in reading.terms] + [p for tally in reading.tallies for p in tally.pieces]
    listed = [atom for piece in pieces for atom in expanded(piece)]
    assert len(listed) == len(set(listed))
    assert set(listed) == set().union(*(atoms(one, incidents) for one in claims))


# Windows, end by end


def test_a_report_covers_its_last_day_and_not_the_next() -> None:
    reading = sole_reading([claim(0, 3, 8, 5)])
    assert counted(reading) == {frozenset((0, day, -1) for day in (3, 4, 5, 6, 7, 8)): (5, 5)}
    (cell,) = reading.terms[0].piece.cells
    assert (cell.start, cell.end) == (3, 9)


def test_windows_that_meet_share_no_day_and_windows_that_touch_share_one() -> None:
    assert len(sole_reading([claim(0, 0, 4, 7), claim(1, 5, 9, 8)]).terms) == 2
    tally = sole_tally([claim(0, 0, 5, 7), claim(1, 5, 9, 8)])
    assert frozenset({(0, 5, -1)}) in map(expanded, tally.pieces)


@pytest.mark.parametrize(("start", "end", "inside"), [(0, 6, True), (7, 9, True), (0, 5, False), (8, 9, False)])
def test_an_incident_on_an_end_of_the_window_is_inside(start: int, end: int, inside: bool) -> None:
    day = 6 if end != 9 else 7
    incidents: Incidents = [(day, frozenset({0}))]
    (own,) = counted(sole_reading([claim(0, start, end, 5)], incidents))
    assert ((0, day, 0) in own) is inside


# Exact increments


def test_nested_windows_are_increments() -> None:
    claims = [claim(0, 0, 29, 100), claim(1, 0, 9, 30), claim(2, 3, 5, 12), claim(3, 20, 24, 8)]
    reading = sole_reading(claims)
    assert counted(reading) == increments(claims, [])
    assert sorted(low for low, _ in counted(reading).values()) == [8, 12, 18, 62]
    assert {term.low: term.piece.report for term in reading.terms} == {62: 0, 18: 1, 12: 2, 8: 3}


def test_disjoint_windows_and_strata_are_independent() -> None:
    claims = [claim(0, 0, 9, 4), claim(1, 10, 19, 0), claim(2, 0, 9, 6, strata=(1,))]
    assert counted(sole_reading(claims)) == {atoms(one, []): (one.low, one.low) for one in claims}


def test_actors_within_all_actors_are_increments() -> None:
    claims = [claim(0, 0, 9, 50, strata=(0, 1, 2)), claim(1, 0, 9, 20, strata=(0,)), claim(2, 4, 6, 5, strata=(1, 2))]
    reading = sole_reading(claims)
    assert counted(reading) == increments(claims, [])
    check_partition(reading, claims, [])


def test_a_sum_of_disjoint_reports_adds_nothing() -> None:
    parts = [claim(0, 0, 9, 30), claim(1, 10, 19, 12)]
    with_sum = sole_reading([*parts, claim(2, 0, 19, 42)])
    assert counted(with_sum) == counted(sole_reading(parts))
    again = sole_reading([*parts, replace(parts[0], report=2)])
    assert counted(again) == counted(sole_reading(parts))


def test_a_range_around_a_count_is_the_rest() -> None:
    claims = [claim(0, 0, 9, 100), claim(1, 0, 20, 150, 300)]
    rest = frozenset((0, day, -1) for day in range(10, 21))
    assert counted(sole_reading(claims)) == {atoms(claims[0], []): (100, 100), rest: (50, 200)}
    opened = sole_reading([claims[0], claim(1, 0, 20, 60, inf)])
    assert counted(opened)[rest] == (0, inf)


def test_a_range_that_known_counts_satisfy_adds_nothing() -> None:
    parts = [claim(0, 0, 9, 30), claim(1, 10, 19, 12)]
    assert counted(sole_reading([*parts, claim(2, 0, 19, 40, 50)])) == counted(sole_reading(parts))


def test_deaths_of_an_incident_are_a_piece_of_the_period() -> None:
    incidents: Incidents = [(5, frozenset({0, 1})), (40, frozenset({0}))]
    claims = [claim(0, 0, 20, 307, strata=(0, 1)), claim(1, 5, 5, 140, strata=(0, 1), incident=0)]
    reading = sole_reading(claims, incidents)
    assert counted(reading) == increments(claims, incidents)
    assert counted(reading)[frozenset({(0, 5, 0), (1, 5, 0)})] == (140, 140)
    check_partition(reading, claims, incidents)


def test_an_incident_alone_covers_no_other_death_of_its_day() -> None:
    incidents: Incidents = [(5, frozenset({0, 1}))]
    assert counted(sole_reading([claim(0, 5, 5, 40, incident=0)], incidents)) == {frozenset({(0, 5, 0)}): (40, 40)}


def test_a_piece_takes_the_shortest_window_that_covers_it() -> None:
    reading = sole_reading([claim(7, 0, 29, 100), claim(3, 10, 12, 5)])
    assert {term.low: term.piece.report for term in reading.terms} == {95: 7, 5: 3}


def test_sole_piece_is_all_that_a_claim_covers() -> None:
    incidents: Incidents = [(2, frozenset({0, 1})), (9, frozenset({0}))]
    one = claim(4, 1, 6, 10, strata=(0, 2))
    for strata in (frozenset({0, 2}), frozenset({1})):
        piece = sole_piece(one, strata, incidents)
        assert expanded(piece) == atoms(one, incidents, strata)
        assert piece.report == 4


# Latent tallies


def test_partial_overlap_is_a_tally_over_its_three_parts() -> None:
    claims = [claim(0, 0, 9, 100), claim(1, 5, 14, 80)]
    tally = sole_tally(claims)
    assert not tally.is_revised
    assert tally.reports == (0, 1)
    np.testing.assert_array_equal([tally.low, tally.high], [[100, 80], [100, 80]])
    parts = [range(5), range(5, 10), range(10, 15)]
    assert set(map(expanded, tally.pieces)) == {frozenset((0, d, -1) for d in days) for days in parts}
    daily = np.arange(1.0, 16.0)
    own = np.array([sum(daily[day] for _, day, _ in expanded(piece)) for piece in tally.pieces])
    np.testing.assert_allclose(tally.cover @ own, [daily[:10].sum(), daily[5:].sum()])
    shared = daily[5:10].sum()
    np.testing.assert_allclose(
        (tally.cover * own) @ tally.cover.T, [[daily[:10].sum(), shared], [shared, daily[5:].sum()]]
    )


def test_a_tally_that_fell_is_revised() -> None:
    assert sole_tally([claim(0, 0, 29, 100), claim(1, 0, 39, 95)]).is_revised
    assert counted(sole_reading([claim(0, 0, 29, 100), claim(1, 0, 39, 105)]))


def test_a_sum_that_does_not_add_up_is_revised_and_keeps_every_report() -> None:
    tally = sole_tally([claim(0, 0, 9, 30), claim(1, 10, 19, 12), claim(2, 0, 19, 50)])
    assert tally.is_revised
    assert tally.reports == (0, 1, 2)


def test_a_report_half_way_between_others_stays_in_a_revised_tally() -> None:
    contradiction = [claim(0, 0, 9, 30), claim(1, 10, 19, 12), claim(2, 0, 19, 50)]
    tally = sole_tally([*contradiction, claim(3, 0, 29, 60), claim(4, 0, 24, 55)])
    assert tally.reports == (0, 1, 2, 3, 4)


def test_a_sum_stays_where_its_parts_are_contradicted_and_adds_nothing_elsewhere() -> None:
    contradiction = [claim(0, 0, 9, 30), claim(1, 0, 19, 42), claim(2, 10, 19, 20)]
    later = [claim(3, 0, 29, 60), claim(4, 0, 39, 65), claim(5, 0, 49, 70)]
    doubtful, sound = claim(6, 20, 29, 18), claim(7, 40, 49, 5)
    assert sole_tally([*contradiction, *later, doubtful, sound]).reports == (0, 1, 2, 3, 4, 5, 6)


def test_a_range_below_the_counts_inside_it_is_revised() -> None:
    tally = sole_tally([claim(0, 0, 9, 100), claim(1, 0, 20, 10, 50)])
    assert tally.is_revised
    np.testing.assert_array_equal([tally.low, tally.high], [[100, 10], [100, 50]])


def test_a_range_inside_a_count_is_latent() -> None:
    claims = [claim(0, 0, 9, 100), claim(1, 3, 5, 10, 20)]
    tally = sole_tally(claims)
    assert not tally.is_revised
    np.testing.assert_array_equal([tally.low, tally.high], [[100, 10], [100, 20]])
    check_partition(sole_reading(claims), claims, [])


def test_ranges_that_share_deaths_are_latent_and_apart_they_are_exact() -> None:
    tally = sole_tally([claim(0, 0, 9, 10, 20), claim(1, 5, 14, 30, inf)])
    np.testing.assert_array_equal([tally.low, tally.high], [[10, 30], [20, inf]])
    apart = counted(sole_reading([claim(0, 0, 9, 10, 20), claim(1, 10, 14, 30, inf)]))
    assert sorted(apart.values()) == [(10, 20), (30, inf)]


def test_reports_that_share_nothing_with_a_tally_stay_exact() -> None:
    reading = sole_reading([claim(0, 0, 9, 10), claim(1, 5, 14, 8), claim(2, 20, 29, 3)])
    assert [(term.low, term.high) for term in reading.terms] == [(3, 3)]
    assert [tally.reports for tally in reading.tallies] == [(0, 1)]


# Contested attributions


def contested(report: int, start: int, end: int, low: float, probability: float, high: float | None = None) -> Claim:
    readings = ((probability, frozenset({0})), (1 - probability, frozenset({0, 1})))
    return claim(report, start, end, low, high, readings=readings)


def test_readings_are_enumerated_with_their_probability() -> None:
    claims = [contested(0, 0, 9, 10, 0.7), contested(1, 20, 29, 8, 0.9), claim(2, 40, 49, 5)]
    (block,) = blocks(claims, [])
    assert block.reports == (0, 1, 2)
    found = {}
    for reading in block.readings:
        wide = tuple(any((1, day, -1) in own for own in counted(reading)) for day in (0, 20))
        found[wide] = exp(reading.log_probability)
    expected = {(False, False): 0.63, (False, True): 0.07, (True, False): 0.27, (True, True): 0.03}
    assert found == pytest.approx(expected)
    assert block.readings[0].log_probability == pytest.approx(log(0.63))


def test_each_reading_has_its_own_increments() -> None:
    claims = [contested(0, 0, 9, 10, 0.7), claim(1, 0, 9, 4, strata=(1,))]
    (block,) = blocks(claims, [])
    apart, nested = (counted(reading) for reading in block.readings)
    assert sorted(apart.values()) == [(4, 4), (10, 10)]
    assert sorted(nested.values()) == [(4, 4), (6, 6)]


def test_a_range_that_is_latent_in_one_reading_is_latent_in_all() -> None:
    claims = [contested(0, 0, 9, 10, 0.7), claim(1, 2, 3, 1, 4, strata=(1,))]
    (block,) = blocks(claims, [])
    for reading in block.readings:
        assert reading.terms == ()
        assert sorted(r for tally in reading.tallies for r in tally.reports) == [0, 1]


def test_the_sixty_fifth_reading_makes_blocks_of_their_own() -> None:
    apart = [contested(i, 10 * i, 10 * i + 9, 5, 0.8) for i in range(7)]
    (together,) = blocks(apart[:6], [])
    assert len(together.readings) == 64
    assert sum(exp(reading.log_probability) for reading in together.readings) == pytest.approx(1)
    own: tuple[Block, ...] = blocks(apart, [])
    assert [block.reports for block in own] == [(i,) for i in range(7)]
    assert [len(block.readings) for block in own] == [2] * 7


def test_too_many_readings_that_share_deaths_are_refused() -> None:
    with pytest.raises(ModelError, match="have 128 joint readings, more than 64") as refusal:
        blocks([contested(i, 0, i, 5, 0.8) for i in range(7)], [])
    assert refusal.value.code == "model-too-many-readings"
    assert refusal.value.where.startswith("reports 0, 1, 2")


# Any family of windows


@dataclass(frozen=True)
class Region:
    """Days start to end and strata, from which nested regions are cut."""

    start: int
    end: int
    strata: tuple[int, ...]

    def cut(self, by_time: bool, where: int) -> tuple[Region, ...]:
        if by_time and self.end > self.start:
            middle = self.start + where % (self.end - self.start)
            return Region(self.start, middle, self.strata), Region(middle + 1, self.end, self.strata)
        if not by_time and len(self.strata) > 1:
            at = 1 + where % (len(self.strata) - 1)
            return replace(self, strata=self.strata[:at]), replace(self, strata=self.strata[at:])
        return ()


@st.composite
def laminar(draw: st.DrawFn) -> list[Region]:
    """Regions any two of which are nested or disjoint."""
    tree = [Region(0, 14, (0, 1, 2))]
    for by_time, which, where in draw(st.lists(st.tuples(st.booleans(), st.integers(0, 50), st.integers(0, 50)))):
        parent = tree[which % len(tree)]
        inside = [r for r in tree if r != parent and covers(parent, r)]
        if not inside:
            tree.extend(parent.cut(by_time, where))
    return draw(st.lists(st.sampled_from(tree), min_size=1, max_size=6, unique=True))


def covers(outer: Region, inner: Region) -> bool:
    within = outer.start <= inner.start and inner.end <= outer.end
    return within and set(inner.strata) <= set(outer.strata)


@st.composite
def anything(draw: st.DrawFn) -> list[Region]:
    ends = st.tuples(st.integers(0, 14), st.integers(0, 14)).map(sorted)
    strata = st.sets(st.integers(0, 2), min_size=1).map(sorted)
    rows = draw(st.lists(st.tuples(ends, strata), min_size=1, max_size=5))
    return [Region(a, b, tuple(own)) for (a, b), own in rows]


def measured(regions: Sequence[Region], seed: int, incidents: Incidents) -> list[Claim]:
    """Point reports of one tally of deaths, so that no two contradict each other."""
    rng = np.random.default_rng(seed)
    tally = {(c, day, -1): int(rng.poisson(2)) for c in range(3) for day in range(15)}
    tally |= {(c, day, e): int(rng.poisson(9)) for e, (day, touched) in enumerate(incidents) for c in touched}
    bare = [claim(i, r.start, r.end, 0, strata=r.strata) for i, r in enumerate(regions)]
    return [replace(one, low=n, high=n) for one in bare for n in [sum(tally[a] for a in atoms(one, incidents))]]


SPOTS: Incidents = [(4, frozenset({0, 1})), (14, frozenset({2}))]


@few
@given(laminar(), st.integers(0, 2**32))
def test_nested_families_are_exact_increments(regions: list[Region], seed: int) -> None:
    claims = measured(regions, seed, SPOTS)
    reading = sole_reading(claims, SPOTS)
    found = counted(reading)
    assert found == increments(claims, SPOTS)
    check_partition(reading, claims, SPOTS)
    for one in claims:
        own = atoms(one, SPOTS)
        assert sum(low for piece, (low, _) in found.items() if piece <= own) == one.low


@few
@given(anything(), st.integers(0, 2**32))
def test_any_consistent_family_is_cut_into_disjoint_pieces(regions: list[Region], seed: int) -> None:
    claims = measured(regions, seed, SPOTS)
    reading = sole_reading(claims, SPOTS)
    check_partition(reading, claims, SPOTS)
    terms = {expanded(term.piece): term.low for term in reading.terms}
    latent = {report for tally in reading.tallies for report in tally.reports}
    for tally in reading.tallies:
        assert not tally.is_revised
        for report, row in zip(tally.reports, tally.cover, strict=True):
            covered = [expanded(piece) for piece, is_in in zip(tally.pieces, row, strict=True) if is_in]
            assert frozenset().union(*covered) == atoms(claims[report], SPOTS)
        assert np.linalg.matrix_rank(tally.cover) == len(tally.reports)
    for one in claims:
        own = atoms(one, SPOTS)
        if one.report not in latent and any(own & piece for piece in terms):
            assert sum(low for piece, low in terms.items() if piece <= own) == one.low
