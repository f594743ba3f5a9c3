"""The arrays of the compiled density, and how they lie in one flat vector each.

A compiled sampler passes every model three vectors: real numbers, whole numbers and a workspace. The
whole numbers begin with the place and size of each array, in the order of the fields below.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undercount.compiled import inlined

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class Predictors(NamedTuple):
    """What is linear in the parameters, η = offset + W q, in segments; W by its entries."""

    offset: Array
    weight: Array
    row: Index
    column: Index
    segment: Index
    """First row of: level, share effect (C each), log rate (S·A), log rate for incidents (S), incident
    weight, log incident toll (cells each), log window length (P), free own deviation (K), log θ (S),
    log lag (of each source with one, and of incidents); and the end."""


class Segments(NamedTuple):
    """Segments of the predictors, or of the derivatives by them.

    The density puts exponentials in place of log rates, log lengths, log lags and log θ, once it needs no logs of them.
    """

    level: Array
    share: Array
    rate: Array
    incident_rate: Array
    weight: Array
    log_toll: Array
    log_length: Array
    own: Array
    log_theta: Array
    log_lag: Array


class Prior(NamedTuple):
    """Independent priors of the D parameters."""

    location: Array
    scale: Array
    degrees: Array
    """Infinite for a normal, zero for a flat prior."""
    constant: Array
    """Sum of the normalising constants, one number."""


class Course(NamedTuple):
    """Deaths per day outside named incidents; arrays over days are stored day by day."""

    size: Index
    """T, C, cosines of the common course, cosines of each stratum's own."""
    at: Index
    """Place in q of log_smooth_shared, shared_x, log_smooth_own, own_x."""
    centre: Array
    """Middles of the priors of log_smooth_shared and log_smooth_own."""
    centred_shared: Array
    """(K,) how far each cosine of the common course is centred."""
    centred_own: Array
    """(C, K') the same of the departures from it."""
    pull: Array
    """(C, K') share of the common course that is sampled with a departure."""
    exposure: Array
    """(areas, T)"""
    shared: Array
    """(K, T)"""
    own: Array
    """(K', T)"""
    area: Index
    group: Index


class Events(NamedTuple):
    """Cells of named incidents."""

    incident: Index
    is_shared: Index
    """One number: whether weights are normalised within an incident."""
    at: Index
    """(incidents,) place in q of the coordinate of the toll."""
    base: Array
    span: Array
    bend: Array
    """As in `models.tolls`."""
    stream: Index
    """The recorder whose rate shifts the wall of an incident; -1 where there is none."""
    prior: Array
    """Location, scale, degrees of freedom and log constant of a log toll."""


class Pieces(NamedTuple):
    """Sums over cells without a lag; `rate` is the place of a log rate, `event_stream` that of one for incidents."""

    stream: Index
    cell_piece: Index
    cell_stratum: Index
    cell_start: Index
    cell_end: Index
    cell_rate: Index
    event_piece: Index
    event_cell: Index
    event_rate: Index
    event_stream: Index
    """-1 where the stream is no recorder's."""


class Readings(NamedTuple):
    """Readings of blocks, their own deviations, and the anchors that some of these follow."""

    block: Index
    piece_reading: Index
    log_probability: Array
    is_used: Array
    scale: Array
    is_heavy: Index
    is_inside: Array
    """One where the density of the own deviation is part of the mixture."""
    is_outside: Array
    """One where it counts once, outside the mixture."""
    anchor: Index
    """(K,) -1 for a free deviation."""
    total_piece: Index
    """(P,) the first reading with the total that an anchor is about and the piece is part of, or -1."""
    total_reading: Index
    """(K,) the first reading with the same total; a source that is read in several blocks has one."""
    anchor_at: Index
    """Place of each anchor in q."""
    anchor_low: Array
    anchor_width: Array
    anchor_slope: Array
    anchor_is_open: Array
    anchor_is_released: Array
    anchor_unit: Array
    anchor_is_mixed: Index


class Exact(NamedTuple):
    """NB1 intervals of the first pieces."""

    low: Array
    high: Array
    reading: Index
    place: Index
    """Place of an interval in the table of `kernel.quadrature`; -1 where it is not in it."""
    node_at: Index
    """Place in `node`."""
    node: Array
    """(sizes, BOTH)"""
    log_weight: Array
    """(tabulated, BOTH)"""


class Tallies(NamedTuple):
    """Latent Gaussian tallies, their reports and pieces one after the other."""

    reading: Index
    first_report: Index
    """(tallies + 1,)"""
    first_piece: Index
    """(tallies + 1,) the last entry is P."""
    first_cover: Index
    """(tallies,) place of (reports, pieces) in `cover`; a running tally has none."""
    first_square: Index
    """(tallies,) place of the matrix of the reports."""
    slots: Index
    """(tallies,) sums that are open at the same time in a running tally; zero of another."""
    first_step: Index
    """(tallies + 1,) steps of `models.running`."""
    first_column: Index
    """(tallies,) place of (reports, slots)."""
    first_mask: Index
    """(tallies,) place of (rows, slots) in `mask`."""
    step: Index
    what: Index
    slot: Index
    mask: Index
    revision_at: Index
    """Place in q of the log error of a running tally."""
    misread_at: Index
    """Place in q of the logit of its misreadings; -1 where it has none."""
    cover: Array
    rounding: Array
    """Variance of a report of a running tally that was rounded, and the count that its error is relative to."""
    usual: Array
    flatter: Array
    """As `models.misread.pressed` gives it."""
    score_at: Index
    """Place in q of the score of an interval report; -1 for a point report."""
    low: Array
    high: Array
    """A count twice, or the ends of an interval, half a count beyond its counts; pressed in a running tally."""


