"""A normal value between two bounds as a PyTensor operation, compiled by numba with its gradient."""

from __future__ import annotations

from typing import Any, override

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from undercount.compiled import sources_digest
from undercount.models.truncated import truncated_with_slopes


class Truncated(Op):
    """Log mass and value, then their five derivatives, of (lower bound, upper bound, score)."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """Three float scalars in, seven out."""
        scalars = [pt.as_tensor_variable(value, dtype="float64") for value in inputs]
        if len(scalars) != 3 or any(scalar.ndim for scalar in scalars):
            raise TypeError("Truncated takes three scalars: lower bound, upper bound, score")
        return Apply(self, scalars, [pt.dscalar() for _ in range(7)])

    @override
    def perform(self, node: Apply[Any], inputs: Any, output_storage: Any) -> None:
        """Evaluate without compiling the graph."""
        for storage, value in zip(output_storage, truncated_with_slopes(*map(float, inputs)), strict=True):
            storage[0] = np.array(value)

    @override
    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Chain rule from the outputs already computed; an infinite bound has no derivative."""
        to_mass, to_z = (
            0.0 if isinstance(to.type, DisconnectedType) else to for to in cotangents[:2]
        )  # nobody asks for the value of the last report
        _, _, mass_by_a, mass_by_b, z_by_a, z_by_b, z_by_u = outputs
        return [to_mass * mass_by_a + to_z * z_by_a, to_mass * mass_by_b + to_z * z_by_b, to_z * z_by_u]


@register_funcify_default_op_cache_key(Truncated)  # type: ignore[untyped-decorator]
def _compile(_op: Truncated, **_settings: Any) -> Any:
    @numba_njit
    def truncated_scalars(a: Any, b: Any, u: Any) -> Any:
        mass, z, mass_by_a, mass_by_b, z_by_a, z_by_b, z_by_u = truncated_with_slopes(a.item(), b.item(), u.item())
        return (
            np.asarray(mass),
            np.asarray(z),
            np.asarray(mass_by_a),
            np.asarray(mass_by_b),
            np.asarray(z_by_a),
            np.asarray(z_by_b),
            np.asarray(z_by_u),
        )

    return truncated_scalars, int(sources_digest(with_overlap=False)[:12], 16)


def truncated(a: Any, b: Any, u: Any) -> tuple[Any, Any]:
    """Log mass between two bounds, and the value that has the score there, as PyTensor scalars.

    Parameters
    ----------
    a, b, u : tensor_like
        Bounds of a standard normal value, `numpy.inf` if it has none above, and its score between them.
    """
    values: Any = Truncated()(a, b, u)
    return values[0], values[1]
