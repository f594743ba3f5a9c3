"""Lists on their way out: as a frame, whole or with small counts suppressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from undercount.data.lists.collection import Lists

COLUMNS: Final = ("stratum", "replicate", "count")
"""Names that a list cannot have."""
SMALL: Final = 7
ROUNDED_TO: Final = 5


def frame(lists: Lists) -> pd.DataFrame:
    """Give patterns and counts; see `Lists.to_frame`."""
    import pandas as pd

    strata: list[str] = []
    replicates: list[int] = []
    marks, counts = [], []
    places = {name: place for place, name in enumerate(lists.names)}
    for table in lists.tables:
        # A table without victims keeps one row, or it would be lost.
        cells = table.counts.nonzero()[0] if table.observed else np.array([1])
        here = np.zeros((len(cells), len(places)), dtype=np.int64)
        for place, name in enumerate(table.names):
            here[:, places[name]] = cells >> place & 1
        if not table.names:
            here[:, :1] = 1
        strata += [table.stratum] * len(cells)
        replicates += [table.replicate] * len(cells)
        marks.append(here)
        counts.append(table.counts[cells] if table.observed else np.zeros(1, dtype=np.int64))
    found = pd.DataFrame(np.concatenate(marks), columns=list(lists.names))
    if lists.replicates > 1:
        found.insert(0, "replicate", replicates)
    if lists.strata != ("",):
        found.insert(0, "stratum", pd.Series(strata, dtype="str"))
    found["count"] = np.concatenate(counts)
    return found


def disclosure_safe(lists: Lists) -> pd.DataFrame:
    """Give patterns and counts as they may be published: no count tells of a few persons.

    Parameters
    ----------
    lists : Lists

    Returns
    -------
    pandas.DataFrame
        As `Lists.to_frame`; counts of 1 to 7 are ``<NA>``, and the others are rounded to a multiple of 5. Publish no
        exact totals beside it: a suppressed count could be found by subtraction.
    """
    import pandas as pd

    found = frame(lists)
    counts = found["count"].to_numpy()
    rounded = (counts + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
    few = (counts > 0) & (counts <= SMALL)
    found["count"] = pd.array(np.where(few, 0, rounded), dtype="Int64")
    found.loc[few, "count"] = pd.NA
    return found