class Overlaps(NamedTuple):
    """Tables of matched lists, as in `models.joint`."""

    start: Index
    end: Index
    first_stratum: Index
    """(tables + 1,) place in `stratum`."""
    stratum: Index
    first_event: Index
    """(tables + 1,) place in `event_cell`."""
    event_cell: Index
    knot: Array
    """(tables, knots)"""
    value: Array
    slope: Array


class Lagged(NamedTuple):
    """Cells of days and of incidents that sources with a lag documented after one day and by another.

    `rate` is the place of a log rate, `lag` that of a log lag; `after` is -1 for the time from the death on.
    """

    piece: Index
    stratum: Index
    start: Index
    end: Index
    after: Index
    by: Index
    rate: Index
    lag: Index
    event_piece: Index
    event_cell: Index
    event_day: Index
    event_after: Index
    event_by: Index
    event_stream: Index


class Levels(NamedTuple):
    """Levels of the areas where no population is known, as in `models.levels`."""

    size: Index
    """Place of the first in q, areas, kinds."""
    prior: Array
    """Location and scale of `daily_toll`, scales of `class_effect` and `area_share`, log constant."""


class Work(NamedTuple):
    """Room for one evaluation; names with `to_` hold derivatives of the log density."""

    eta: Array
    to_eta: Array
    deaths: Array
    total: Array
    to_total: Array
    weight: Array
    """Weights of the cosines of one departure from the common course."""
    common_weight: Array
    scale: Array
    """Scales of the cosines, and room to find them."""
    to_weight: Array
    """Derivatives by the weights of the common course."""
    common: Array
    share: Array
    dead: Array
    to_dead: Array
    scaled: Array
    fixed: Array
    to_scaled: Array
    to_fixed: Array
    mean: Array
    to_mean: Array
    own: Array
    to_own: Array
    at_zero: Array
    """What a reading would see at an own deviation of zero."""
    beside: Array
    """What it sees beside that of named incidents."""
    to_beside: Array
    value: Array
    to_value: Array
    by_mean: Array
    """Derivatives of the exact terms."""
    by_log_theta: Array
    z: Array
    """Standardised residuals of the tallies' reports."""
    to_count: Array
    """Derivatives by the mean of each report."""
    to_score: Array
    matrix: Array
    """For each tally, its Cholesky factor, then the derivative by its covariance."""
    middle: Array
    """Of each report of a running tally: mean and variance given those before, g, h and w."""
    variance: Array
    slope: Array
    bend: Array
    trust: Array
    column: Array
    """Covariance of its sum with all that are open."""
    mean_slope: Array
    """Derivatives of a running tally by the mean and the variance of each piece, its error and its misreadings."""
    variance_slope: Array
    revision_slope: Array
    misread_slope: Array
    fall: Array
    """(sources with a lag, T) powers of exp(-1 / lag), the highest first."""
    aged: Array
    """The same times their exponents."""
    vector: Array


Groups = tuple[Predictors, Prior, Course, Events, Pieces, Readings, Exact, Tallies, Overlaps, Lagged, Levels]
GROUPS = (Predictors, Prior, Course, Events, Pieces, Readings, Exact, Tallies, Overlaps, Lagged, Levels)
FIELDS = tuple((group.__name__, name) for group in GROUPS for name in group._fields)
_IS_REAL = {(group.__name__, name): kind == Array for group in GROUPS for name, kind in group.__annotations__.items()}
_HEADS = 2 * (len(FIELDS) + len(Work._fields))


def pack(arrays: Mapping[tuple[str, str], Array | Index], work: Mapping[str, int]) -> tuple[Array, Index, int]:
    """Lay arrays end to end.

    Parameters
    ----------
    arrays : mapping of (group, field) to ndarray
        Every field of every group; its annotation decides which vector it goes to.
    work : mapping of str to int
        Length of each array of the workspace.

    Returns
    -------
    tuple of ndarray, ndarray, int
        Reals, integers with their heads, and the length of the workspace.
    """
    heads: list[int] = []
    reals: list[Array] = []
    integers: list[Index] = []
    ends = {True: 0, False: _HEADS}
    for field in FIELDS:
        is_real, array = _IS_REAL[field], np.ravel(arrays[field])
        heads += [ends[is_real], array.size]
        ends[is_real] += array.size
        if is_real:
            reals.append(array.astype(float))
        else:
            integers.append(array.astype(np.int64, casting="safe"))
    room = 0
    for name in Work._fields:
        heads += [room, work[name]]
        room += work[name]
    return np.concatenate(reals), np.concatenate([np.array(heads, dtype=np.int64), *integers]), room


@inlined
def part(flat: NDArray[Any], integers: Index, k: int) -> NDArray[Any]:
    """Array k of the layout, out of the vector that it lies in."""
    start = integers[2 * k]
    return flat[start : start + integers[2 * k + 1]]
