"""Which records were taken from another source: those that cite it, and nobody else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.imports.drafting import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.schema import Source


def derived_from(records: pa.Table, sources: Sequence[Source]) -> NDArray[Any]:
    """Name the source that each record was taken from.

    Parameters
    ----------
    records : pyarrow.Table
        With `source` and `cites`.
    sources : sequence of Source
        Of the case.

    Returns
    -------
    ndarray of str, shape (records,)
        ``""`` where a record cites nobody of the case, several sources, or itself: it may add something of its own.
    """
    known = {identifier(name): one.source for one in sources for name in (one.source, one.name)}

    @cache
    def origin(cites: str, source: str) -> str:
        cited = [known.get(identifier(part), "") for part in cites.split(";") if part.strip()]
        return cited[0] if len(set(cited)) == 1 and cited[0] != source else ""

    pairs = zip(records["cites"].to_pylist(), records["source"].to_pylist(), strict=True)
    return np.array([origin(cites or "", source) for cites, source in pairs], dtype=object)
