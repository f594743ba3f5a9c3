"""The fusion model's log density and gradient, compiled; `undercount.models.fusion` is its specification."""

from undercount.models.kernel.density import density
from undercount.models.kernel.packing import Packed, pack_design, values_at
from undercount.models.kernel.start import blocks, draw_start, led

__all__ = ["Packed", "blocks", "density", "draw_start", "led", "pack_design", "values_at"]
