"""What share of the incidents, and of the dead in them, each source saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.estimators.quantity import CI_KIND, CI_PROB
from undercount.models.joint.incidents import draw_incidents

if TYPE_CHECKING:
    import pandas as pd

    from undercount.data.lists import MatchedIncidents

ANY: Final = "any"
COLUMNS: Final = ("of", "source", "seen", "share", "lower", "upper", "total", "total_lower", "total_upper",
                  "ci_prob", "ci_kind")  # fmt: skip


def incident_shares(matched: MatchedIncidents) -> pd.DataFrame:
    """Estimate what share of the incidents, and of the dead in them, each source saw.

    Parameters
    ----------
    matched : MatchedIncidents

    Returns
    -------
    pandas.DataFrame
        Rows by what the share is of (incidents, dead) and source, with ``any`` for all sources together. Columns
        `seen` (mean over the linkages), `share` (median, in [0, 1]) with its interval, `total`: how many there were,
        with its interval; `ci_prob` and `ci_kind`. The error of what sources say of sizes is not in them.

    Raises
    ------
    ModelError
        If no two sources saw the same incident.
    """
    import pandas as pd

    drawn = draw_incidents(matched)
    tables = matched.lists.tables
    replicates = np.array([table.replicate for table in tables])
    together = {
        "incidents": np.array([table.observed for table in tables], dtype=float),
        "dead": np.array([dead.sum() for dead in matched.dead]),
    }
    ends = [0.5, (1 - CI_PROB) / 2, (1 + CI_PROB) / 2]
    rows = []
    for of, total, by_source in (("incidents", drawn.incidents, drawn.seen), ("dead", drawn.toll, drawn.seen_dead)):
        seen = np.column_stack([by_source, np.bincount(replicates, weights=together[of])])
        for source, each in zip((*matched.names, ANY), seen.T, strict=True):
            share = np.quantile(each[:, None] / total, ends)
            figures = (float(each.mean()), *share.tolist(), *np.quantile(total, ends).tolist())
            rows.append(dict(zip(COLUMNS, (of, source, *figures, CI_PROB, CI_KIND), strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))
