"""How likely each pair is the same, by splink: a mixture of true and false pairs, trained on the pairs themselves.

Only facts about pairs come here (days, kilometres, likeness), never what was compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.engine import database
from undercount.data.matching.splinking import learnt, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.comparisons import Comparison, Level

    type Weights = NDArray[np.float64]

LEAST_PAIRS: Final = 200
LEAST_TRUE: Final = 30
"""With fewer expected true pairs the documented shares stand."""
MOST_SHARE: Final = 0.9
"""Where more of the candidates would be true, training has taken false pairs for true ones."""
CONTRARY: Final = 0.67
"""What all records have in common says nothing, and its two shares differ by chance; below this they do not."""
START: Final = 0.1
WEIGHT: Final = 10.0
"""The documented shares count as so many pairs besides those of the data: no level is impossible."""


@dataclass(frozen=True)
class PairModel:
    """The model of pairs.

    Parameters
    ----------
    share : float
        Share of the candidates that are true.
    comparisons : tuple of Comparison
        With the shares of each level.
    basis : str
        "trained"; "counted" where only the shares of false pairs were, and those of true pairs are documented; or
        "documented".
    knows_false : bool
        Whether the shares of false pairs were counted in pairs that are known to be false; else they are learnt too.
    """

    share: float
    comparisons: tuple[Comparison, ...]
    basis: str
    knows_false: bool = False


def trained(facts: pa.Table, comparisons: Sequence[Comparison], false: pa.Table | None = None) -> PairModel:
    """Learn the shares of the levels from the candidates, by expectation maximisation.

    Parameters
    ----------
    facts : pyarrow.Table
        One row for each candidate pair, with the columns that the rules name.
    comparisons : sequence of Comparison
    false : pyarrow.Table, optional
        The same of pairs that are known to be false, and otherwise like the false ones among the candidates. The
        shares of false pairs are then counted in these, else they are learnt as well.

    Returns
    -------
    PairModel
        The documented shares where there are fewer than `LEAST_PAIRS` candidates or `LEAST_TRUE` true ones, or where
        what was learnt would hold that likeness is a sign against a match.
    """
    start = PairModel(START, tuple(comparisons), "documented")
    if facts.num_rows < LEAST_PAIRS:
        return start
    if false is not None and false.num_rows >= LEAST_PAIRS:
        start = PairModel(START, tuple(_counted(one, false) for one in comparisons), "counted", knows_false=True)
    shares = learnt(facts, start.share, start.comparisons, knows_false=start.knows_false)
    found = shares and _shrunk(PairModel(*shares, "trained", start.knows_false), start, facts.num_rows)
    return found if found and is_sound(found, facts.num_rows) else start


def weights_of(levels: NDArray[np.int64], model: PairModel) -> Weights:
    """Log Bayes factor of each pair, shape (pairs,): how much likelier its levels are for a true pair than for a false.

    Parameters
    ----------
    levels : ndarray of int64, shape (pairs, comparisons)
        See `levels_of`.
    model : PairModel
    """
    found = np.zeros(len(levels))
    for place, comparison in enumerate(model.comparisons):
        # The last stands for what cannot be compared.
        bayes = [log(level.true / level.false) for level in comparison.levels]
        found += np.array([*bayes, 0.0])[levels[:, place]]
    return found


def levels_of(facts: pa.Table, comparisons: Sequence[Comparison]) -> NDArray[np.int64]:
    """Say which level each pair reaches.

    Returns
    -------
    ndarray of int64, shape (pairs, comparisons)
        Place of the level; -1 where nothing can be compared.
    """
    if not facts.num_rows:
        return np.zeros((0, len(comparisons)), dtype=np.int64)
    with database() as connection:
        connection.register("facts", numbered(facts))
        columns = ", ".join(f"{_case(one)} AS level_{place}" for place, one in enumerate(comparisons))
        query = f"SELECT {columns} FROM facts ORDER BY pair"  # noqa: S608 - made of our own comparisons alone
        found = connection.sql(query).to_arrow_table()
    return np.stack([column.to_numpy() for column in found.columns], axis=1).astype(np.int64)


def _case(comparison: Comparison) -> str:
    rules = [f"WHEN {level.rule} THEN {place}" for place, level in enumerate(comparison.levels) if level.rule]
    unknown = [f"WHEN {comparison.unknown} THEN -1"] if comparison.unknown else []
    return f"CASE {' '.join([*unknown, *rules])} ELSE {len(comparison.levels) - 1} END"


def with_shares(comparison: Comparison, counts: Sequence[float], which: str) -> Comparison:
    """Set the shares of true or of false pairs to counts, with the shares so far as a few pairs more."""
    total = sum(counts) + WEIGHT
    shares = [
        (count + WEIGHT * getattr(one, which)) / total for count, one in zip(counts, comparison.levels, strict=True)
    ]
    levels = (replace(one, **{which: share}) for one, share in zip(comparison.levels, shares, strict=True))
    return replace(comparison, levels=tuple(levels))


def _counted(comparison: Comparison, false: pa.Table) -> Comparison:
    """Count how many false pairs reach each level."""
    levels = levels_of(false, [comparison])[:, 0]
    counts = np.bincount(levels[levels >= 0], minlength=len(comparison.levels))
    return with_shares(comparison, counts.tolist(), "false")


def is_sound(found: PairModel, pairs: int) -> bool:
    """Whether there are true pairs to learn from, and the first level of no likeness speaks against a match."""
    likeness = [one.levels[0] for one in found.comparisons if one.is_likeness]
    return (
        found.share * pairs >= LEAST_TRUE
        and found.share <= MOST_SHARE
        and all(level.true >= CONTRARY * level.false for level in likeness)
    )


def _shrunk(found: PairModel, start: PairModel, pairs: int) -> PairModel:
    """Add the shares at the start as a few pairs more."""

    def counts(levels: Sequence[Level], which: str, weight: float) -> list[float]:
        return [getattr(level, which) * weight for level in levels]

    def mixed(one: Comparison, other: Comparison) -> Comparison:
        true = counts(one.levels, "true", found.share * pairs)
        false = counts(one.levels, "false", (1 - found.share) * pairs)
        return with_shares(with_shares(other, true, "true"), false, "false")

    return replace(found, comparisons=tuple(map(mixed, found.comparisons, start.comparisons)))
