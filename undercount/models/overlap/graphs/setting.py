"""What is averaged over, with which priors, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from undercount.errors import ModelError
from undercount.models.overlap.graphs.graph import Family, Graph, check_lists, decomposable_graphs, family_of
from undercount.models.overlap.graphs.likelihood import Table, table_of
from undercount.models.overlap.graphs.prior import TollPrior, prior_of
from undercount.models.overlap.pattern_counts import checked_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TABULATED = 1 << 22
"""Tolls of a prior that is given toll by toll."""


@dataclass(frozen=True)
class Averaging:
    """What is averaged over, and with which priors."""

    delta: float | None = None
    """Weight of the hyper-Dirichlet prior per cell of the full table; None is 2⁻ᴷ for K lists, one victim in all."""
    prior: TollPrior | str = "1/N"
    """On the toll: ``"1/N"``, ``"uniform"`` or any `TollPrior`."""
    graphs: tuple[Graph, ...] | None = None
    """None is every decomposable graph, without the complete one unless `saturated`."""
    saturated: bool = False
    """Whether to include the complete graph, under which the number missing is what the priors say it is."""
    largest: int | None = None
    """The largest toll of the grid; None goes as far as is needed."""
    most_missing: int | None = None
    """The same, said by the number of missing victims."""
    tail: float = 1e-6
    """Share of the posterior that may lie beyond a grid that goes as far as is needed."""
    names: tuple[str, ...] | None = None
    """Of the lists, for what errors say; None numbers them from 1."""


class Setting(NamedTuple):
    """An averaging of one table, checked."""

    averaging: Averaging
    """Its δ is a number."""
    table: Table
    graphs: tuple[Graph, ...]
    family: Family
    prior: TollPrior
    most: int | None
    """The most missing victims of the grid, if it was given or the prior ends there."""
    is_cut: bool
    """Whether the grid ends before the prior does."""


def setting_of(counts: NDArray[np.int64], averaging: Averaging) -> Setting:
    """Check a table and what is to be averaged over; the errors are those of `average`."""
    counts = checked_counts(counts, batch=False)
    lists = counts.size.bit_length() - 1
    check_lists(lists)
    delta = 2.0**-lists if averaging.delta is None else averaging.delta
    if not 0.0 < delta < np.inf:
        raise _refused(
            "model-bad-setting", f"the weight per cell must be positive, not {delta}", "delta", "1/2ᴷ is usual"
        )
    if not 0.0 < averaging.tail < 1.0:
        raise _refused("model-bad-setting", f"the share beyond the grid is {averaging.tail}", "tail", "write 1e-6, say")
    graphs = _graphs_of(lists, averaging)
    prior, observed = prior_of(averaging.prior), int(counts.sum())
    most, is_cut = _most_missing(observed, averaging, prior)
    if averaging.names is not None and len(averaging.names) != lists:
        message = f"{len(averaging.names)} names for {lists} lists"
        raise _refused("overlap-list-names", message, "names", "give one for each list, in their order")
    checked = replace(averaging, delta=delta)
    return Setting(checked, table_of(counts, delta), graphs, family_of(graphs), prior, most, is_cut)


def _graphs_of(lists: int, averaging: Averaging) -> tuple[Graph, ...]:
    if averaging.graphs is None:
        return decomposable_graphs(lists, saturated=averaging.saturated)
    others = sorted({graph.lists for graph in averaging.graphs} - {lists})
    if not averaging.graphs or others or len(set(averaging.graphs)) < len(averaging.graphs):
        raise _refused(
            "model-graph-unknown",
            f"the {len(averaging.graphs)} graphs given are not different graphs on {lists} lists",
            "graphs",
            "take them from decomposable_graphs or graph_of, each once",
        )
    return averaging.graphs


def _most_missing(observed: int, averaging: Averaging, prior: TollPrior) -> tuple[int | None, bool]:
    """The most missing victims of the grid, if it ends, and whether this cuts the prior off."""
    beyond = None if prior.last is None else prior.last - observed
    if beyond is not None and beyond >= MOST_TABULATED:
        message = f"the prior goes to {beyond} missing victims"
        raise _refused("model-graph-prior", message, "prior", f"end it below {MOST_TABULATED} of them")
    largest = None if averaging.largest is None else averaging.largest - observed
    ends = [end for end in (beyond, largest, averaging.most_missing) if end is not None]
    if not ends:
        return None, False
    most = min(ends)
    if most < 0:
        message = f"the largest toll, {observed + most}, is below the {observed} victims on the lists"
        raise _refused("model-graph-largest", message, "largest", "end the grid, or the prior, further out")
    return most, beyond is None or most < beyond


def too_heavy(setting: Setting, decay: NDArray[np.float64]) -> ModelError:
    """The error of a posterior that has no finite sum, or nearly so."""
    names = setting.averaging.names or tuple(str(j + 1) for j in range(setting.graphs[0].lists))
    heavy = [setting.graphs[g] for g in np.flatnonzero(decay <= decay.min())]
    which = ", ".join(graph.name(names) for graph in heavy[:3]) + (", ..." if len(heavy) > 3 else "")
    hint = "give a prior that falls faster, leave such graphs out, or end the grid with `largest`"
    tail = f"under {which} the probability of the toll falls only as N to the power of {-decay.min():.4g}"
    if decay.min() <= 1.0:
        return _refused("model-graph-improper", f"the posterior has no finite sum: {tail}", "prior", hint)
    message = f"more than {setting.averaging.tail:g} of the posterior lies beyond any toll that is possible: {tail}"
    return _refused("model-graph-nearly-improper", message, "prior", hint)


def impossible(setting: Setting) -> ModelError:
    """The error of a prior that is zero wherever the grid is."""
    message = f"the prior {setting.prior.name} is zero at every toll of the grid"
    return _refused("model-graph-prior", message, "prior", "let it reach the number of victims on the lists")


def _refused(code: str, message: str, where: str, hint: str) -> ModelError:
    return ModelError(message, code=code, where=where, hint=hint)
