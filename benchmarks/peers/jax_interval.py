"""The NB1 interval probability for JAX: the package's compiled function, called back from the JAX program.

JAX has no derivative of the incomplete beta function by its shape parameters, and the model's interval probability
needs one in both. So numpyro gets value and derivatives from the same compiled code as the other contenders; the
call back costs it some microseconds for each gradient, which the table says.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from undercount.models.interval_op import LogInterval
from undercount.models.negative_binomial import log_intervals


def register() -> None:
    """Teach PyTensor's JAX backend the operation."""
    import jax
    import jax.numpy as jnp
    from pytensor.link.jax.dispatch import jax_funcify

    def called(*inputs: Any) -> tuple[Any, ...]:
        rows = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in inputs))
        flat = log_intervals(*(np.ascontiguousarray(part).ravel() for part in rows))
        return tuple(part.reshape(rows[0].shape) for part in flat)

    def outputs(*inputs: Any) -> tuple[Any, ...]:
        low, high, mu, theta = jnp.broadcast_arrays(*inputs)
        like = jax.ShapeDtypeStruct(mu.shape, jnp.float64)
        found: tuple[Any, ...] = jax.pure_callback(
            called, (like, like, like), low, high, mu, theta, vmap_method="broadcast_all"
        )
        return found

    log_interval: Any = jax.custom_vjp(outputs)

    def forward(low: Any, high: Any, mu: Any, theta: Any) -> Any:
        value, by_mu, by_theta = outputs(low, high, mu, theta)
        return (value, by_mu, by_theta), (by_mu, by_theta)

    def backward(kept: Any, cotangents: Any) -> Any:
        by_mu, by_theta = kept
        weight = cotangents[0]
        return jnp.zeros_like(by_mu), jnp.zeros_like(by_mu), weight * by_mu, weight * by_theta

    log_interval.defvjp(forward, backward)

    @jax_funcify.register(LogInterval)
    def _(_op: LogInterval, **_settings: Any) -> Any:
        return log_interval
