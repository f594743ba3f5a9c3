"""The blocks of all streams as flat arrays: pieces, the cells they sum, and the factors over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from undercount.models.lags import share_between
from undercount.models.sums import sums

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from undercount.models.cells import Cell
    from undercount.models.pieces import Block, Piece, Tally
    from undercount.models.strata import Index
    from undercount.models.streams import Stream
    from undercount.models.tallies import Cover

Array = NDArray[np.float64]

FARTHEST = 3.0
WIDEST_ROUNDING = 1.5
"""Upper over lower end of an interval that is read as a rounded number, where reports have errors anyway."""


@dataclass(frozen=True)
class Pieces:
    """Pieces 0..P-1 as sums over cells.

    The mean of piece p of stream s is

        μ[p] = exp(window error of its report) · Σ_cells ρ[s, actor(cell)] · deaths(cell).
    """

    stream: Index
    report: Index
    cell_piece: Index
    cell_stratum: Index
    cell_start: Index
    cell_end: Index
    """Days [start, end) of each cell of daily deaths."""
    event_piece: Index
    event_cell: Index
    """Pieces that hold an incident, and the place of the incident's cell in `Incidents`."""
    cell_after: Index
    cell_by: Index
    event_after: Index
    event_by: Index
    """Days after which, and by which, a source with a lag documented them; -1 as in `models.cells`."""

    @property
    def count(self) -> int:
        """Number of pieces."""
        return self.stream.size

    @classmethod
    def of(cls, pieces: Sequence[tuple[Piece, int]], cell_incident: Index, cell_stratum: Index) -> Pieces:
        """Flatten pieces, each with the place of its stream."""
        cells = [(p, c) for p, (piece, _) in enumerate(pieces) for c in piece.cells]
        daily = [(p, c.stratum, c.start, c.end, c.after, c.by) for p, c in cells if c.incident < 0]
        spot = {(int(e), int(c)): i for i, (e, c) in enumerate(zip(cell_incident, cell_stratum, strict=True))}
        events = [(p, spot[c.incident, c.stratum], c.after, c.by) for p, c in cells if c.incident >= 0]
        daily_columns = np.array(daily, dtype=np.int64).reshape(-1, 6).T
        event_columns = np.array(events, dtype=np.int64).reshape(-1, 4).T
        return cls(
            np.array([s for _, s in pieces], dtype=np.int64),
            np.array([piece.report for piece, _ in pieces], dtype=np.int64),
            *daily_columns[:4],
            *event_columns[:2],
            *daily_columns[4:],
            *event_columns[2:],
        )


@dataclass(frozen=True)
class GaussianTerm:
    """A latent tally: a normal factor over some pieces, in one reading of a block."""

    reading: int
    stream: int
    pieces: Index
    runs: Cover
    low: Array
    high: Array
    reports: Index
    is_revised: bool
    """Whether its reports have errors, so that it is read as a running tally."""
    start: Index
    """(Q,) first day of each piece."""
    days: Array
    """(Q,) days of its cells in all; of a source with a lag, as many as it usually has documented all of."""

    @cached_property
    def cover(self) -> Array:
        """(R, Q) one where a report sums a piece, else zero."""
        return self.runs.matrix(self.reports.size)

    @cached_property
    def is_rounded(self) -> NDArray[np.bool_]:
        """(R,) whether an interval of a report with an error is so narrow that it is read as its middle."""
        return self.is_revised & (self.low < self.high) & (self.high <= WIDEST_ROUNDING * self.low)

    @cached_property
    def usual(self) -> Array:
        """(R,) what each report's error is relative to: its count, unless far from what even reporting gives."""
        even = self.daily * self.runs.sums(self.days, self.reports.size)
        return np.asarray(np.clip(self._counts, even / FARTHEST, FARTHEST * even))

    @cached_property
    def daily(self) -> float:
        """Reported a day in the middle one of the long reports."""
        length = self.runs.sums(self.days, self.reports.size)
        is_long = length >= length.max() / 2
        return float(np.median(self._counts[is_long] / length[is_long]))

    @cached_property
    def _counts(self) -> Array:
        return np.asarray((self.low + np.where(np.isinf(self.high), self.low, self.high)) / 2)

    @property
    def heard(self) -> tuple[Array, Array, Array]:
        """(R,) least and largest counts as they are read, and the variance of the rounding."""
        middle, width = (self.low + self.high) / 2, np.where(self.is_rounded, self.high - self.low + 1.0, 0.0)
        low, high = (np.where(self.is_rounded, middle, end) for end in (self.low, self.high))
        return low, high, width**2 / 12.0


