"""Fusion of reported counts: the joint model of the toll and of what each source saw of it.

Intensity (expected deaths per day) of stratum c = (actor, area, kind) on day t:

    log λ[t, c] = log(people[t, area] / 10,000) + log rate[kind] + area effect + log share[c]
                  + f_shared(t) + f_c(t)

Shares of the actors add up to one in each area and kind; an area without known population has a daily toll
in place of the rate (`models.levels`). f are random walks on their leading cosines (`models.basis`). A named incident
e adds a point mass D_e, log D_e Student t, shared by the actors that may have caused it.

A stream s, which is what a source reports of one victim class and quantity, with reporting rates
ρ[s, actor] (`models.rates`) documents of disjoint pieces of deaths
independent counts

    Z_s(piece) ~ NB1(mean = Σ ρ[s, actor] · deaths(piece), variance = (1 + θ_s) · mean),

for a recorder with a lag of the deaths that were documented by a publication, or between two (`models.lags`),
and a report says that the sum over its pieces lies in an interval (`models.bounds`). Exact terms
(`models.pieces`) enter as NB1 interval probabilities. A block that leaves pieces undetermined enters
through

    y ~ Normal(A μ, A diag((1 + θ) μ) Aᵀ + ¼),

and one that contradicts itself, or for which several people speak, as a running tally of the same mean
and covariance that each report observes with an error (`models.misread`). Contested attributions are mixed over their
readings, block by block. The toll itself is N ~ Poisson(Σ λ + Σ D). Where lists of some recorders were matched, the
expected toll Λ of their scope has the factor E[L(N) | Λ], what their overlap says beside their sizes (`models.joint`).

Sources: reporting as a random measure follows the thinning view of Radford et al. 2023 (PNAS 120,
e2307372120); the NB1 law, Cameron and Trivedi 2013, section 3.3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from undercount.models.courses import course_log_density
from undercount.models.data import model_data, with_data
from undercount.models.intensity import evaluate, incident_log_density
from undercount.models.interval_op import log_interval
from undercount.models.levels import level_log_densities
from undercount.models.parameters import Parameter, parameters
from undercount.models.running_density import running_log_density
from undercount.models.tally import tally_log_density

if TYPE_CHECKING:
    from undercount.models.design import Design
    from undercount.models.intensity import State


def build_model(design: Design) -> pm.Model:
    """State the model of a design as a PyMC graph.

    What `model_data` gives can be replaced without compiling again.

    Parameters
    ----------
    design : Design

    Returns
    -------
    pymc.Model
        Free variables as in `models.parameters`.
    """
    terms = design.terms
    with pm.Model() as model:
        values = {parameter.name: _variable(parameter) for parameter in parameters(design)}
        data = {name: pm.Data(name, value) for name, value in model_data(design).items()}
        design = with_data(design, data)
        state = evaluate(pt, design, values)
        mean = state.mean
        theta = pt.exp(values["log_dispersion"])[terms.pieces.stream]
        reading: Any = pt.zeros(terms.reading_block.size)
        if terms.low.size:
            exact = log_interval(data["low"], data["high"], mean[: terms.low.size], theta[: terms.low.size])
            reading = pt.inc_subtensor(reading[terms.term_reading], exact)
        for term in terms.gaussian:
            read = running_log_density if term.is_revised else tally_log_density
            density = read(design, term, mean, theta, values)
            reading = pt.inc_subtensor(reading[term.reading], density)
        weighted = data["stream_is_used"][terms.reading_stream] * reading + terms.reading_log_probability
        inside, outside = _own_density(design, state)
        pm.Potential("reports", pt.sum(_mixed(design, weighted + inside)) + outside)
        pm.Potential("levels", pt.as_tensor(sum(level_log_densities(pt, design, values).values())))
        pm.Potential("courses", pt.as_tensor(course_log_density(pt, design, values)))
        pm.Potential("incidents", pt.as_tensor(incident_log_density(pt, design, values)))
        if design.overlap.count:
            tolls = design.overlap.tolls(pt, state.deaths, state.events)
            pm.Potential("lists", pt.sum(design.overlap.log_density(pt, tolls)))
    return model


def _variable(parameter: Parameter) -> Any:
    if parameter.is_flat:
        return pm.Flat(parameter.name, shape=parameter.shape, initval=np.zeros(parameter.shape))
    # As arrays: PyTensor keeps a plain number that fits in less than 64 bits in less.
    location, scale, degrees = (np.array(x) for x in (parameter.location, parameter.scale, parameter.degrees))
    if np.isinf(degrees):
        return pm.Normal(parameter.name, location, scale, shape=parameter.shape)
    return pm.StudentT(parameter.name, degrees, location, sigma=scale, shape=parameter.shape)


def _own_density(design: Design, state: State) -> tuple[Any, Any]:
    """Log prior density of the own deviations: part of the mixture over readings, and outside it.

    The deviation that an anchored count implies depends on the reading where a stream is read as one
    block; its prior is then part of the mixture. The log slope of the count's map is its Jacobian.
    """
    terms = design.terms
    density = design.rates.own_log_density(pt, state.own, terms.reading_stream) + state.log_slope
    inside, outside = terms.density_place
    return inside * density, pt.sum(outside * density)


def _mixed(design: Design, reading: Any) -> Any:
    """Log likelihood of each block, marginal over its readings."""
    terms = design.terms
    count = terms.block_stream.size
    if terms.reading_block.size == count:
        return reading
    widest = int(np.bincount(terms.reading_block).max())
    place = np.full((count, widest), terms.reading_block.size)
    for b in range(count):
        own = np.flatnonzero(terms.reading_block == b)
        place[b, : own.size] = own
    padded = pt.concatenate([reading, np.array([-1e30])])
    return pt.logsumexp(padded[place], axis=1)
