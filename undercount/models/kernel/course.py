"""Deaths per day and deaths of named incidents, and the way back from their derivatives.

    log λ[t, c] = log exposure[t, area] + level[c] + log share[c] + e^s Σ z_k b_k(t) + e^u Σ v_kc b_k(t)

with few cosines k in the second sum. Of a shown stratum w_kc = e^s z_k + e^u v_kc is sampled in place of v_kc.

`to_total` holds what each difference of cumulated deaths contributes: its running sum over the days is
the derivative by the deaths of each day.
"""

from __future__ import annotations

from math import exp, log, pi
from typing import TYPE_CHECKING

import numpy as np

from undercount.compiled import compiled
from undercount.models.kernel.vector import add_curves, add_scaled, dot, exp_into, total

if TYPE_CHECKING:
    from undercount.models.kernel.layout import Array, Course, Events, Index, Segments, Work


LOG_ROOT = 0.5 * log(2.0 * pi)


@compiled
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


@compiled
def normalise_back(share: Array, group: Index, count: int, to_log_share: Array, to_weight: Array, room: Array) -> None:
    """Add the derivatives by the weights, given those by the log shares."""
    sums = room[:count]
    sums[:] = 0.0
    for i in range(share.size):
        sums[group[i]] += to_log_share[i]
    for i in range(share.size):
        to_weight[i] += to_log_share[i] - share[i] * sums[group[i]]


@compiled
def common_course(course: Course, position: Array, work: Work) -> None:
    """Write the common course to `work.common`, and behind it the part that shown strata have of it."""
    days, modes, own = course.size[0], course.size[2], course.size[3]
    work.common[:] = 0.0
    if modes:
        scale = exp(position[course.at[0]])
        whole, beyond = work.common[:days], work.common[days:]
        add_curves(beyond, scale, position[course.at[1] + own :], 1, course.shared[own * days :])
        whole[:] = beyond
        add_curves(whole, scale, position[course.at[1] :], 1, course.shared[: own * days])


@compiled
def deaths(course: Course, eta: Segments, position: Array, work: Work) -> None:
    """Write deaths, their cumulated sums, shares and each stratum's own course."""
    days, strata, modes = course.size[0], course.size[1], course.size[3]
    common_course(course, position, work)
    normalise(eta.share, course.group, strata, work.share, work.vector)
    scale = exp(position[course.at[2]]) if modes else 0.0
    for c in range(strata):
        curve = work.curve[c * days : (c + 1) * days]
        curve[:] = 0.0
        unit = course.unit[0] if course.is_shown[c] else scale
        common = work.common[days * course.is_shown[c] : days * (1 + course.is_shown[c])]
        add_curves(curve, unit, position[course.first[c] :], course.stride[c], course.own)
        constant = eta.level[c] + log(work.share[c])
        exposure = course.exposure[course.area[c] * days : (course.area[c] + 1) * days]
        x, out = work.vector[:days], work.deaths[c * days : (c + 1) * days]
        for t in range(days):
            x[t] = exposure[t] + constant + common[t] + curve[t]
        exp_into(x, work.vector[days : 2 * days], out)
        first = c * (days + 1)
        running = 0.0
        work.total[first] = 0.0
        for t in range(days):
            running += out[t]
            work.total[first + t + 1] = running


@compiled
def deaths_back(course: Course, to: Segments, position: Array, gradient: Array, work: Work) -> None:
    """Carry the derivatives in `work.to_total` on to the parameters and predictors."""
    days, strata, shared, modes = course.size[0], course.size[1], course.size[2], course.size[3]
    to_common = work.common  # its values are needed no more once their product with the derivative is known
    values = work.vector[: 2 * days]
    values[:] = to_common
    to_common[:] = 0.0
    to_constant = work.vector[2 * days : 2 * days + strata]
    scale = exp(position[course.at[2]]) if modes else 0.0
    for c in range(strata):
        first = c * (days + 1)
        out, curve = work.deaths[c * days : (c + 1) * days], work.curve[c * days : (c + 1) * days]
        running = 0.0
        for t in range(days):
            running += work.to_total[first + t]
            out[t] *= running
        add_scaled(to_common[days * course.is_shown[c] : days * (1 + course.is_shown[c])], 1.0, out)
        to_constant[c] = total(out)
        to.level[c] += to_constant[c]
        if modes:
            unit = course.unit[0] if course.is_shown[c] else scale
            gradient[course.at[2]] += 0.0 if course.is_shown[c] else dot(curve, out)
            for k in range(modes):
                along = dot(course.own[k * days : (k + 1) * days], out)
                gradient[course.first[c] + k * course.stride[c]] += unit * along
    normalise_back(work.share, course.group, strata, to_constant, to.share, work.vector[2 * days + strata :])
    if shared:
        gradient[course.at[0]] += dot(values, to_common)
        scale, whole, beyond = exp(position[course.at[0]]), to_common[:days], to_common[days:]
        for k in range(modes):
            gradient[course.at[1] + k] += scale * dot(course.shared[k * days : (k + 1) * days], whole)
        add_scaled(whole, 1.0, beyond)
        for k in range(modes, shared):
            gradient[course.at[1] + k] += scale * dot(course.shared[k * days : (k + 1) * days], whole)


@compiled
def course_prior(course: Course, position: Array, gradient: Array) -> float:
    """Log prior density of the courses of the shown strata, about the common one; adds its gradient."""
    strata, shared, modes = course.size[1], course.size[2], course.size[3]
    if not modes or not shared:
        return 0.0
    scale, common = exp(position[course.at[2]]), exp(position[course.at[0]])
    value = 0.0
    for c in range(strata):
        if not course.is_shown[c]:
            continue
        for k in range(modes):
            at = course.first[c] + k * course.stride[c]
            mean = common * position[course.at[1] + k]
            z = (course.unit[0] * position[at] - mean) / scale
            value -= 0.5 * z * z + log(scale / course.unit[0]) + LOG_ROOT
            gradient[at] -= z * course.unit[0] / scale
            gradient[course.at[1] + k] += z * common / scale
            gradient[course.at[0]] += z * mean / scale
            gradient[course.at[2]] += z * z - 1.0
    return value


@compiled
def incident_deaths(events: Events, eta: Segments, work: Work) -> None:
    """Write the expected deaths of each cell of the named incidents."""
    cells = eta.weight.size
    if events.is_shared[0]:
        normalise(eta.weight, events.incident, cells, work.dead, work.vector)
        for i in range(cells):
            work.dead[i] *= exp(eta.log_toll[i])
    else:
        for i in range(cells):
            work.dead[i] = exp(eta.log_toll[i] + eta.weight[i])


@compiled
def incident_back(events: Events, eta: Segments, to: Segments, work: Work) -> None:
    """Carry `work.to_dead` on to the weights and tolls of the incidents."""
    cells = eta.log_toll.size
    to_log_dead, share = work.vector[:cells], work.vector[cells : 2 * cells]
    for i in range(cells):
        to_log_dead[i] = work.to_dead[i] * work.dead[i]
        to.log_toll[i] += to_log_dead[i]
        share[i] = work.dead[i] * exp(-eta.log_toll[i])
    if events.is_shared[0]:
        normalise_back(share, events.incident, cells, to_log_dead, to.weight, work.vector[2 * cells :])
