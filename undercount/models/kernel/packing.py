"""From a design to the flat arrays of the compiled density."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.models.data import model_data, with_data
from undercount.models.intensity import (
    incident_log_rates,
    incident_weight,
    level,
    relative_log_rates,
    share_effect,
)
from undercount.models.joint.scopes import CURVE
from undercount.models.kernel.layout import GROUPS, Array, Index, Work, pack
from undercount.models.kernel.packing_cells import lagged_of, pieces_of
from undercount.models.kernel.quadrature import ROOM, tabulated
from undercount.models.lags import log_lags
from undercount.models.levels import level_constants, level_shape
from undercount.models.misread import pressed
from undercount.models.parameters import Parameter, incident_prior, parameters
from undercount.models.running import Program, program
from undercount.models.tally import HALF_COUNT, tally_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from undercount.models.design import Design


_SPARSE = frozenset({
    "shared_x", "own_x", "incident_x", "seen_x", "tally_z",  # in no predictor
    "stream_z", "window_z",
})  # fmt: skip
"""Parameters without a column of their own among the unit vectors."""
_NOTHING = np.zeros(0, dtype=np.int64)
NO_PROGRAM = Program(_NOTHING, _NOTHING, _NOTHING, np.zeros((0, 0), dtype=np.int64))


class Packed(NamedTuple):
    """A case as the compiled density takes it."""

    dimension: int
    reals: Array
    integers: Index
    workspace: int


def values_at(found: tuple[Parameter, ...], position: Array) -> dict[str, Array]:
    """Parameters by name, from points of shape (..., D)."""
    ends = np.cumsum([parameter.size for parameter in found])
    return {
        parameter.name: position[..., end - parameter.size : end].reshape(*position.shape[:-1], *parameter.shape)
        for parameter, end in zip(found, ends, strict=True)
    }


def pack_design(design: Design, without: Collection[str] = ()) -> Packed:
    """Lay out a design.

    Parameters
    ----------
    design : Design
    without : collection of str
        Sources whose reports are left out.
    """
    data = model_data(design, without)
    design = with_data(design, data)
    found = parameters(design)
    dimension = sum(parameter.size for parameter in found)
    at = dict(zip((p.name for p in found), np.cumsum([0, *(p.size for p in found)]).tolist(), strict=False))
    arrays: dict[str, dict[str, Array | Index]] = {
        "Predictors": _predictors(design, found, at),
        "Prior": _prior(found),
        "Course": _course(design, at),
        "Events": _events(design, at),
        "Pieces": pieces_of(design),
        "Readings": _readings(design, at, data["stream_is_used"]),
        "Exact": {
            "low": data["low"],
            "high": data["high"],
            "reading": design.terms.term_reading,
            **tabulated(data["low"], data["high"]),
        },
        "Tallies": _tallies(design, at),
        "Overlaps": _overlaps(design),
        "Lagged": lagged_of(design),
        "Levels": _levels(design, at),
    }
    flat: dict[tuple[str, str], Array | Index] = {
        (group.__name__, name): arrays[group.__name__][name] for group in GROUPS for name in group._fields
    }
    return Packed(dimension, *pack(flat, _room(design, arrays)))


def _predictors(design: Design, found: tuple[Parameter, ...], at: Mapping[str, int]) -> dict[str, Array | Index]:
    """W by what the predictors are at the origin and at each unit vector, but for what may be long and is sparse."""
    here = tuple(p for p in found if p.name not in _SPARSE)
    width = sum(p.size for p in here)
    values = values_at(here, np.vstack([np.zeros(width), np.eye(width)]))
    incidents, pieces = design.incidents, design.terms.pieces.count if "window_z" in at else 0
    segments = [
        level(design, values),
        share_effect(design, values),
        relative_log_rates(design, values).reshape(-1, design.rates.location.size),
        incident_log_rates(design, values),
        incident_weight(design, values),
        np.zeros((1, incidents.cell_incident.size)),  # written by the kernel: not linear
        np.zeros((1, 0)),  # lengths of windows
        np.zeros((1, 0)),  # free own deviations
        values["log_dispersion"],
        log_lags(design, values),
        values.get("log_lag_incident", np.zeros((1, 0))),
    ]
    sizes = [x.shape[-1] for x in segments]
    sizes[6:8] = pieces, design.terms.reading_block.size
    first = np.cumsum([0, *sizes])
    eta = np.concatenate([np.broadcast_to(x, (width + 1, x.shape[-1])) for x in segments], axis=1)
    first = np.delete(first, -2)  # the lag of incidents stands among the lags
    slope = eta[1:] - eta[0]
    column, row = np.nonzero(slope)
    places = np.concatenate([np.zeros(0, dtype=np.int64), *(at[p.name] + np.arange(p.size) for p in here)])
    entries = [(slope[column, row], np.where(row < first[6], row, row + sum(sizes[6:8])), places[column])]
    entries += [_free(design, first[7], at), _lengths(design, first[6], at)]
    weight, rows, columns = (np.concatenate(x) for x in zip(*entries, strict=True))
    order = np.lexsort((rows, columns))
    return {
        "offset": np.insert(eta[0], first[6], np.zeros(sum(sizes[6:8]))),
        "weight": weight[order],
        "row": rows[order],
        "column": columns[order],
        "segment": first,
    }


def _free(design: Design, first: int, at: Mapping[str, int]) -> tuple[Array, Index, Index]:
    """Weights, rows and columns of the free own deviations."""
    stream, free = design.terms.reading_stream, design.free_streams
    row = np.flatnonzero(np.isin(stream, free)) if "stream_z" in at else _NOTHING
    column = at.get("stream_z", 0) + np.searchsorted(free, stream[row])
    return design.rates.scale[stream[row]], first + row, column


def _lengths(design: Design, first: int, at: Mapping[str, int]) -> tuple[Array, Index, Index]:
    """The same of the log lengths of the windows."""
    report, uncertain = design.terms.pieces.report, design.uncertain_reports
    row = np.flatnonzero(design.window_error[report] > 0) if "window_z" in at else _NOTHING
    column = at.get("window_z", 0) + np.searchsorted(uncertain, report[row])
    return design.window_error[report[row]], first + row, column


def _prior(found: tuple[Parameter, ...]) -> dict[str, Array | Index]:
    def each(values: list[float]) -> Array:
        return np.repeat(np.array(values, dtype=float), [p.size for p in found])

    degrees = [0.0 if p.is_flat else p.degrees for p in found]
    constant = sum(float(p.log_density(np.full((1, *p.shape), p.location))[0]) for p in found)
    return {
        "location": each([p.location for p in found]),
        "scale": each([p.scale for p in found]),
        "degrees": each(degrees),
        "constant": np.array([constant]),
    }


def _levels(design: Design, at: Mapping[str, int]) -> dict[str, Array | Index]:
    row, scales = design.priors["daily_toll"], (design.priors[name].scale for name in ("class_effect", "area_share"))
    shape, is_used = level_shape(design), "log_daily_toll" in at
    return {
        "size": np.array([at.get("log_daily_toll", 0), *shape]),
        "prior": np.array([row.location, row.scale, *scales, sum(level_constants(design)) if is_used else 0.0]),
    }


def _course(design: Design, at: Mapping[str, int]) -> dict[str, Array | Index]:
    modes = design.basis_shared.shape[1], design.basis_own.shape[1]
    names = ("log_smooth_shared", "shared_x", "log_smooth_own", "own_x")
    return {
        "size": np.array([design.days, design.strata.count, *modes]),
        "centre": np.array([design.centring.log_shared, design.centring.log_own]),
        "centred_shared": design.centring.shared,
        "centred_own": np.transpose(design.centring.own),
        "pull": np.transpose(design.centring.pull),
        "at": np.array([at.get(name, 0) for name in names]),
        "exposure": design.log_exposure.T,
        "shared": design.basis_shared.T,
        "own": design.basis_own.T,
        "area": design.strata.place[1],
        "group": design.strata.group,
    }


def _events(design: Design, at: Mapping[str, int]) -> dict[str, Array | Index]:
    tolls, prior = design.tolls, incident_prior(design)
    return {
        "incident": design.incidents.cell_incident,
        "is_shared": np.array([int("incident_z" in at)]),
        "at": at.get("incident_x", 0) + np.arange(len(design.incidents.names)),
        "base": tolls.base,
        "span": tolls.span,
        "bend": tolls.bend,
        "stream": np.where((tolls.bend > 0) & tolls.is_shifted, tolls.stream, -1),
        "prior": np.array([prior.location, prior.scale, prior.degrees, prior.log_constant]),
    }


def _readings(design: Design, at: Mapping[str, int], stream_is_used: Array) -> dict[str, Array | Index]:
    terms, anchors = design.terms, design.anchors
    stream = terms.reading_stream
    is_anchored = np.isin(stream, anchors.places)
    first_of_piece, first = terms.totals
    is_part = (first_of_piece >= 0) & is_anchored[first_of_piece] & anchors.is_counted
    inside, outside = terms.density_place
    return {
        "block": terms.reading_block,
        "piece_reading": terms.piece_reading,
        "log_probability": terms.reading_log_probability,
        "is_used": stream_is_used[stream],
        "scale": design.rates.scale[stream],
        "is_heavy": design.rates.is_heavy[stream].astype(np.int64),
        "is_inside": inside.astype(float),
        "is_outside": outside.astype(float),
        "anchor": np.where(is_anchored, np.searchsorted(anchors.places, stream), -1),
        "total_piece": np.where(is_part, first_of_piece, -1),
        "total_reading": first,
        "anchor_at": at.get("seen_x", 0) + np.arange(anchors.places.size),
        "anchor_low": anchors.low,
        "anchor_width": anchors.width,
        "anchor_slope": anchors.slope,
        "anchor_is_open": anchors.is_open,
        "anchor_is_released": anchors.is_released,
        "anchor_unit": anchors.unit,
        "anchor_is_mixed": anchors.is_mixed.astype(np.int64),
    }


def _tallies(design: Design, at: Mapping[str, int]) -> dict[str, Array | Index]:
    found = design.terms.gaussian
    sizes = np.array([term.reports.size for term in found], dtype=np.int64)
    widths = np.array([term.pieces.size for term in found], dtype=np.int64)
    is_dense = np.array([not term.is_revised for term in found], dtype=np.int64)
    orders = [np.arange(term.reports.size) if term.is_revised else tally_order(term) for term in found]

    def rows(columns: Iterable[Array | Index]) -> Array:
        return np.concatenate([np.zeros(0), *(column[o] for column, o in zip(columns, orders, strict=True))])

    low, high, rounding = (rows(term.heard[k] for term in found) for k in range(3))
    reports = rows(term.reports for term in found)
    is_point = low == high
    has_score = ~is_point & (np.repeat(is_dense, sizes) > 0)
    score = at.get("tally_z", 0) + np.searchsorted(design.scored_reports, reports)
    usual = rows(term.usual if term.is_revised else term.low for term in found)
    ends = np.array([np.where(is_point, low, low - HALF_COUNT), np.where(is_point, high, high + HALF_COUNT)])
    is_pressed, flatter = np.repeat(is_dense, sizes) == 0, np.zeros(usual.size)
    ends[:, is_pressed], (flatter[is_pressed], _) = pressed(ends[:, is_pressed], usual[is_pressed])
    covers = [t.cover[o].ravel() for t, o in zip(found, orders, strict=True) if not t.is_revised]
    return {
        "reading": np.array([term.reading for term in found], dtype=np.int64),
        "first_report": np.cumsum([0, *sizes]),
        "first_piece": design.terms.low.size + np.cumsum([0, *widths]),
        "first_cover": np.cumsum([0, *(sizes * widths * is_dense)])[:-1],
        "first_square": np.cumsum([0, *(sizes**2 * is_dense)])[:-1],
        "cover": np.concatenate([np.zeros(0), *covers]),
        "rounding": rounding,
        "usual": usual,
        "flatter": flatter,
        "score_at": np.where(has_score, score, -1),
        "low": ends[0],
        "high": ends[1],
        **_programs(design, at, sizes),
    }


def _programs(design: Design, at: Mapping[str, int], sizes: Index) -> dict[str, Array | Index]:
    """Steps of the running tallies."""
    found = design.terms.gaussian
    programs = [program(term) if term.is_revised else NO_PROGRAM for term in found]
    slots = np.array([each.slots for each in programs], dtype=np.int64)
    entries = [design.errors.of_stream(term.stream) if term.is_revised else (-1, -1) for term in found]
    revision, misread = np.array(entries, dtype=np.int64).reshape(-1, 2).T

    def joined(name: str) -> Index:
        return np.concatenate([np.zeros(0, dtype=np.int64), *(np.ravel(getattr(each, name)) for each in programs)])

    return {
        "slots": slots,
        "first_step": np.cumsum([0, *(each.step.size for each in programs)]),
        "first_column": np.cumsum([0, *(sizes * slots)])[:-1],
        "first_mask": np.cumsum([0, *(each.mask.size for each in programs)])[:-1],
        **{name: joined(name) for name in ("step", "what", "slot", "mask")},
        "revision_at": at.get("log_revision", 0) + revision,
        "misread_at": np.where(misread < 0, -1, at.get("misread_x", 0) + misread),
    }


def _overlaps(design: Design) -> dict[str, Array | Index]:
    overlap = design.overlap
    return {
        "start": overlap.start,
        "end": overlap.end,
        "first_stratum": np.cumsum([0, *(each.size for each in overlap.strata)]),
        "stratum": np.concatenate([_NOTHING, *overlap.strata]),
        "first_event": np.cumsum([0, *(each.size for each in overlap.events)]),
        "event_cell": np.concatenate([_NOTHING, *overlap.events]),
        **{name: getattr(overlap, name) for name in CURVE},
    }


def _room(design: Design, arrays: Mapping[str, Mapping[str, NDArray[np.generic]]]) -> dict[str, int]:
    """Length of each array of the workspace."""
    days, strata, pieces = design.days, design.strata.count, design.terms.pieces.count
    readings, exact = design.terms.reading_block.size, design.terms.low.size
    shared, own = design.basis_shared.shape[1], design.basis_own.shape[1]
    cells, predictors = design.incidents.cell_incident.size, arrays["Predictors"]["offset"].size
    sizes = np.diff(arrays["Tallies"]["first_report"]).astype(int)
    slots = arrays["Tallies"]["slots"].astype(int)
    told, running = int(sizes.sum()), int(sizes[slots > 0].any()) * int(sizes.sum())
    seen = pieces if running else 0
    lengths = {
        "eta": predictors, "deaths": strata * days, "total": strata * (days + 1), "weight": shared,
        "common_weight": shared, "scale": 3 * max(shared, own),
        "common": days, "share": strata, "dead": cells, "scaled": pieces, "fixed": pieces, "mean": pieces,
        "own": readings,
        "at_zero": readings, "beside": readings, "value": readings, "by_mean": exact, "by_log_theta": exact,
        "z": told, "count": told, "score": told, "matrix": 2 * int((sizes**2 * (slots == 0)).sum()),
        "middle": running, "variance": running, "slope": running, "bend": running, "trust": running,
        "column": int((sizes * slots).sum()), "mean_slope": seen, "variance_slope": seen,
        "revision_slope": slots.size, "misread_slope": slots.size,
        "fall": design.lags.count * days, "aged": design.lags.count * days,
        "vector": max(3 * days, 3 * strata + own, 4 * cells, 2 * len(design.incidents.names), int(sizes.max(initial=0)),
                      int((2 * slots + slots**2).max(initial=0)), ROOM * int(arrays["Exact"]["node_at"].size > 0)),
    }  # fmt: skip
    return {name: lengths[name.removeprefix("to_")] for name in Work._fields}
