"""Cells of the pieces of a design, as the compiled density takes them: those without a lag, and those with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from undercount.models.design import Design
    from undercount.models.kernel.layout import Array, Index


def pieces_of(design: Design) -> dict[str, Array | Index]:
    """Cells of sources without a lag."""
    pieces, actor, actors = design.terms.pieces, design.strata.place[0], len(design.strata.actors)
    stream, told = pieces.stream[pieces.cell_piece], pieces.stream[pieces.event_piece]
    cells = {
        "cell_piece": pieces.cell_piece,
        "cell_stratum": pieces.cell_stratum,
        "cell_start": pieces.cell_start,
        "cell_end": pieces.cell_end,
        "cell_rate": stream * actors + actor[pieces.cell_stratum],
    }
    events = {
        "event_piece": pieces.event_piece,
        "event_cell": pieces.event_cell,
        "event_rate": told * actors + actor[design.incidents.cell_stratum[pieces.event_cell]],
        "event_stream": np.where(design.rates.is_recorder[told], told, -1),
    }
    return (
        {"stream": pieces.stream}
        | {name: each[pieces.cell_by < 0] for name, each in cells.items()}
        | {name: each[pieces.event_by < 0] for name, each in events.items()}
    )


def lagged_of(design: Design) -> dict[str, Array | Index]:
    """Cells of sources with a lag, which `pieces_of` leaves out."""
    pieces, actor, actors = design.terms.pieces, design.strata.place[0], len(design.strata.actors)
    stream, told = pieces.stream[pieces.cell_piece], pieces.stream[pieces.event_piece]
    day = design.incidents.day[design.incidents.cell_incident]
    cells = {
        "piece": pieces.cell_piece,
        "stratum": pieces.cell_stratum,
        "start": pieces.cell_start,
        "end": pieces.cell_end,
        "after": pieces.cell_after,
        "by": pieces.cell_by,
        "rate": stream * actors + actor[pieces.cell_stratum],
        "lag": design.lags.of_stream[stream],
    }
    events = {
        "event_piece": pieces.event_piece,
        "event_cell": pieces.event_cell,
        "event_day": day[pieces.event_cell],
        "event_after": pieces.event_after,
        "event_by": pieces.event_by,
        "event_stream": told,
    }
    found: dict[str, Array | Index] = {name: each[pieces.cell_by >= 0] for name, each in cells.items()}
    return found | {name: each[pieces.event_by >= 0] for name, each in events.items()}
