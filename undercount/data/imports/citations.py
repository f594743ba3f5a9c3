"""Which records were taken from another source: those that cite it, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.data.imports.drafting import identifier
from undercount.data.imports.pools import one_pool, places_of, pool_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from undercount.data.schema import Source


def derived_from(records: pa.Table, sources: Sequence[Source]) -> pa.DictionaryArray:
    """Name the source that each record was taken from.

    Parameters
    ----------
    records : pyarrow.Table
        With `source` and `cites`.
    sources : sequence of Source
        Of the case.

    Returns
    -------
    pyarrow.DictionaryArray, a text for each record
        ``""`` where a record cites nobody of the case, several sources, or itself: it may add something of its own.
    """
    known = {identifier(name): one.source for one in sources for name in (one.source, one.name)}

    def origin(cites: str, source: str) -> str:
        cited = [known.get(identifier(part), "") for part in cites.split(";") if part.strip()]
        return cited[0] if len(set(cited)) == 1 and cited[0] != source else ""

    cites, source = one_pool(records["cites"]), one_pool(records["source"])
    both, pair = np.unique(places_of(cites) * len(source.dictionary) + places_of(source), return_inverse=True)
    texts, names = (*cites.dictionary.to_pylist(), ""), source.dictionary.to_pylist()
    origins = [origin(texts[place // len(names)], names[place % len(names)]) for place in both.tolist()]
    return pool_of(origins, pair)
