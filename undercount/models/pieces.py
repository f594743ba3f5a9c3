"""How a source's reports share deaths: from overlapping windows to independent pieces.

The documented count of a source is a random measure with independent increments: over disjoint
pieces the tallies are independent NB1 counts. A report is the sum over the pieces that it covers.

Take the reports that share deaths, directly or through others. If the point reports among them
determine the tally of each piece (nested and disjoint windows always do), the likelihood is the exact
product of NB1 terms over the increments. Windows that overlap in part leave pieces undetermined, and
a tally that fell between reports contradicts itself; such reports are read through a latent tally
that has the same mean and covariance but is Gaussian. So are reports that have errors of their own.

Of a source with a lag, the tally is one over day of death and day of documentation: pieces are cut in both
(`models.layers`), so that a later vintage of a window is an increment, too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, product
from math import log, prod

import numpy as np

from undercount.errors import ModelError
from undercount.models.cells import Cell, Claim, Piece
from undercount.models.elimination import EQUAL, Counts, Run, solve
from undercount.models.geometry import Incidents, Layout, Runs, calendar, groups, patterns
from undercount.models.layers import merged
from undercount.models.tallies import Cover, Tally, is_impossible

MAX_READINGS = 64


@dataclass(frozen=True, slots=True)
class Term:
    """An independent NB1 factor: the tally over `piece` lies in [low, high]."""

    piece: Piece
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the attributions of a block, with its prior probability."""

    log_probability: float
    terms: tuple[Term, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Reports of one source that are read together: all, or those that share deaths."""

    reports: tuple[int, ...]
    readings: tuple[Reading, ...]


def blocks(claims: Sequence[Claim], incidents: Incidents, *, has_errors: bool = False) -> tuple[Block, ...]:
    """Cut the claims of one source into blocks and each block into independent terms.

    All claims are one block, read jointly, as long as their contested attributions have at most 64
    joint readings; otherwise claims that share no deaths are read apart.

    Parameters
    ----------
    claims : sequence of Claim
        All used reports of one stream.
    incidents : sequence of (int, frozenset of int)
        Day and strata of each known incident.
    has_errors : bool
        Whether each report has an error of its own, so that all are read through latent tallies.

    Raises
    ------
    ModelError
        If a block has more than 64 combined readings of contested attributions.
    """
    if prod(len(claim.readings) for claim in claims) <= MAX_READINGS:
        return (_block(claims, incidents, has_errors),)
    widest = [frozenset().union(*(strata for _, strata in claim.readings)) for claim in claims]
    apart = groups(Layout.of(claims, widest, incidents).runs, len(claims))
    near = calendar(incidents)
    return tuple(
        _alone(claims[group[0]], incidents, near)
        if len(group) == 1 and not has_errors
        else _block([claims[i] for i in group], incidents, has_errors)
        for group in apart
    )


def _block(claims: Sequence[Claim], incidents: Incidents, has_errors: bool) -> Block:
    if (joint := prod(len(claim.readings) for claim in claims)) > MAX_READINGS:
        names = ", ".join(str(claim.report) for claim in claims if len(claim.readings) > 1)
        raise ModelError(
            f"contested reports of one source that share deaths have {joint:,} joint readings, "
            f"more than {MAX_READINGS}",
            code="model-too-many-readings",
            where=f"reports {names}",
            hint="state the attribution of some of them, or mark the nested ones used = no",
        )
    choices = list(product(*(claim.readings for claim in claims)))
    cuts = [
        _Cut(claims, Layout.of(claims, [strata for _, strata in choice], incidents), has_errors) for choice in choices
    ]
    # A count known as an interval and read as a latent value in one reading is one in every reading.
    latent = any((tally.low < tally.high).any() for cut in cuts for tally in cut.tallies)
    readings = tuple(
        Reading(sum(log(p) for p, _ in choice), *(cut.as_tallies() if latent else (cut.terms, cut.tallies)))
        for choice, cut in zip(choices, cuts, strict=True)
    )
    return Block(tuple(claim.report for claim in claims), readings)


def _alone(claim: Claim, incidents: Incidents, near: Callable[[Claim], Sequence[int]]) -> Block:
    """A claim that shares no deaths with others: one piece, in each reading in which it covers any."""
    pieces = [sole_piece(claim, strata, incidents, near(claim)) for _, strata in claim.readings]
    terms = [(Term(piece, claim.low, claim.high),) if piece.cells else () for piece in pieces]
    readings = (Reading(log(p), own, ()) for (p, _), own in zip(claim.readings, terms, strict=True))
    return Block((claim.report,), tuple(readings))


def sole_piece(claim: Claim, strata: frozenset[int], incidents: Incidents, near: Sequence[int] | None = None) -> Piece:
    """All that one claim covers, when it is read as being about `strata`.

    Parameters
    ----------
    claim : Claim
    strata : frozenset of int
    incidents : sequence of (int, frozenset of int)
        Day and strata of each known incident.
    near : sequence of int, optional
        The incidents that it may cover, in their order; by default all.
    """
    by, days = -1 if claim.published is None else claim.published, (claim.start, claim.end + 1)
    cells = [] if claim.incident is not None else [Cell(c, *days, by=by) for c in sorted(strata)]
    for e in range(len(incidents)) if near is None else near:
        day, touched = incidents[e]
        if claim.start <= day <= claim.end if claim.incident is None else claim.incident == e:
            cells.extend(Cell(c, day, day + 1, e, by=by) for c in sorted(strata & touched))
    return Piece(tuple(cells), claim.report)


class _Cut:
    """The claims of a block in one reading, cut into pieces and read group by group."""

    def __init__(self, claims: Sequence[Claim], layout: Layout, has_errors: bool) -> None:
        runs, places = layout.runs, layout.places
        self.has_errors = has_errors
        self.claims, self.layout = claims, layout
        self.groups = groups(runs, len(claims))
        piece, group = patterns(runs, self.groups, places)
        self.places: list[list[int]] = [[] for _ in range(group.size)]
        for place, p in enumerate(piece.tolist()):
            if p >= 0:
                self.places[p].append(place)
        ends = np.searchsorted(group, np.arange(len(self.groups) + 1)).tolist()
        self.pieces_of = [range(a, b) for a, b in pairwise(ends)]
        at = [own[0] for own in self.places]
        self.is_point = np.array([claim.is_point for claim in claims], dtype=bool)
        self.is_counted = (runs.of_claims(self.is_point).depth(places) > 0)[at].tolist()
        self.depth = runs.depth(places)[at].tolist()
        shortest = sorted(range(len(claims)), key=lambda i: (claims[i].end - claims[i].start, claims[i].report))
        turn = np.empty(len(claims), dtype=np.int64)
        turn[shortest] = np.arange(turn.size)
        self.innermost = [shortest[rank] for rank in runs.smallest(turn, places)[at].tolist()]
        self.pieces = [
            Piece(merged(cell for x in own for cell in layout.cells(x)), claims[i].report)
            for own, i in zip(self.places, self.innermost, strict=True)
        ]
        if layout.published:
            # A window in its layers is many runs of places, and mostly few of pieces.
            runs, self.places = runs.over(np.array(at, dtype=np.int64)), [[p] for p in range(group.size)]
        self.runs: list[list[Run]] = [[] for _ in claims]
        for i, first, stop in zip(runs.claim.tolist(), runs.first.tolist(), runs.stop.tolist(), strict=True):
            self.runs[i].append((first, stop))

    @cached_property
    def solved(self) -> list[Counts]:
        """What the point reports of each group say, taken in the order of their numbers."""
        points = [sorted((i for i in own if self.is_point[i]), key=self._number) for own in self.groups]
        return [solve([(i, self.runs[i], self.claims[i].low) for i in own if self.runs[i]]) for own in points]

    def _number(self, i: int) -> int:
        return self.claims[i].report

    @cached_property
    def exact(self) -> list[list[Term] | None]:
        """Terms of each group, None where it is read through a latent tally; a claim of no deaths has no terms."""
        return [self._increments(g) for g in range(len(self.groups))]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """All exact terms."""
        found = [term for terms in self.exact if terms is not None for term in terms]
        return tuple(sorted(found, key=lambda term: term.piece.cells))

    @cached_property
    def tallies(self) -> tuple[Tally, ...]:
        """Latent tallies of the groups that have no exact terms."""
        return tuple(self._tally(g) for g, terms in enumerate(self.exact) if terms is None)

    def as_tallies(self) -> tuple[tuple[Term, ...], tuple[Tally, ...]]:
        """Every group as a latent tally."""
        found = iter(self.tallies)
        return (), tuple(
            next(found) if terms is None else self._tally(g) for g, terms in enumerate(self.exact) if self.pieces_of[g]
        )

    def _increments(self, g: int) -> list[Term] | None:
        """Exact NB1 terms, or None where the reports leave a piece undetermined or contradict each other."""
        if self.has_errors and self.pieces_of[g]:
            return None
        ranges = [i for i in self.groups[g] if not self.is_point[i] and self.runs[i]]
        counted = [p for p in self.pieces_of[g] if self.is_counted[p]]
        if self.solved[g].is_revised or self.solved[g].rank < len(counted):
            return None
        counts = {p: self.solved[g].total([(x, x + 1) for x in self.places[p]]) for p in counted}
        known = {p: float(round(count)) for p, count in counts.items() if count is not None}
        if any(count is None or count < 0 or abs(count - known[p]) > EQUAL for p, count in counts.items()):
            return None
        terms = [Term(self.pieces[p], count, count) for p, count in known.items()]
        rest = self._rest(g, ranges, known) if ranges else []
        return None if rest is None else terms + rest

    def _rest(self, g: int, ranges: Sequence[int], known: dict[int, float]) -> list[Term] | None:
        """What ranges say beyond the counts inside them, None where two of them share the rest or one excludes it."""
        alone = {self.innermost[p]: p for p in self.pieces_of[g] if p not in known}
        if any(self.depth[p] > 1 for p in self.pieces_of[g] if p not in known):
            return None
        at = sorted((self.places[p][0], count) for p, count in known.items())
        sums = [0.0, *accumulate(count for _, count in at)]
        terms = []
        for i in ranges:
            counted = sum(sums[bisect_left(at, (b,))] - sums[bisect_left(at, (a,))] for a, b in self.runs[i])
            low, high = max(0.0, self.claims[i].low - counted), self.claims[i].high - counted
            if high < 0 or (i not in alone and low > 0):
                return None
            if i in alone:
                terms.append(Term(self.pieces[alone[i]], low, high))
        return terms

    def _telling(self, g: int) -> list[int]:
        """Reports that say something new; points that contradict the others stay."""
        return [*self.solved[g].kept, *(i for i in self.groups[g] if not self.is_point[i])]

    def _tally(self, g: int) -> Tally:
        kept = sorted(self.groups[g] if self.has_errors else self._telling(g))
        own = self.pieces_of[g]
        order = sorted(own, key=lambda p: self.places[p][0])
        at = np.array([self.places[p][0] for p in order])
        rows = np.array([(row, a, b) for row, i in enumerate(kept) for a, b in self.runs[i]]).reshape(-1, 3)
        first, stop = np.searchsorted(at, rows[:, 1]), np.searchsorted(at, rows[:, 2])
        is_any = first < stop
        runs = Runs.of(rows[is_any, 0], first[is_any], stop[is_any])
        cover = Cover(np.array(order) - own.start, runs.claim, runs.first, runs.stop)
        low = np.array([self.claims[i].low for i in kept])
        high = np.array([self.claims[i].high for i in kept])
        is_revised = self.has_errors or self.solved[g].is_revised or is_impossible(cover, low, high)
        reports = tuple(self.claims[i].report for i in kept)
        return Tally(tuple(self.pieces[p] for p in own), cover, low, high, reports, is_revised)


__all__ = ["Block", "Cell", "Claim", "Piece", "Reading", "Tally", "Term", "blocks", "sole_piece"]
