"""Which records of victims can be one person, and how alike they are: from here on without their names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.matching.engine import database, needed
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.persons import Persons

MOST_PAIRS: Final = 5_000_000
_HEAD: Final = 3
"""Letters of a word by which records are put together."""
_BLOCKS: Final = (
    "one.head = other.head AND one.tail = other.tail",
    "one.head = other.head AND one.day = other.day",
    "one.tail = other.tail AND one.day = other.day",
    "one.tail = other.tail AND one.age = other.age",
    "one.head = other.head AND one.age = other.age AND one.place = other.place",
)
"""Records that agree in any of these are candidates: the beginnings of the first and last words, and what else is."""
_JOIN: Final = (
    "SELECT one.person AS one, other.person AS other FROM people AS one JOIN people AS other ON {} "
    "WHERE one.person < other.person AND one.source <> other.source"
)
_FACTS: Final = f"""
    WITH pairs AS ({" UNION ".join(_JOIN.format(block) for block in _BLOCKS)} LIMIT {MOST_PAIRS + 1})
    SELECT pairs.one, pairs.other,
    jaro_winkler_similarity(a.name, b.name) AS jaro,
    levenshtein(a.name, b.name) AS letters,
    greatest(a.bearers, b.bearers) AS bearers,
    least(len(a.words), len(b.words)) >= 2
        AND len(list_intersect(a.words, b.words)) = least(len(a.words), len(b.words)) AS inside,
    abs(a.age - b.age) AS years,
    abs(a.day - b.day) AS days,
    CASE WHEN a.place <> '' AND b.place <> '' THEN jaro_winkler_similarity(a.place, b.place) END AS places,
    CASE WHEN a.sex <> '' AND b.sex <> '' THEN a.sex = b.sex END AS same_sex
    FROM pairs JOIN people AS a ON a.person = pairs.one JOIN people AS b ON b.person = pairs.other
    ORDER BY pairs.one, pairs.other
"""  # noqa: S608 - made of constants of this module alone


def resembling(persons: Persons) -> tuple[NDArray[np.int64], pa.Table]:
    """Pair the records that can be one person, and say how alike they are.

    Parameters
    ----------
    persons : Persons

    Returns
    -------
    ndarray of int64, shape (pairs, 2)
        Places of records, the first below the second, sorted.
    pyarrow.Table
        (pairs,) rows, for the rules of `comparisons.VICTIMS`.

    Raises
    ------
    EvidenceError
        If there are more than five million, or the database fails, whose own message is not shown.
    """
    found = _asked(persons)
    if found is None:
        raise EvidenceError(
            "the database cannot compare the records",
            code="import-matching-failed",
            where="matching",
            hint="check the version of duckdb, and the memory that is free",
        )
    if found.num_rows > MOST_PAIRS:
        raise EvidenceError(
            f"more than {MOST_PAIRS:,} pairs of records can be one person",
            code="import-too-many-pairs",
            where="matching",
            hint="link a part of the time or of the area at once",
        )
    pairs = np.stack([found[name].to_numpy() for name in ("one", "other")], axis=1).astype(np.int64)
    return pairs, found.drop_columns(["one", "other"])


def _asked(persons: Persons) -> pa.Table | None:
    """What the database says; None where it fails, with nothing of its error, which may repeat a value."""
    duckdb = needed("duckdb")
    with database() as connection:
        try:
            connection.register("people", _people(persons))
            return connection.sql(_FACTS).to_arrow_table()
        except duckdb.Error:
            return None


def _people(persons: Persons) -> pa.Table:
    import pyarrow as pa

    words = [name.split() for name in persons.names]
    bearers = Counter(zip(persons.source.tolist(), persons.names, strict=True))
    columns: dict[str, Any] = {
        "person": np.arange(len(words)),
        "source": persons.source,
        "name": list(persons.names),
        "words": words,
        "head": [one[0][:_HEAD] for one in words],
        "tail": [one[-1][:_HEAD] for one in words],
        "bearers": [bearers[one] for one in zip(persons.source.tolist(), persons.names, strict=True)],
        "sex": list(persons.sexes),
        "place": list(persons.places),
    }
    table = pa.table(columns)
    for name, values in (("age", persons.ages), ("day", persons.days)):
        table = table.append_column(name, pa.array(values, mask=np.isnan(values)))
    return table
