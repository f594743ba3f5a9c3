"""The move of a chain between two trajectories: sticks are renewed, then classes exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undercount.compiled import borrowed, compiled_callback
from undercount.models.overlap.latent_class.density import SIGNATURE
from undercount.models.overlap.latent_class.exchange import exchange_classes
from undercount.models.overlap.latent_class.packing import unpack_work
from undercount.models.overlap.latent_class.renewal import renew_sticks

if TYPE_CHECKING:
    from undercount.models.overlap.latent_class.packing import Array, Index


@compiled_callback(SIGNATURE)
def move(position: Array, uniforms: Array, reals: Array, integers: Index, workspace: Array) -> float:
    """Change the position in place, for a compiled sampler; gives the number of changes."""
    position, uniforms, reals = borrowed(position), borrowed(uniforms), borrowed(reals)
    lists, classes = integers[0], integers[1]
    work = unpack_work(borrowed(workspace), lists, classes)
    pairs = classes * (classes - 1) // 2
    renewed = renew_sticks(position, uniforms[pairs:], reals, lists, work)
    return float(renewed + exchange_classes(position, uniforms[:pairs], reals, lists, work))
