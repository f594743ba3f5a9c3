"""Deaths per day and deaths of named incidents, and the way back from their derivatives.

    log λ[t, c] = log exposure[t, area] + level[c] + log share[c] + e^s Σ z_k b_k(t) + e^u Σ v_kc b_k(t)

with few cosines k in the second sum; z and v are sampled partly centred (`models.centring`).

`to_total` holds what each difference of cumulated deaths contributes: its running sum over the days is
the derivative by the deaths of each day.
"""

from __future__ import annotations

from math import exp, log, log1p, pi
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import inlined
from undercount.models.kernel.vector import add_curves, add_scaled, dot, exp_into, total

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Course, Events, Index, Segments, Work


LOG_ROOT = 0.5 * log(2.0 * pi)


@inlined
def normalise(weight: Array, group: Index, count: int, share: Array, room: Array) -> None:
    """Shares exp(weight) / Σ exp(weight) within each group; `room` holds `count` numbers twice."""
    top, below = room[:count], room[count : 2 * count]
    top[:] = -np.inf
    below[:] = 0.0
    for i in range(weight.size):
        top[group[i]] = max(top[group[i]], weight[i])
    for i in range(weight.size):
        share[i] = exp(weight[i] - top[group[i]])
        below[group[i]] += share[i]
    for i in range(weight.size):
        share[i] /= below[group[i]]


@inlined
def normalise_back(share: Array, group: Index, count: int, to_log_share: Array, to_weight: Array, room: Array) -> None:
    """Add the derivatives by the weights, given those by the log shares."""
    sums = room[:count]
    sums[:] = 0.0
    for i in range(share.size):
        sums[group[i]] += to_log_share[i]
    for i in range(share.size):
        to_weight[i] += to_log_share[i] - share[i] * sums[group[i]]


@inlined
def scales(log_scale: float, centre: float, centred: Array, room: Array) -> Array:
    """What x of each cosine is multiplied by to give its weight, exp(log_scale - centred (log_scale - centre))."""
    count = centred.size
    found, x = room[:count], room[count : 2 * count]
    for k in range(count):
        x[k] = log_scale - centred[k] * (log_scale - centre)
    exp_into(x, room[2 * count :], found)
    return found


@inlined
def common_course(course: Course, position: Array, work: Work) -> None:
    """Write the weights of the cosines of the common course, and the course."""
    modes = course.size[2]
    work.common[:] = 0.0
    if modes:
        scale = scales(position[course.at[0]], course.centre[0], course.centred_shared, work.scale)
        for k in range(modes):
            work.common_weight[k] = scale[k] * position[course.at[1] + k]
        add_curves(work.common, work.common_weight, course.shared)


@inlined
def departure(course: Course, c: int, position: Array, work: Work) -> Array:
    """Write the weights of the cosines by which the course of stratum c departs from the common one; their scales."""
    strata, modes = course.size[1], course.size[3]
    centred = course.centred_own[c * modes : (c + 1) * modes]
    scale = scales(position[course.at[2]], course.centre[1], centred, work.scale)
    for k in range(modes):
        pull = course.pull[c * modes + k] * work.common_weight[k]
        work.weight[k] = scale[k] * position[course.at[3] + k * strata + c] - pull
    return scale


@inlined
def departure_back(course: Course, c: int, position: Array, gradient: Array, along: Array, work: Work) -> float:
    """Carry derivatives by the weights of a departure on, with those of its log density, which it gives.

    Adds to `work.to_weight` those by the weights of the common course.
    """
    strata, modes = course.size[1], course.size[3]
    log_scale = position[course.at[2]]
    inverse, value = exp(-log_scale), 0.0
    scale = departure(course, c, position, work)
    for k in range(modes):
        i, centred = course.at[3] + k * strata + c, course.centred_own[c * modes + k]
        z = work.weight[k] * inverse
        to_departure = along[k] - z * inverse
        value -= 0.5 * z * z + centred * (log_scale - course.centre[1]) + LOG_ROOT
        gradient[i] += scale[k] * to_departure
        gradient[course.at[2]] += (1.0 - centred) * scale[k] * position[i] * to_departure + z * z - centred
        work.to_weight[k] -= course.pull[c * modes + k] * to_departure
    return value


@inlined
def common_back(course: Course, position: Array, gradient: Array, work: Work) -> float:
    """Carry `work.to_weight` on, with the derivatives of the log density of the common course, which it gives."""
    log_scale = position[course.at[0]]
    inverse, value = exp(-log_scale), 0.0
    scale = scales(log_scale, course.centre[0], course.centred_shared, work.scale)
    for k in range(course.size[2]):
        i, centred = course.at[1] + k, course.centred_shared[k]
        moved = scale[k] * position[i]
        z = moved * inverse
        value -= 0.5 * z * z + centred * (log_scale - course.centre[0]) + LOG_ROOT
        gradient[i] += scale[k] * (work.to_weight[k] - z * inverse)
        gradient[course.at[0]] += (1.0 - centred) * moved * work.to_weight[k] + centred * (z * z - 1.0)
    return value


