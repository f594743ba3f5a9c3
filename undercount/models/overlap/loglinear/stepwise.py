"""Forward selection by p-values (Chan, Silverman and Vincent 2021, J. Am. Stat. Assoc. 116, 1297, section 3.2).

Start from independent lists. The candidates are the terms of at most so many lists (two in the paper) that are not in
the model and all of whose subsets are. For each, the victims on all its lists, whatever else they are on, are a Poisson
count whose mean is their expected number under the present model; its p-value is the smaller of the two tails, the
count itself in both. A candidate counts only if the model with it has finite estimates of all parameters but those of
zero margins. The candidate of the smallest p-value is taken into the model if that is below the threshold (0.02 in the
paper), and so on until none is. P-values are compared by their logarithms, which do not underflow.
"""

from __future__ import annotations

from math import exp, inf, lgamma, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.compiled import compiled, compiled_with
from undercount.models.overlap.loglinear.existence import Existence, find_part
from undercount.models.overlap.loglinear.fits import fit_part
from undercount.models.overlap.loglinear.hierarchy import main_effects, members
from undercount.models.overlap.loglinear.newton import DONE, Work, make_work, measure
from undercount.models.overlap.loglinear.tables import Table, Vector, Whole, list_members, sum_supersets, tabulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXTENDED, _PARTIAL = int(Existence.EXTENDED), int(Existence.PARTIAL)

NEGLIGIBLE = 1e-17


@compiled
def log_p_value(count: float, mean: float) -> float:
    """Logarithm of the smaller tail of a Poisson count, itself included."""
    if not mean > 0.0:
        return 0.0 if count == 0.0 else -inf
    log_mass = count * log(mean) - mean - lgamma(count + 1.0)
    series = term = 1.0
    k = count
    while term > NEGLIGIBLE * series:
        if count < mean:
            term *= k / mean
            k -= 1.0
        else:
            k += 1.0
            term *= mean / k
        series += term
    tail = log_mass + log(series)
    return min(tail, log(max(1.0 - exp(tail), 0.0) + exp(log_mass)))


class Steps(NamedTuple):
    """What a forward selection may do."""

    start: int
    """The model of independent lists."""
    terms: Whole
    """Candidates."""
    facets: Whole
    """For each candidate the set of its subsets of one list less."""
    threshold: float


def make_steps(lists: int, highest: int, threshold: float) -> Steps:
    """Candidates of at most `highest` lists, those of fewest lists first."""
    terms = sorted(range(1, 2**lists), key=lambda term: (term.bit_count(), members(term)))
    wanted = [term for term in terms if 1 < term.bit_count() <= highest]
    facets = [sum(1 << (term ^ 1 << j) for j in members(term)) for term in wanted]
    return Steps(main_effects(lists), np.array(wanted), np.array(facets), threshold)


@compiled
def find_step(table: Table, model: int, steps: Steps, above: Whole, work: Work) -> int:
    """The term to take into a model whose expected counts are in `work.expected`; 0 if there is none."""
    sums = work.sums
    sums[:] = work.expected
    sum_supersets(sums)
    best, least = 0, log(steps.threshold) if steps.threshold > 0.0 else -inf
    for k in range(steps.terms.size):
        term = steps.terms[k]
        if model >> term & 1 or model & steps.facets[k] != steps.facets[k]:
            continue
        value = log_p_value(table.margins[term], sums[term])
        if value < least and find_part(table.support, model | 1 << term, above).existence <= _EXTENDED:
            best, least = term, value
    return best


@compiled_with(inline="always")
def climb(table: Table, steps: Steps, above: Whole, work: Work) -> tuple[int, float]:
    """The model selected for one table, and its number of victims; inf if it has no estimate."""
    model, term, toll = steps.start, 0, inf
    while True:
        part = find_part(table.support, model, above)
        state, _ = fit_part(table, part, inf, work)
        is_estimate = state == DONE and part.existence <= _PARTIAL
        toll = table.victims + exp(work.eta[0]) if is_estimate else inf
        measure(table, list_members(part.cells, work.cells), work)
        term = find_step(table, model, steps, above, work)
        if term == 0:
            return model, toll
        model |= 1 << term


@compiled
def climb_each(counts: NDArray[np.int64], steps: Steps, above: Whole) -> tuple[Whole, Vector]:
    """`climb` for each table, shape (R, 2ᴷ)."""
    size = counts.shape[0]
    models, tolls = np.zeros(size, dtype=np.int64), np.zeros(size)
    work = make_work(counts.shape[1])
    for r in range(size):
        models[r], tolls[r] = climb(tabulate(counts[r].astype(np.float64)), steps, above, work)
    return models, tolls
