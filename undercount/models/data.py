"""What of a design can be replaced once a model is compiled: counts, people, sources left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.models import anchors as anchored
from undercount.models import tolls
from undercount.models.joint.scopes import CURVE

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
        `log_exposure`, the maps of the anchored counts and of the tolls of incidents, and the curves of
        matched lists.
    """
    is_used = np.array([stream.source not in without for stream in design.streams])
    left_out = np.flatnonzero(~is_used)
    anchors, incidents = design.anchors.released(left_out), design.tolls.without(left_out)
    overlap = design.overlap.without(without)
    return {
        "low": design.terms.low,
        "high": design.terms.high,
        "stream_is_used": is_used.astype(float),
        "log_exposure": design.log_exposure,
        **{f"anchor_{end}": getattr(anchors, end) for end in anchored.MAP},
        **{f"toll_{end}": getattr(incidents, end) for end in tolls.MAP},
        **{f"overlap_{end}": getattr(overlap, end) for end in CURVE if overlap.count},
    }


def with_data(design: Design, data: Mapping[str, Any]) -> Design:
    """Put the graph's data in place of the arrays of a design."""
    anchors = replace(design.anchors, **{end: data[f"anchor_{end}"] for end in anchored.MAP})
    incidents = replace(design.tolls, **{end: data[f"toll_{end}"] for end in tolls.MAP})
    overlap = replace(design.overlap, **{end: data[f"overlap_{end}"] for end in CURVE if design.overlap.count})
    return replace(design, log_exposure=data["log_exposure"], anchors=anchors, tolls=incidents, overlap=overlap)
