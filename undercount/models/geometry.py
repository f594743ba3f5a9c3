"""What claims cover: cells laid out in a row, claims as runs of them, and the pieces that they make.

Strata that the same claims name are laid out as one. Within it the days on which windows begin or
end, and the named incidents, make a row of places; a window is then one run of places, and the
pattern of the claims that cover a place changes only where a run begins or ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from undercount.models.cells import Cell, Claim
from undercount.models.layers import layered, publications, unlayered

Index = NDArray[np.int64]
Incidents = Sequence[tuple[int, frozenset[int]]]
"""Day and strata of each known incident."""


@dataclass(frozen=True)
class Runs:
    """Run j says that claim `claim[j]` covers the places from `first[j]` up to but not including `stop[j]`.

    Sorted by claim and place; the runs of one claim do not touch.
    """

    claim: Index
    first: Index
    stop: Index

    @classmethod
    def of(cls, claim: Index, first: Index, stop: Index) -> Runs:
        """Sort runs and join those that touch."""
        order = np.lexsort((first, claim))
        claim, first, stop = claim[order], first[order], stop[order]
        touches = (claim[1:] == claim[:-1]) & (first[1:] == stop[:-1])
        is_first, is_last = np.append(True, ~touches)[: claim.size], np.append(~touches, True)[: claim.size]
        return cls(claim[is_first], first[is_first], stop[is_last])

    def of_claims(self, is_chosen: NDArray[np.bool_]) -> Runs:
        """The runs of some claims."""
        mine = is_chosen[self.claim]
        return Runs(self.claim[mine], self.first[mine], self.stop[mine])

    def over(self, place_of_piece: Index) -> Runs:
        """The runs of pieces, in the order of their numbers, given one place of each."""
        order = np.argsort(place_of_piece)
        ends = (np.searchsorted(place_of_piece[order], end) for end in (self.first, self.stop))
        first, stop = ends
        size = stop - first
        piece = order[np.repeat(stop - np.cumsum(size), size) + np.arange(size.sum())]
        return Runs.of(np.repeat(self.claim, size), piece, piece + 1)

    def depth(self, places: int) -> Index:
        """(places,) the number of claims that cover each place."""
        begins, ends = np.bincount(self.first, minlength=places), np.bincount(self.stop, minlength=places + 1)
        return np.cumsum(begins - ends[:places])

    def smallest(self, value: Index, places: int) -> Index:
        """(places,) the smallest value among the claims that cover each place, where there is any."""
        length = self.stop - self.first
        levels = int(length.max(initial=1)).bit_length()
        best = np.full((levels, places), np.iinfo(np.int64).max)
        # Each run as two runs whose length is a power of two, which are then halved down to places.
        level = np.frexp(length)[1].astype(np.int64) - 1
        for first in (self.first, self.stop - (1 << level)):
            np.minimum.at(best, (level, first), value[self.claim])
        for k in range(levels - 1, 0, -1):
            half = 1 << (k - 1)
            np.minimum(best[k - 1], best[k], out=best[k - 1])
            np.minimum(best[k - 1, half:], best[k, :-half], out=best[k - 1, half:])
        return np.asarray(best[0], dtype=np.int64)


@dataclass(frozen=True)
class Layout:
    """The places of some claims, and the runs of places that each claim covers."""

    runs: Runs
    start: Index
    end: Index
    incident: Index
    """Days [start, end) of each place, and its incident or -1."""
    row: Index
    rows: tuple[tuple[int, ...], ...]
    """Row of each place; strata of each row."""
    touched: tuple[frozenset[int], ...]
    """Strata of each incident."""
    published: tuple[int, ...] = ()
    """Days of publication of a source with a lag: a stratum then stands for one of its layers (`models.layers`)."""

    @property
    def places(self) -> int:
        """Number of places."""
        return self.start.size

    @classmethod
    def of(cls, claims: Sequence[Claim], strata: Sequence[frozenset[int]], incidents: Incidents) -> Layout:
        """Lay out what the claims cover when they are read as being about `strata`."""
        if published := publications(claims):
            strata = [layered(own, published, claim.published) for own, claim in zip(strata, claims, strict=True)]
            incidents = [(day, layered(touched, published)) for day, touched in incidents]
        rows, rows_of = _rows(strata)
        row_of = {stratum: r for r, own in enumerate(rows) for stratum in own}
        spots = sorted({(row_of[c], e) for e in _near(claims, incidents) for c in incidents[e][1] if c in row_of})
        spot_row, spot = np.array(spots, dtype=np.int64).reshape(-1, 2).T
        spot_day = np.array([day for day, _ in incidents], dtype=np.int64)[spot]
        window = [
            (i, r, claim.start, claim.end + 1)
            for i, claim in enumerate(claims)
            if claim.incident is None
            for r in rows_of[strata[i]]
        ]
        who, row, start, stop = np.array(window, dtype=np.int64).reshape(-1, 4).T
        # One number for (row, day, incident), which has the same order; incidents come after the start of their day.
        days = np.concatenate([start, stop, spot_day])
        low, span = int(days.min(initial=0)), int(days.max(initial=0)) - int(days.min(initial=0)) + 1
        wide = len(incidents) + 1
        begins, ends = (((row * span) + day - low) * wide for day in (start, stop))
        told = (spot_row * span + spot_day - low) * wide + spot + 1
        keys = np.unique(np.concatenate([begins, ends, told]))
        at = {pair: int(place) for pair, place in zip(spots, np.searchsorted(keys, told), strict=True)}
        named = [
            (i, at[r, claim.incident], at[r, claim.incident] + 1)
            for i, claim in enumerate(claims)
            if claim.incident is not None
            for r in rows_of[strata[i]]
            if (r, claim.incident) in at
        ]
        more = np.array(named, dtype=np.int64).reshape(-1, 3).T
        firsts = np.concatenate([np.searchsorted(keys, begins), more[1]])
        stops = np.concatenate([np.searchsorted(keys, ends), more[2]])
        runs = Runs.of(np.concatenate([who, more[0]]), firsts, stops)
        incident = keys % wide - 1
        day = keys // wide % span + low
        touched = tuple(own for _, own in incidents)
        return cls(runs, day, _ends(day, incident), incident, keys // wide // span, rows, touched, published)

    def cells(self, place: int) -> list[Cell]:
        """Cells at a place, one for each stratum of its row."""
        start, end, incident, own = self._columns
        strata = self.rows[own[place]]
        if incident[place] >= 0:
            touched = self.touched[incident[place]]
            found = [Cell(c, start[place], start[place] + 1, incident[place]) for c in strata if c in touched]
        else:
            found = [Cell(c, start[place], end[place]) for c in strata]
        return unlayered(found, self.published) if self.published else found

    @cached_property
    def _columns(self) -> tuple[list[int], list[int], list[int], list[int]]:
        return self.start.tolist(), self.end.tolist(), self.incident.tolist(), self.row.tolist()


def calendar(incidents: Incidents) -> Callable[[Claim], list[int]]:
    """A look-up of the incidents that a claim may cover, by their days."""
    order = sorted(range(len(incidents)), key=lambda e: incidents[e][0])
    days = [incidents[e][0] for e in order]

    def near(claim: Claim) -> list[int]:
        if claim.incident is not None:
            return [claim.incident]
        return sorted(order[bisect_left(days, claim.start) : bisect_right(days, claim.end)])

    return near


def _near(claims: Sequence[Claim], incidents: Incidents) -> list[int]:
    """Incidents that the claims may cover."""
    first = min((claim.start for claim in claims if claim.incident is None), default=0)
    last = max((claim.end for claim in claims if claim.incident is None), default=-1)
    named = {claim.incident for claim in claims}
    return [e for e, (day, _) in enumerate(incidents) if first <= day <= last or e in named]


def _rows(strata: Sequence[frozenset[int]]) -> tuple[tuple[tuple[int, ...], ...], dict[frozenset[int], list[int]]]:
    """Strata that the same sets contain, and the rows that each set is made of."""
    sets = list(dict.fromkeys(strata))
    inside: dict[int, list[int]] = {}
    for k, own in enumerate(sets):
        for stratum in own:
            inside.setdefault(stratum, []).append(k)
    rows: dict[tuple[int, ...], list[int]] = {}
    for stratum in sorted(inside):
        rows.setdefault(tuple(inside[stratum]), []).append(stratum)
    rows_of: dict[frozenset[int], list[int]] = {own: [] for own in sets}
    for r, signature in enumerate(rows):
        for k in signature:
            rows_of[sets[k]].append(r)
    return tuple(tuple(own) for own in rows.values()), rows_of


def _ends(day: Index, incident: Index) -> Index:
    """Day of the next edge after each place; what follows the last edge of a row is covered by no window."""
    edge = np.flatnonzero(incident < 0)
    following = np.searchsorted(edge, np.arange(day.size), side="right")
    return day[edge[np.minimum(following, edge.size - 1)]] if edge.size else day + 1


def groups(runs: Runs, count: int) -> list[list[int]]:
    """Claims that share places, directly or through others; groups in the order of their first claims."""
    parent = list(range(count))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    order = np.argsort(runs.first, kind="stable")
    reach, last = -1, -1
    for i, first, stop in zip(*(x[order].tolist() for x in (runs.claim, runs.first, runs.stop)), strict=True):
        if first < reach:
            one, other = find(i), find(last)
            parent[max(one, other)] = min(one, other)
        reach, last = max(reach, stop), i
    found: dict[int, list[int]] = {}
    for i in range(count):
        found.setdefault(find(i), []).append(i)
    return list(found.values())


def patterns(runs: Runs, grouped: Sequence[Sequence[int]], places: int) -> tuple[Index, Index]:
    """Number the pieces: places of one group that the same claims cover.

    Within a group, pieces are in the lexicographic order of which claims cover them, the first claim
    first. The pattern of a block of 2ᵏ claims is a pair of patterns of smaller blocks, and it changes
    only where a run of one of its claims begins or ends: n log² n for n runs.

    Parameters
    ----------
    runs : Runs
    grouped : sequence of sequence of int
        Claims of each group.
    places : int

    Returns
    -------
    tuple of ndarray
        (places,) the piece of each place, -1 where no claim covers it; (pieces,) the group of each piece.
    """
    members = np.array([i for own in grouped for i in own], dtype=np.int64)
    sizes = np.array([len(own) for own in grouped], dtype=np.int64)
    first_of = np.cumsum(sizes) - sizes
    base = np.empty(members.size, dtype=np.int64)
    base[members] = np.repeat(first_of, sizes)
    local = np.argsort(members) - base
    # From `place` on, a block of claims (numbered from the base of its group) has the pattern of this rank.
    owner = np.concatenate([members, runs.claim, runs.claim])
    place = np.concatenate([np.full(members.size, -1), runs.first, runs.stop])
    rank = np.repeat([0, 1, 0], [members.size, runs.claim.size, runs.claim.size])
    order = np.lexsort((place, base[owner] + local[owner]))
    owner, place, rank = owner[order], place[order], rank[order]
    group, block = base[owner], local[owner]
    while block.any():
        group, block, place, rank = _halved(group, block, place, rank)
    home = runs.smallest(base, places)
    covered = np.flatnonzero(runs.depth(places) > 0)
    wide, kinds = places + 2, int(rank.max(initial=0)) + 1
    at = np.searchsorted(group * wide + place + 1, home[covered] * wide + covered + 1, side="right") - 1
    found, label = np.unique(home[covered] * kinds + rank[at], return_inverse=True)
    piece = np.full(places, -1)
    piece[covered] = label
    return piece, np.searchsorted(first_of, found // kinds, side="right") - 1


def _halved(group: Index, block: Index, place: Index, rank: Index) -> tuple[Index, Index, Index, Index]:
    """Join every other block to the one before it, and rank the pairs of patterns."""
    is_right, block = block & 1, block >> 1
    order = np.lexsort((is_right, place, group + block))
    group, block, place, rank, is_right = (x[order] for x in (group, block, place, rank, is_right))
    here, number = np.arange(rank.size), group + block
    is_new = np.append(True, number[1:] != number[:-1])
    begin = np.maximum.accumulate(np.where(is_new, here, 0))
    left = rank[np.maximum.accumulate(np.where(is_right == 0, here, 0))]
    at = np.maximum.accumulate(np.where(is_right == 1, here, -1))
    right = np.where(at >= begin, rank[at], 0)
    is_last = np.append(is_new[1:] | (place[1:] != place[:-1]), True)
    group, block, place, left, right = (x[is_last] for x in (group, block, place, left, right))
    order = np.lexsort((right, left))
    rises = (left[order][1:] != left[order][:-1]) | (right[order][1:] != right[order][:-1])
    ranked = np.empty(order.size, dtype=np.int64)
    ranked[order] = np.append(0, np.cumsum(rises))
    return group, block, place, ranked
