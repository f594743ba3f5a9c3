"""How likely each pair is the same, by splink: a mixture of true and false pairs, trained on the pairs themselves.

Only facts about pairs come here (days, kilometres, likeness), never what was compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.matching.comparisons import Comparison, Level
from undercount.data.matching.engine import database, needed, quiet
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    type Probabilities = NDArray[np.float64]

LEAST_PAIRS: Final = 500
LEAST_TRUE: Final = 30
"""With fewer expected true pairs the documented shares stand."""
MOST_SHARE: Final = 0.9
"""Where more of the candidates would be true, training has taken false pairs for true ones."""
START: Final = 0.1
WEIGHT: Final = 10.0
"""The documented shares count as so many pairs besides those of the data: no level is impossible."""
_ROUNDS: Final = 200
_STILL: Final = 1e-6


@dataclass(frozen=True)
class Parameters:
    """The model of pairs.

    Parameters
    ----------
    share : float
        Share of the candidates that are true.
    comparisons : tuple of Comparison
        With the shares of each level.
    basis : str
        "trained" or "documented".
    """

    share: float
    comparisons: tuple[Comparison, ...]
    basis: str


def trained(facts: pa.Table, comparisons: Sequence[Comparison]) -> Parameters:
    """Learn the shares of the levels from the candidates, by expectation maximisation.

    Parameters
    ----------
    facts : pyarrow.Table
        One row for each candidate pair, with the columns that the rules name.
    comparisons : sequence of Comparison

    Returns
    -------
    Parameters
        The documented shares, with a share of true pairs learnt from these, where there are fewer than `LEAST_PAIRS`
        candidates or `LEAST_TRUE` true ones, or where a learnt model would hold that likeness is a sign against a match.
    """
    start = Parameters(START, tuple(comparisons), "documented")
    if facts.num_rows >= LEAST_PAIRS:
        found = _learnt(facts, start)
        if found is not None and _is_sound(found, facts.num_rows):
            return _shrunk(found, start, facts.num_rows)
    return replace(start, share=_share(scored(facts, start))) if facts.num_rows else start


def scored(facts: pa.Table, parameters: Parameters) -> Probabilities:
    """Give the probability that each pair is the same.

    Parameters
    ----------
    facts : pyarrow.Table
        (pairs,) rows.
    parameters : Parameters

    Returns
    -------
    ndarray, shape (pairs,)
    """
    if not facts.num_rows:
        return np.zeros(0)
    with database() as connection, quiet():
        found = _told(lambda: _predicted(connection, facts, parameters))
    order = np.argsort(found["pair_l"].to_numpy(), kind="stable")
    # Of a weight, which does not round to 1 as a probability does.
    weights = np.clip(found["match_weight"].to_numpy()[order], -300.0, 300.0)
    return np.asarray(1 / (1 + np.exp2(-weights)))


def _predicted(connection: Any, facts: pa.Table, parameters: Parameters) -> pa.Table:
    linker = _linker(connection, facts, parameters)
    return linker.inference.predict(warning_mode="never").as_pyarrow_table()


def _learnt(facts: pa.Table, start: Parameters) -> Parameters | None:
    splink = needed("splink")
    with database() as connection, quiet():
        linker = _linker(connection, facts, start)
        _told(lambda: linker.training.estimate_parameters_using_expectation_maximisation(
            splink.block_on("pair"), estimate_without_term_frequencies=True, fix_u_probabilities=False,
            populate_probability_two_random_records_match_from_trained_values=True,
        ))  # fmt: skip
        model = linker.misc.save_model_to_json()
    kept = {one["output_column_name"]: one["comparison_levels"] for one in model["comparisons"]}
    comparisons = []
    for comparison in start.comparisons:
        levels = [one for one in kept[comparison.name] if not one.get("is_null_level")]
        shares = [(level, _number(one, "m", 0.0), _number(one, "u", 0.0)) for level, one in zip(comparison.levels, levels, strict=True)]
        comparisons.append(replace(comparison, levels=tuple(replace(level, true=m, false=u) for level, m, u in shares)))
    share = float(model["probability_two_random_records_match"])
    return Parameters(share, tuple(comparisons), "trained") if np.isfinite(share) else None


def _number(level: dict[str, Any], name: str, otherwise: float) -> float:
    value = level.get(f"{name}_probability")
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else otherwise


def _is_sound(found: Parameters, pairs: int) -> bool:
    """Whether there are true pairs to learn from, and the first level of every likeness speaks for a match."""
    likeness = [one.levels[0] for one in found.comparisons if one.is_likeness]
    return (
        found.share * pairs >= LEAST_TRUE
        and found.share <= MOST_SHARE
        and all(level.true >= level.false for level in likeness)
    )


def _shrunk(found: Parameters, start: Parameters, pairs: int) -> Parameters:
    """Add the documented shares as a few pairs more."""
    true, false = found.share * pairs, (1 - found.share) * pairs

    def mixed(learnt: float, documented: float, weight: float) -> float:
        return (weight * learnt + WEIGHT * documented) / (weight + WEIGHT)

    def level(one: Level, other: Level) -> Level:
        return replace(other, true=mixed(one.true, other.true, true), false=mixed(one.false, other.false, false))

    comparisons = tuple(
        replace(other, levels=tuple(map(level, one.levels, other.levels)))
        for one, other in zip(found.comparisons, start.comparisons, strict=True)
    )
    return replace(found, comparisons=comparisons)


def _share(probabilities: Probabilities) -> float:
    """The share of true pairs at which their probabilities add up to it; one of ten pairs is true besides."""
    odds = probabilities / (1 - probabilities) * (1 - START) / START
    share = START
    for _ in range(_ROUNDS):
        chances = share * odds / (1 - share + share * odds)
        share = float((chances.sum() + WEIGHT * START) / (chances.size + WEIGHT))
    return share


def _linker(connection: Any, facts: pa.Table, parameters: Parameters) -> Any:
    """The pairs, linked with themselves: what splink compares are the facts of each."""
    splink = needed("splink")
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(one, facts.column_names) for one in parameters.comparisons],
        blocking_rules_to_generate_predictions=[splink.block_on("pair")],
        unique_id_column_name="pair",
        retain_matching_columns=False,
        probability_two_random_records_match=parameters.share,
        em_convergence=_STILL,
        max_iterations=_ROUNDS,
        linker_uid="undercount",
    )
    table = facts.append_column("pair", _numbers(facts.num_rows))
    backend = splink.DuckDBAPI(connection)
    sides = [backend.register(table, table_name=name) for name in ("one", "other")]
    return splink.Linker(sides, settings, log_level=None)


def _numbers(count: int) -> pa.Array:
    import pyarrow as pa

    return pa.array(np.arange(count))


def _comparison(comparison: Comparison, facts: Sequence[str]) -> Any:
    library = needed("splink.comparison_level_library")
    side = re.compile(rf"\b({'|'.join(map(re.escape, facts))})\b")

    def level(one: Level) -> Any:
        made = library.CustomLevel(side.sub(r"\1_l", one.rule), one.name) if one.rule else library.ElseLevel()
        return made.configure(m_probability=one.true, u_probability=one.false)

    unknown = []
    if comparison.unknown:
        made = library.CustomLevel(side.sub(r"\1_l", comparison.unknown), "unknown")
        unknown = [made.configure(is_null_level=True)]
    return needed("splink.comparison_library").CustomComparison(
        output_column_name=comparison.name, comparison_levels=[*unknown, *map(level, comparison.levels)]
    )


def _told(work: Any) -> Any:
    """Do what splink may fail at, without its words: they repeat the query."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001
        kind = type(error).__name__
    raise EvidenceError(
        f"splink cannot score the pairs ({kind})",
        code="import-matching-failed",
        where="matching",
        hint="check the versions of splink and duckdb; narrow what is matched",
    )
