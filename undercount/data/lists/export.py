"""Lists on their way out: as a frame, whole or with small counts suppressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.lists.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from undercount.data.lists.collection import Lists
    from undercount.data.lists.patterns import Counts

SMALL: Final = 7
ROUNDED_TO: Final = 5


def frame(tables: Sequence[Table]) -> pd.DataFrame:
    """Give patterns and counts; see `Lists.to_frame`."""
    import pandas as pd

    names = sorted({name for table in tables for name in table.names})
    cells = [_cells(table) for table in tables]
    found = pd.DataFrame(
        np.concatenate([_marks(table, here, names) for table, here in zip(tables, cells, strict=True)]), columns=names
    )
    rows = [len(here) for here in cells]
    if any(table.replicate for table in tables):
        found.insert(0, "replicate", np.repeat([table.replicate for table in tables], rows))
    if any(table.stratum for table in tables):
        strata = pd.Series([table.stratum for table in tables], dtype="str")
        found.insert(0, "stratum", strata.repeat(rows).reset_index(drop=True))
    found["count"] = np.concatenate([table.counts[here] for table, here in zip(tables, cells, strict=True)])
    return found


def _cells(table: Table) -> Counts:
    """Which patterns are written; a table without victims keeps one of count 0, or it would be lost."""
    cells = table.counts.nonzero()[0]
    return cells if len(cells) else np.arange(len(table.counts))[-1:]


def _marks(table: Table, cells: Counts, names: Sequence[str]) -> Counts:
    marks = np.zeros((len(cells), len(names)), dtype=np.int64)
    for place, name in enumerate(table.names):
        marks[:, names.index(name)] = cells >> place & 1
    if not table.names:
        marks[:, :1] = 1
    return marks


def is_small(count: float) -> bool:
    """Whether a count is of so few persons that it could tell who they are.

    Examples
    --------
    >>> is_small(0), is_small(7), is_small(8)
    (False, True, False)
    """
    return 0 < count <= SMALL


def safe_count(count: float) -> int | None:
    """Give a count as it may be published: to a multiple of 5, or None where it is of a few persons.

    Examples
    --------
    >>> safe_count(0), safe_count(4), safe_count(8), safe_count(4400)
    (0, None, 10, 4400)
    """
    return None if is_small(count) else int(count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def disclosure_safe(given: Lists | Table) -> pd.DataFrame:
    """Give patterns and counts as they may be published: no count tells of a few persons.

    Parameters
    ----------
    given : Lists or Table

    Returns
    -------
    pandas.DataFrame
        As `Lists.to_frame`; counts of 1 to 7 are ``<NA>``, and the others are rounded to a multiple of 5. Publish no
        exact totals beside it: a suppressed count could be found by subtraction.
    """
    import pandas as pd

    found = frame((given,) if isinstance(given, Table) else given.tables)
    counts = found["count"].to_numpy()
    rounded = (counts + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
    few = (counts > 0) & (counts <= SMALL)
    found["count"] = pd.array(np.where(few, 0, rounded), dtype="Int64")
    found.loc[few, "count"] = pd.NA
    return found
