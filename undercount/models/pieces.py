"""How a source's reports share deaths: from overlapping windows to independent pieces.

The documented count of a source is a random measure with independent increments: over disjoint
pieces the tallies are independent NB1 counts. A report is the sum over the pieces that it covers.

Take the reports that share deaths, directly or through others. If the point reports among them
determine the tally of each piece (nested and disjoint windows always do), the likelihood is the exact
product of NB1 terms over the increments. Windows that overlap in part leave pieces undetermined, and
a tally that fell between reports contradicts itself; such reports are read through a latent tally
that has the same mean and covariance but is Gaussian.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from math import log, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_READINGS = 64
EQUAL = 1e-6
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Claim:
    """One used report as geometry: days and strata (or one incident), and the interval of its count."""

    report: int
    start: int
    end: int
    """First and last day, inclusive, counted from the first day of the timeline."""
    low: float
    high: float
    readings: tuple[tuple[float, frozenset[int]], ...]
    """Probability and strata of each reading of a contested attribution; one reading if stated."""
    incident: int | None = None

    @property
    def is_point(self) -> bool:
        """Whether the report fixes one count."""
        return self.low == self.high


@dataclass(frozen=True, order=True)
class Cell:
    """Deaths in a stratum from day `start` up to but not including `end`, or those of an incident."""

    stratum: int
    start: int
    end: int
    incident: int = -1


@dataclass(frozen=True)
class Piece:
    """Cells whose deaths the same reports cover, and the report with the shortest window among these."""

    cells: tuple[Cell, ...]
    report: int


@dataclass(frozen=True)
class Term:
    """An independent NB1 factor: the tally over `piece` lies in [low, high]."""

    piece: Piece
    low: float
    high: float


@dataclass(frozen=True)
class Tally:
    """A block read through a Gaussian tally: row i of `cover` says which pieces report i sums."""

    pieces: tuple[Piece, ...]
    cover: Matrix
    low: Matrix
    high: Matrix
    reports: tuple[int, ...]
    is_revised: bool
    """Whether point reports contradict each other, so that they carry noise of their own."""


@dataclass(frozen=True)
class Reading:
    """One way to read the attributions of a block, with its prior probability."""

    log_probability: float
    terms: tuple[Term, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Block:
    """Reports of one source that are read together: all, or those that share deaths."""

    reports: tuple[int, ...]
    readings: tuple[Reading, ...]


def blocks(claims: Sequence[Claim], incidents: Sequence[tuple[int, frozenset[int]]]) -> tuple[Block, ...]:
    """Cut the claims of one source into blocks and each block into independent terms.

    All claims are one block, read jointly, as long as their contested attributions have at most 64
    joint readings; otherwise claims that share no deaths are read apart.

    Parameters
    ----------
    claims : sequence of Claim
        All used reports of one source.
    incidents : sequence of (int, frozenset of int)
        Day and strata of each known incident.

    Raises
    ------
    ModelError
        If a block has more than 64 combined readings of contested attributions.
    """
    widest = [frozenset().union(*(strata for _, strata in claim.readings)) for claim in claims]
    if prod(len(claim.readings) for claim in claims) <= MAX_READINGS:
        return (_block(claims, incidents),)
    member, _ = _membership(claims, widest, incidents)
    return tuple(_block([claims[i] for i in group], incidents) for group in _connected(member))


def _connected(member: NDArray[np.bool_]) -> Iterable[list[int]]:
    from scipy.sparse.csgraph import connected_components

    share = member.astype(np.int64) @ member.T.astype(np.int64) > 0
    count, labels = connected_components(share, directed=False)
    return [list(np.flatnonzero(labels == label)) for label in range(count)]


def _block(claims: Sequence[Claim], incidents: Sequence[tuple[int, frozenset[int]]]) -> Block:
    if prod(len(claim.readings) for claim in claims) > MAX_READINGS:
        names = ", ".join(str(claim.report) for claim in claims if len(claim.readings) > 1)
        raise ModelError(
            f"{names}: contested reports of one source that share deaths have more than {MAX_READINGS} joint readings",
            code="model-too-many-readings",
            hint="state the attribution of some of them, or mark the nested ones used = no",
        )
    choices = list(product(*(claim.readings for claim in claims)))
    cuts = [_decompose(claims, [strata for _, strata in choice], incidents) for choice in choices]
    if any((tally.low < tally.high).any() for _, tallies in cuts for tally in tallies):
        # A count known as an interval is then a latent value, which every reading must constrain.
        cuts = [_decompose(claims, [strata for _, strata in choice], incidents, latent=True) for choice in choices]
    readings = tuple(
        Reading(sum(log(p) for p, _ in choice), terms, tallies)
        for choice, (terms, tallies) in zip(choices, cuts, strict=True)
    )
    return Block(tuple(claim.report for claim in claims), readings)


def sole_piece(claim: Claim, strata: frozenset[int], incidents: Sequence[tuple[int, frozenset[int]]]) -> Piece:
    """All that one claim covers, when it is read as being about `strata`."""
    _, cells = _membership([claim], [strata], incidents)
    return Piece(_merged(cells), claim.report)


def _membership(
    claims: Sequence[Claim], strata: Sequence[frozenset[int]], incidents: Sequence[tuple[int, frozenset[int]]]
) -> tuple[NDArray[np.bool_], list[Cell]]:
    """Which cells each claim covers; cells that no claim covers are left out."""
    periods = [claim for claim in claims if claim.incident is None]
    edges = sorted({claim.start for claim in periods} | {claim.end + 1 for claim in periods})
    involved = sorted(frozenset().union(*strata))
    cells = [Cell(c, a, b) for c in involved for a, b in pairwise(edges)]
    cells += [Cell(c, day, day + 1, e) for e, (day, touched) in enumerate(incidents) for c in sorted(touched)]
    stratum = np.array([cell.stratum for cell in cells])
    start = np.array([cell.start for cell in cells])
    incident = np.array([cell.incident for cell in cells])
    member = np.zeros((len(claims), len(cells)), dtype=bool)
    for i, claim in enumerate(claims):
        if claim.incident is None:
            within = (claim.start <= start) & (start <= claim.end)
        else:
            within = incident == claim.incident
        member[i] = within & np.isin(stratum, list(strata[i]))
    covered = member.any(axis=0)
    return member[:, covered], [cell for cell, keep in zip(cells, covered, strict=True) if keep]


def _decompose(
    claims: Sequence[Claim],
    strata: Sequence[frozenset[int]],
    incidents: Sequence[tuple[int, frozenset[int]]],
    *,
    latent: bool = False,
) -> tuple[tuple[Term, ...], tuple[Tally, ...]]:
    member, cells = _membership(claims, strata, incidents)
    terms: list[Term] = []
    tallies: list[Tally] = []
    for group in _connected(member):
        own = [claims[i] for i in group]
        patterns, label = np.unique(member[group], axis=1, return_inverse=True)
        keep = patterns.any(axis=0)
        label = label.ravel()
        pieces = [
            _piece([cell for cell, k in zip(cells, label, strict=True) if k == j], patterns[:, j], own)
            for j in np.flatnonzero(keep)
        ]
        cover = patterns[:, keep].astype(float)
        exact = None if latent else _increments(own, cover, pieces)
        if exact is None:
            tallies.append(_tally(own, cover, pieces))
        else:
            terms.extend(exact)
    return tuple(sorted(terms, key=lambda term: term.piece.cells)), tuple(tallies)


def _piece(cells: list[Cell], pattern: NDArray[np.bool_], claims: Sequence[Claim]) -> Piece:
    covering = [claim for claim, covers in zip(claims, pattern, strict=True) if covers]
    innermost = min(covering, key=lambda claim: (claim.end - claim.start, claim.report))
    return Piece(_merged(cells), innermost.report)


def _merged(cells: list[Cell]) -> tuple[Cell, ...]:
    """Join days that follow each other in one stratum."""
    joined: list[Cell] = []
    for cell in sorted(cells, key=lambda c: (c.incident, c.stratum, c.start)):
        last = joined[-1] if joined else None
        if last and cell.incident < 0 and (last.incident, last.stratum, last.end) == (-1, cell.stratum, cell.start):
            joined[-1] = Cell(cell.stratum, last.start, cell.end)
        else:
            joined.append(cell)
    return tuple(joined)


def _increments(claims: Sequence[Claim], cover: Matrix, pieces: list[Piece]) -> list[Term] | None:
    """Exact NB1 terms, or None where the reports leave a piece undetermined or contradict each other."""
    groups = _solved(claims, cover)
    if groups is None:
        return None
    terms = [Term(_union(pieces, columns), count, count) for columns, count in groups]
    is_known = np.zeros(len(pieces), dtype=bool)
    for columns, _ in groups:
        is_known[columns] = True
    claimed = np.zeros(len(pieces), dtype=int)
    for claim, row in zip(claims, cover > 0, strict=True):
        if claim.is_point:
            continue
        if any(0 < row[columns].sum() < columns.size for columns, _ in groups):
            return None
        counted = sum(count for columns, count in groups if row[columns[0]])
        own = np.flatnonzero(row & ~is_known)
        claimed[own] += 1
        low, high = max(0.0, claim.low - counted), claim.high - counted
        if high < 0 or (own.size == 0 and low > 0):
            return None
        if own.size:
            terms.append(Term(Piece(_union(pieces, own).cells, claim.report), low, high))
    return None if np.any(claimed > 1) else terms


def _solved(claims: Sequence[Claim], cover: Matrix) -> list[tuple[NDArray[np.int64], float]] | None:
    """Pieces that the point reports tell apart only together, with their count; None without one solution."""
    point = np.array([claim.is_point for claim in claims])
    inside = np.flatnonzero(cover[point].any(axis=0))
    if not inside.size:
        return []
    kinds, label = np.unique(cover[point][:, inside], axis=1, return_inverse=True)
    if np.linalg.matrix_rank(kinds) < kinds.shape[1]:
        return None
    counts = np.array([claim.low for claim in claims])[point]
    solved = np.rint(np.asarray(np.linalg.lstsq(kinds, counts)[0], dtype=float))
    if np.any(solved < 0) or np.any(np.abs(kinds @ solved - counts) > EQUAL):
        return None
    return [(inside[label.ravel() == k], float(count)) for k, count in enumerate(solved)]


def _union(pieces: list[Piece], columns: NDArray[np.int64]) -> Piece:
    return Piece(_merged([cell for j in columns for cell in pieces[j].cells]), pieces[columns[0]].report)


def _tally(claims: Sequence[Claim], cover: Matrix, pieces: list[Piece]) -> Tally:
    """Keep the rows that say something new; point reports that contradict the others stay, as revised."""
    counts = np.array([claim.low if claim.is_point else np.nan for claim in claims])
    kept: list[int] = []
    is_revised = False
    for i in sorted(range(len(claims)), key=lambda i: (not claims[i].is_point, claims[i].report)):
        rows = cover[kept]
        if not kept or np.linalg.matrix_rank(np.vstack([rows, cover[i]])) > len(kept):
            kept.append(i)
        elif claims[i].is_point:
            weights = np.linalg.lstsq(rows.T, cover[i])[0]
            if abs(weights @ counts[kept] - counts[i]) > EQUAL:
                is_revised = True
                kept.append(i)
        else:
            kept.append(i)
    kept.sort()
    low = np.array([claims[i].low for i in kept])
    high = np.array([claims[i].high for i in kept])
    nested_contradiction = _has_negative_increment(cover[kept], low, high)
    return Tally(
        tuple(pieces), cover[kept], low, high, tuple(claims[i].report for i in kept), is_revised or nested_contradiction
    )


def _has_negative_increment(cover: Matrix, low: Matrix, high: Matrix) -> bool:
    """Whether no non-negative tally of the pieces satisfies every report."""
    from scipy.optimize import linprog

    bounded = np.isfinite(high)
    result = linprog(
        np.zeros(cover.shape[1]),
        A_ub=np.vstack([cover[bounded], -cover]),
        b_ub=np.concatenate([high[bounded], -low]),
        bounds=(0, None),
    )
    return bool(result.status == 2)


__all__ = ["Block", "Cell", "Claim", "Piece", "Reading", "Tally", "Term", "blocks", "sole_piece"]