@inlined
def deaths(course: Course, eta: Segments, position: Array, work: Work) -> None:
    """Write deaths, their cumulated sums and shares."""
    days, strata, modes = course.size[0], course.size[1], course.size[3]
    common_course(course, position, work)
    normalise(eta.share, course.group, strata, work.share, work.vector)
    curve = work.vector[2 * days : 3 * days]
    for c in range(strata):
        curve[:] = work.common
        if modes:
            departure(course, c, position, work)
            add_curves(curve, work.weight, course.own)
        constant = eta.level[c] + log(work.share[c])
        exposure = course.exposure[course.area[c] * days : (course.area[c] + 1) * days]
        x, out = work.vector[:days], work.deaths[c * days : (c + 1) * days]
        for t in range(days):
            x[t] = exposure[t] + constant + curve[t]
        exp_into(x, work.vector[days : 2 * days], out)
        first = c * (days + 1)
        running = 0.0
        work.total[first] = 0.0
        for t in range(days):
            running += out[t]
            work.total[first + t + 1] = running


@inlined
def deaths_back(course: Course, to: Segments, position: Array, gradient: Array, work: Work) -> float:
    """Carry the derivatives in `work.to_total` on to the parameters and predictors.

    Adds the gradient of the log density of the courses, and gives it.
    """
    days, strata, shared, modes = course.size[0], course.size[1], course.size[2], course.size[3]
    to_common = work.common  # its values are needed no more
    to_common[:] = 0.0
    work.to_weight[:] = 0.0
    to_constant, value = work.vector[:strata], 0.0
    along = work.vector[3 * strata : 3 * strata + modes]
    for c in range(strata):
        first = c * (days + 1)
        out = work.deaths[c * days : (c + 1) * days]
        running = 0.0
        for t in range(days):
            running += work.to_total[first + t]
            out[t] *= running
        add_scaled(to_common, 1.0, out)
        to_constant[c] = total(out)
        to.level[c] += to_constant[c]
        if modes:
            for k in range(modes):
                along[k] = dot(course.own[k * days : (k + 1) * days], out)
            value += departure_back(course, c, position, gradient, along, work)
    normalise_back(work.share, course.group, strata, to_constant, to.share, work.vector[strata:])
    if shared:
        for k in range(shared):
            work.to_weight[k] += dot(course.shared[k * days : (k + 1) * days], to_common)
        value += common_back(course, position, gradient, work)
    return value


@inlined
def log_toll(events: Events, e: int, y: float, incident_rate: Array) -> float:
    """Log toll of an incident at its coordinate; `incident_rate` holds the log rates for incidents."""
    found: float = events.base[e] + events.span[e] * y
    if events.bend[e] > 0.0:
        found -= max(-y, 0.0) + log1p(exp(-abs(y)))
    if events.stream[e] >= 0:
        found -= incident_rate[events.stream[e]]
    return found


@inlined
def incident_deaths(events: Events, eta: Segments, position: Array, work: Work) -> None:
    """Write the log tolls of the named incidents, and the expected deaths of each of their cells."""
    cells = eta.weight.size
    for i in range(cells):
        e = events.incident[i]
        eta.log_toll[i] = log_toll(events, e, position[events.at[e]], eta.incident_rate)
    if events.is_shared[0]:
        normalise(eta.weight, events.incident, cells, work.dead, work.vector)
        for i in range(cells):
            work.dead[i] *= exp(eta.log_toll[i])
    else:
        for i in range(cells):
            work.dead[i] = exp(eta.log_toll[i] + eta.weight[i])


@inlined
def incident_back(events: Events, eta: Segments, to: Segments, position: Array, gradient: Array, work: Work) -> float:
    """Carry `work.to_dead` on to the weights and tolls of the incidents; gives the log density of the tolls."""
    cells = eta.log_toll.size
    to_log_dead, share = work.vector[:cells], work.vector[cells : 2 * cells]
    for i in range(cells):
        to_log_dead[i] = work.to_dead[i] * work.dead[i]
        to.log_toll[i] += to_log_dead[i]
        share[i] = work.dead[i] * exp(-eta.log_toll[i])
    if events.is_shared[0]:
        normalise_back(share, events.incident, cells, to_log_dead, to.weight, work.vector[2 * cells :])
    return toll_prior(events, eta, to, position, gradient, work.vector)


@inlined
def toll_prior(events: Events, eta: Segments, to: Segments, position: Array, gradient: Array, room: Array) -> float:
    """Log density of the coordinates of the tolls; carries `to.log_toll` on to them, with its own gradient."""
    location, scale, degrees, constant = events.prior
    value, incidents = 0.0, events.at.size
    to_toll, tolls = room[:incidents], room[incidents : 2 * incidents]
    to_toll[:] = 0.0
    for i in range(events.incident.size):
        to_toll[events.incident[i]] += to.log_toll[i]
        tolls[events.incident[i]] = eta.log_toll[i]
    for e in range(incidents):
        y, stream = position[events.at[e]], events.stream[e]
        fall = 1.0 / (1.0 + exp(y))
        z = (tolls[e] - location) / scale
        slope = events.span[e] + events.bend[e] * fall
        value += constant + log(slope)
        value -= 0.5 * (degrees + 1.0) * log1p(z * z / degrees)
        to_toll[e] -= (degrees + 1.0) * z / (degrees + z * z) / scale
        gradient[events.at[e]] += to_toll[e] * slope - events.bend[e] * fall * (1.0 - fall) / slope
        if stream >= 0:
            to.incident_rate[stream] -= to_toll[e]
    return value
