"""The NB1 interval probability as a PyTensor operation, compiled by numba with its gradient."""

from __future__ import annotations

from typing import Any, override

import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from undercount.compiled import sources_digest
from undercount.models.negative_binomial import log_intervals


class LogInterval(Op):
    """Log probability, and derivatives by mean and overdispersion, of vectors of intervals."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Four float vectors in (low, high, mu, theta), three out."""
        vectors = [pt.as_tensor_variable(value, dtype="float64") for value in inputs]
        if len(vectors) != 4 or any(vector.ndim != 1 for vector in vectors):
            raise TypeError("LogInterval takes four vectors: low, high, mu, theta")
        return Apply(self, vectors, [pt.dvector() for _ in range(3)])

    @override
    def perform(self, node: Apply[Any], inputs: Any, output_storage: Any) -> None:
        """Evaluate without compiling the graph."""
        for storage, value in zip(output_storage, log_intervals(*inputs), strict=True):
            storage[0] = value

    @override
    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Chain rule from the outputs already computed; the bounds are data."""
        low, high, _, _ = inputs
        weight = cotangents[0]
        return [pt.zeros_like(low), pt.zeros_like(high), weight * outputs[1], weight * outputs[2]]


@register_funcify_default_op_cache_key(LogInterval)  # type: ignore[untyped-decorator]
def _compile(_op: LogInterval, **_settings: Any) -> Any:
    @numba_njit
    def log_interval_vectors(low: Any, high: Any, mu: Any, theta: Any) -> Any:
        return log_intervals(low, high, mu, theta)

    return log_interval_vectors, int(sources_digest(with_overlap=False)[:12], 16)


def log_interval(low: Any, high: Any, mu: Any, theta: Any) -> Any:
    """Log probability of each interval, as a PyTensor vector.

    Parameters
    ----------
    low, high, mu, theta : tensor_like
        Vectors of equal length; `numpy.inf` in `high` leaves an interval open.
    """
    values: Any = LogInterval()(low, high, mu, theta)
    return values[0]