@dataclass(frozen=True)
class Terms:
    """Factors of the likelihood; the first pieces belong to the exact terms, in order."""

    pieces: Pieces
    low: Array
    high: Array
    term_reading: Index
    gaussian: tuple[GaussianTerm, ...]
    reading_block: Index
    reading_log_probability: Array
    block_stream: Index
    block_reports: tuple[tuple[int, ...], ...]

    @cached_property
    def piece_reading(self) -> Index:
        """(P,) the reading that each piece belongs to."""
        return np.concatenate([self.term_reading, *(np.full(term.pieces.size, term.reading) for term in self.gaussian)])

    @cached_property
    def reading_stream(self) -> Index:
        """(K,) the stream of each reading."""
        return self.block_stream[self.reading_block]

    @cached_property
    def stated(self) -> Index:
        """The first reading of each block, the one in which its attributions are as stated."""
        return np.unique(self.reading_block, return_index=True)[1]

    @cached_property
    def is_split(self) -> NDArray[np.bool_]:
        """(K,) whether the stream of each reading is read in several blocks."""
        return np.bincount(self.block_stream)[self.reading_stream] > 1

    @cached_property
    def total_of_piece(self) -> Index:
        """(P,) the total that a piece is part of, or -1: total k is that of reading k, K + s that of a split stream s.

        A stream that is read in several blocks has the total of their stated readings throughout.
        """
        is_stated = np.isin(self.piece_reading, self.stated)
        split = np.where(is_stated, self.reading_block.size + self.pieces.stream, -1)
        return np.where(self.is_split[self.piece_reading], split, self.piece_reading)

    @cached_property
    def total_of_reading(self) -> Index:
        """(K,) the total that a stream has seen, in each reading; numbered as in `total_of_piece`."""
        readings = self.reading_block.size
        return np.where(self.is_split, readings + self.reading_stream, np.arange(readings))

    def seen(self, xp: Any, value: Any) -> Any:
        """(..., K) the sum of a value of each piece (..., P) over the total of each reading."""
        part = np.flatnonzero(self.total_of_piece >= 0)
        totals = self.reading_block.size + self.block_stream.size
        return sums(xp, value[..., part], self.total_of_piece[part], totals)[..., self.total_of_reading]

    @cached_property
    def totals(self) -> tuple[Index, Index]:
        """(P,) and (K,) the first reading with the same total; -1 for a piece that is part of none."""
        totals, first, place = np.unique(self.total_of_reading, return_index=True, return_inverse=True)
        spot = np.minimum(np.searchsorted(totals, self.total_of_piece), totals.size - 1)
        return np.where(totals[spot] == self.total_of_piece, first[spot], -1), first[place]

    @cached_property
    def density_place(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(K,) where the density of an own deviation is part of the mixture, and where it counts once outside.

        A stream that is read in several blocks has one deviation in all of its readings.
        """
        stream = self.reading_stream
        is_first = np.isin(np.arange(stream.size), np.unique(stream, return_index=True)[1])
        return ~self.is_split, self.is_split & is_first

    @classmethod
    def of(
        cls, cut: Mapping[Stream, tuple[Block, ...]], cell_incident: Index, cell_stratum: Index, lag: float = 1.0
    ) -> Terms:
        """Flatten the blocks of the streams, which are in canonical order; `lag` is the usual τ in days."""
        exact: list[tuple[Piece, int, float, float, int]] = []
        latent: list[tuple[Tally, int, int]] = []
        readings: list[tuple[int, float]] = []
        owner: list[tuple[int, Block]] = [(s, block) for s, own in enumerate(cut.values()) for block in own]
        for b, (s, block) in enumerate(owner):
            for reading in block.readings:
                exact.extend((t.piece, s, t.low, t.high, len(readings)) for t in reading.terms)
                latent.extend((tally, s, len(readings)) for tally in reading.tallies)
                readings.append((b, reading.log_probability))
        pieces = [(piece, s) for piece, s, *_ in exact] + [(p, s) for tally, s, _ in latent for p in tally.pieces]
        return cls(
            pieces=Pieces.of(pieces, cell_incident, cell_stratum),
            low=np.array([low for *_, low, _, _ in exact], dtype=float),
            high=np.array([high for *_, high, _ in exact], dtype=float),
            term_reading=np.array([k for *_, k in exact], dtype=np.int64),
            gaussian=_gaussian(latent, len(exact), lag),
            reading_block=np.array([b for b, _ in readings], dtype=np.int64),
            reading_log_probability=np.array([p for _, p in readings], dtype=float),
            block_stream=np.array([s for s, _ in owner], dtype=np.int64),
            block_reports=tuple(block.reports for _, block in owner),
        )


def _gaussian(latent: Sequence[tuple[Tally, int, int]], first: int, lag: float) -> tuple[GaussianTerm, ...]:
    terms = []
    for tally, s, k in latent:
        places = np.arange(first, first + len(tally.pieces))
        first += len(tally.pieces)
        reports = np.array(tally.reports, dtype=np.int64)
        start = np.array([min(cell.start for cell in piece.cells) for piece in tally.pieces], dtype=np.int64)
        days = np.array([sum(_days(cell, lag) for cell in piece.cells) for piece in tally.pieces], dtype=float)
        counts = tally.low, tally.high
        terms.append(GaussianTerm(k, s, places, tally.runs, *counts, reports, tally.is_revised, start, days))
    return tuple(terms)


def _days(cell: Cell, lag: float) -> float:
    if cell.by < 0:
        return float(cell.end - cell.start)
    return float(share_between(np, cell.after, cell.by, np.arange(cell.start, cell.end), lag).sum())
