"""Layers of what a source with a lag documents: by when it knew of a death, beside when that happened.

A report counts the deaths of its window that were documented by the day of its publication. The days of publication
of a source part the documented deaths of each stratum into layers: those documented by the first of them, those
documented after it and by the second, and so on. A report covers its window in the layers up to its own. With a number
for each pair of stratum and layer, claims are cut into pieces as if layers were strata.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from undercount.errors import ModelError
from undercount.models.cells import Cell

if TYPE_CHECKING:
    from undercount.models.cells import Claim

MOST_PUBLICATIONS: Final = 2000
"""Of one source: the work outside the sampler grows as their square, to about 20 seconds."""


def publications(claims: Iterable[Claim]) -> tuple[int, ...]:
    """Days on which a source with a lag published, in order; none of a source without.

    Raises
    ------
    ModelError
        If there are so many that the table of days by publications does not fit.
    """
    found = tuple(sorted({claim.published for claim in claims if claim.published is not None}))
    if len(found) > MOST_PUBLICATIONS:
        raise ModelError(
            f"a source with a lag published on {len(found):,} days, more than {MOST_PUBLICATIONS:,}",
            code="model-too-many-publications",
            where="lag",
            hint="write none in its lag, or mark the vintages that say least used = no, with a reason",
        )
    return found


def layered(strata: Iterable[int], published: Sequence[int], by: int | None = None) -> frozenset[int]:
    """Numbers of the layers of some strata, up to that of publication on day `by`; by default all."""
    last = len(published) if by is None else published.index(by) + 1
    return frozenset(c * len(published) + k for c in strata for k in range(last))


def unlayered(cells: Iterable[Cell], published: Sequence[int]) -> list[Cell]:
    """Cells whose stratum is the number of a layer, as cells of its stratum with the days of documentation.

    Nothing is documented before it happened: a layer has no days after its last day of publication, and of days after
    the publication before it holds all that is documented by then.
    """
    found = []
    for cell in cells:
        stratum, k = divmod(cell.stratum, len(published))
        by, after = published[k], published[k - 1] if k else -1
        last, turn = min(cell.end, by + 1), max(cell.start, after + 1)
        if cell.start < min(turn, last):
            found.append(replace(cell, stratum=stratum, end=min(turn, last), after=after, by=by))
        if turn < last:
            found.append(replace(cell, stratum=stratum, start=turn, end=last, by=by))
    return found


def merged(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Join days that follow each other in one stratum, and layers that follow each other on the same days."""
    found = list(cells)
    if all(cell.by < 0 for cell in found):
        return tuple(_joined_days(found))
    while len(joined := _joined_days(_joined_layers(found))) < len(found):
        found = joined
    return tuple(sorted(found, key=lambda c: (c.incident, c.stratum, c.start, c.after)))


def _joined_days(cells: Iterable[Cell]) -> list[Cell]:
    joined: list[Cell] = []
    for cell in sorted(cells, key=lambda c: (c.incident, c.stratum, c.after, c.by, c.start)):
        last = joined[-1] if joined else None
        if last and cell.incident < 0 and last.end == cell.start and _layer(last) == _layer(cell):
            joined[-1] = Cell(cell.stratum, last.start, cell.end, cell.incident, cell.after, cell.by)
        else:
            joined.append(cell)
    return joined


def _layer(cell: Cell) -> tuple[int, int, int, int]:
    return cell.incident, cell.stratum, cell.after, cell.by


def _joined_layers(cells: Iterable[Cell]) -> Iterator[Cell]:
    def days(cell: Cell) -> tuple[int, int, int, int]:
        return cell.incident, cell.stratum, cell.start, cell.end

    for _, group in groupby(sorted(cells, key=lambda c: (*days(c), c.after)), key=days):
        last: Cell | None = None
        for cell in group:
            if last and last.by == cell.after:
                last = replace(last, by=cell.by)
            else:
                if last:
                    yield last
                last = cell
        if last:
            yield last
