"""What of a design can be replaced once a model is compiled: counts, people, sources left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from undercount.models.design import Design


def model_data(design: Design, without: Collection[str] = ()) -> dict[str, NDArray[np.float64]]:
    """Values that a compiled model takes as data.

    Parameters
    ----------
    design : Design
    without : collection of str
        Sources whose reports are left out.

    Returns
    -------
    dict of str to ndarray
        `low` and `high` (ends of the exact terms), `stream_is_used` (0 leaves a stream out),
        `log_exposure`, and the map of the anchored counts.
    """
    is_used = np.array([stream.source not in without for stream in design.streams])
    anchors = design.anchors.released(np.flatnonzero(~is_used))
    return {
        "low": design.terms.low,
        "high": design.terms.high,
        "stream_is_used": is_used.astype(float),
        "log_exposure": design.log_exposure,
        "anchor_low": anchors.low,
        "anchor_width": anchors.width,
        "anchor_slope": anchors.slope,
        "anchor_is_open": anchors.is_open,
        "anchor_is_released": anchors.is_released,
    }


def with_data(design: Design, data: Mapping[str, Any]) -> Design:
    """Put the graph's data in place of the arrays of a design."""
    maps = {end: data[f"anchor_{end}"] for end in ("low", "width", "slope", "is_open", "is_released")}
    return replace(design, log_exposure=data["log_exposure"], anchors=replace(design.anchors, **maps))
