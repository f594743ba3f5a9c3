"""Lists in a notebook: one small table, every text of it escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.lists.collection import Lists
    from undercount.data.lists.table import Table


def observed(lists: Lists) -> int:
    """How many victims are on any list, in the first replicate."""
    return sum(table.observed for table in _first(lists))


def extent(lists: Lists) -> str:
    """Say how many victims, lists, strata and replicates there are."""
    parts = [f"{observed(lists):,} victims", f"{len(lists.names)} lists"]
    parts += [f"{len(lists.strata):,} strata"] * (len(lists.strata) > 1)
    parts += [f"{lists.replicates} replicates"] * (lists.replicates > 1)
    return ", ".join(parts)


def summary(lists: Lists) -> str:
    """Summarise lists as HTML.

    Parameters
    ----------
    lists : Lists

    Returns
    -------
    str
        A `div`; nothing in it can be a tag that the lists brought along.
    """
    sizes = dict.fromkeys(lists.names, 0)
    for table in _first(lists):
        for name, size in zip(table.names, table.list_sizes.tolist(), strict=True):
            sizes[name] += size
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{size:,}</td></tr>" for name, size in sizes.items())
    caveats = "".join(f"<li>{escape(caveat)}</li>" for caveat in lists.caveats)
    return (
        f"<div><strong>{escape(lists.name)}</strong>: {extent(lists)}<br>{escape(lists.source)}"
        "<table><thead><tr><th>list</th><th>victims</th></tr></thead>"
        f"<tbody>{rows}</tbody></table><ul>{caveats}</ul><small>sha256 {lists.sha256}</small></div>"
    )


def _first(lists: Lists) -> Iterator[Table]:
    return (table for table in lists.tables if table.replicate == 0)
