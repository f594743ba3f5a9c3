"""Claims cut into pieces a second time: dense matrices of claims by cells, ranks and least squares.

What `models.pieces` reads off sorted ends of windows, this states as linear algebra. Runs take minutes
for some thousand reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import log, prod

import numpy as np
from numpy.typing import NDArray

from undercount.errors import ModelError
from undercount.models.cells import Cell, Claim, Piece
from undercount.models.pieces import Term

MAX_READINGS = 64
EQUAL = 1e-6
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class SlowTally:
    """A latent tally with its matrix."""

    pieces: tuple[Piece, ...]
    cover: Matrix
    low: Matrix
    high: Matrix
    reports: tuple[int, ...]
    is_revised: bool


@dataclass(frozen=True)
class SlowReading:
    """One way to read the attributions of a block."""

    log_probability: float
    terms: tuple[Term, ...]
    tallies: tuple[SlowTally, ...]


@dataclass(frozen=True)
class SlowBlock:
    """Reports of one source that are read together."""

    reports: tuple[int, ...]
    readings: tuple[SlowReading, ...]


def blocks(claims: Sequence[Claim], incidents: Sequence[tuple[int, frozenset[int]]]) -> tuple[SlowBlock, ...]:
    widest = [frozenset().union(*(strata for _, strata in claim.readings)) for claim in claims]
    if prod(len(claim.readings) for claim in claims) <= MAX_READINGS:
        return (_block(claims, incidents),)
    member, _ = _membership(claims, widest, incidents)
    return tuple(_block([claims[i] for i in group], incidents) for group in _connected(member))


def _connected(member: NDArray[np.bool_]) -> Iterable[list[int]]:
    """Claims that share cells, directly or through others; groups in the order of their first claims."""
    share = member.astype(np.int64) @ member.T.astype(np.int64) > 0
    left = np.ones(len(share), dtype=bool)
    while left.any():
        group = np.arange(len(share)) == left.argmax()
        while (wider := group | share[group].any(axis=0)).sum() > group.sum():
            group = wider
        left &= ~group
        yield list(np.flatnonzero(group))


def _block(claims: Sequence[Claim], incidents: Sequence[tuple[int, frozenset[int]]]) -> SlowBlock:
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
    cuts = [_decompose(claims, [strata for _, strata in choice], incidents) for choice in choices]
    if any((tally.low < tally.high).any() for _, tallies in cuts for tally in tallies):
        # A count known as an interval is then a latent value, which every reading must constrain.
        cuts = [_decompose(claims, [strata for _, strata in choice], incidents, latent=True) for choice in choices]
    readings = tuple(
        SlowReading(sum(log(p) for p, _ in choice), terms, tallies)
        for choice, (terms, tallies) in zip(choices, cuts, strict=True)
    )
    return SlowBlock(tuple(claim.report for claim in claims), readings)


def _membership(
    claims: Sequence[Claim], strata: Sequence[frozenset[int]], incidents: Sequence[tuple[int, frozenset[int]]]
) -> tuple[NDArray[np.bool_], list[Cell]]:
    """Which cells each claim covers; cells that no claim covers are left out."""
    periods = [claim for claim in claims if claim.incident is None]
    published = sorted({claim.published for claim in claims if claim.published is not None})
    edges = sorted(
        {claim.start for claim in periods} | {claim.end + 1 for claim in periods} | {day + 1 for day in published}
    )
    involved = sorted(frozenset().union(*strata))
    cells = [Cell(c, a, b) for c in involved for a, b in pairwise(edges)]
    cells += [Cell(c, day, day + 1, e) for e, (day, touched) in enumerate(incidents) for c in sorted(touched)]
    if published:
        cells = [
            replace(cell, after=after if after >= cell.start else -1, by=by)
            for cell in cells
            for after, by in pairwise([-1, *published])
            if cell.start <= by
        ]
    stratum = np.array([cell.stratum for cell in cells])
    start = np.array([cell.start for cell in cells])
    incident = np.array([cell.incident for cell in cells])
    member = np.zeros((len(claims), len(cells)), dtype=bool)
    for i, claim in enumerate(claims):
        if claim.incident is None:
            within = (claim.start <= start) & (start <= claim.end)
        else:
            within = incident == claim.incident
        by = -1 if claim.published is None else claim.published
        member[i] = within & np.isin(stratum, list(strata[i])) & np.array([cell.by <= by for cell in cells])
    covered = member.any(axis=0)
    return member[:, covered], [cell for cell, keep in zip(cells, covered, strict=True) if keep]


def _decompose(
    claims: Sequence[Claim],
    strata: Sequence[frozenset[int]],
    incidents: Sequence[tuple[int, frozenset[int]]],
    *,
    latent: bool = False,
) -> tuple[tuple[Term, ...], tuple[SlowTally, ...]]:
    member, cells = _membership(claims, strata, incidents)
    terms: list[Term] = []
    tallies: list[SlowTally] = []
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
    """Join days that follow each other in one stratum; those of a source with a lag stay apart."""
    joined: list[Cell] = []
    if any(cell.by >= 0 for cell in cells):
        return tuple(sorted(cells))
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


def _tally(claims: Sequence[Claim], cover: Matrix, pieces: list[Piece]) -> SlowTally:
    """Keep the rows that say something new; point reports that contradict the others stay, as revised."""
    counts = np.array([claim.low if claim.is_point else np.nan for claim in claims])
    kept: list[int] = []
    is_revised = False
    for i in sorted(range(len(claims)), key=lambda i: (not claims[i].is_point, claims[i].report)):
        rows = cover[kept]
        if not kept or np.linalg.matrix_rank(np.vstack([rows, cover[i]])) > np.linalg.matrix_rank(rows):
            kept.append(i)
        elif claims[i].is_point:
            # Where kept reports contradict each other, what they imply depends on the weight that each is given.
            for weight in (
                np.ones(len(kept)),
                1.0 + np.arange(len(kept)) ** 0.5 % 1,
                2.0 + np.sin(np.arange(len(kept))),
            ):
                weights = weight * np.linalg.lstsq(rows.T * weight, cover[i])[0]
                if abs(weights @ counts[kept] - counts[i]) > EQUAL:
                    is_revised = True
                    kept.append(i)
                    break
        else:
            kept.append(i)
    kept.sort()
    low = np.array([claims[i].low for i in kept])
    high = np.array([claims[i].high for i in kept])
    nested_contradiction = _has_negative_increment(cover[kept], low, high)
    return SlowTally(
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
