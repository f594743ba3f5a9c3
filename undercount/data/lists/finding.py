"""Lists by what a user names: themselves, a bundled name, or a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.data.lists.bundled import load_lists
from undercount.data.lists.collection import Lists
from undercount.data.lists.reading import read_lists
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_lists(
    source: Any,
    count: str | None = "count",
    stratum: str | None = None,
    replicate: str | None = None,
    lists: Sequence[str] | None = None,
) -> Lists:
    """Find lists, as the command line and batches mean them.

    Parameters
    ----------
    source : Lists, str or path
        A file, if it is there or holds a path separator or a suffix; otherwise a bundled name.
    count, stratum, replicate, lists
        Columns of a file, as for `Lists.from_frame`.

    Returns
    -------
    Lists

    Raises
    ------
    EvidenceError
        If there are none, or anything is wrong with them.

    Examples
    --------
    >>> find_lists("korea").names
    ('b', 'c', 'd')
    """
    if isinstance(source, Lists):
        return source
    if not isinstance(source, str | os.PathLike):
        raise EvidenceError(
            f"a {type(source).__name__} is no lists",
            code="lists-not-lists",
            where="lists",
            hint="give lists, the name of bundled ones, or the path of a csv or Parquet file",
        )
    path = Path(source)
    if path.is_file() or path.suffix or len(path.parts) > 1:
        return read_lists(path, count, stratum, replicate, lists)
    return load_lists(os.fspath(source))
