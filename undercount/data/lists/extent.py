"""How much there is of lists, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.lists.collection import Lists
    from undercount.data.lists.table import Table


def first(lists: Lists) -> Iterator[Table]:
    """The tables of the first replicate."""
    return (table for table in lists.tables if table.replicate == 0)


def extent(lists: Lists) -> str:
    """Say how many victims, in the first replicate, lists, strata and replicates there are."""
    parts = [f"{sum(table.observed for table in first(lists)):,} victims", f"{len(lists.names)} lists"]
    parts += [f"{len(lists.strata):,} strata"] * (len(lists.strata) > 1)
    parts += [f"{lists.replicates} replicates"] * (lists.replicates > 1)
    return ", ".join(parts)
