"""Which records somebody asks for: by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    from undercount.data.imports.incidents import Incidents


def chosen(incidents: Incidents, since: date | None = None, until: date | None = None) -> Incidents:
    """Keep the records whose days lie between two days, both included; all others are dropped by that reason."""
    if since is not None:
        start = incidents.records["start"].to_numpy()
        incidents = incidents.only(start >= np.datetime64(since), f"not asked for: it may lie before {since}")
    if until is not None:
        end = incidents.records["end"].to_numpy()
        incidents = incidents.only(end <= np.datetime64(until), f"not asked for: it may lie after {until}")
    return incidents
