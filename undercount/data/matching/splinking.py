"""Expectation maximisation by splink: the pairs are linked with themselves, and what it compares are their facts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.matching.engine import database, needed, quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from undercount.data.matching.comparisons import Comparison, Level

_ROUNDS: Final = (50, 10, 3)
"""Most rounds; fewer where a share becomes too small for splink, as of pairs that are all clearly true or false."""
_STILL: Final = 1e-4


def learnt(
    facts: pa.Table, share: float, comparisons: Sequence[Comparison], *, knows_false: bool
) -> tuple[float, tuple[Comparison, ...]] | None:
    """Learn the share of true pairs, and the shares of the levels.

    Parameters
    ----------
    facts : pyarrow.Table
        (pairs,) rows.
    share : float
        Of true pairs, to start from.
    comparisons : sequence of Comparison
        To start from.
    knows_false : bool
        Whether the shares of false pairs stay.

    Returns
    -------
    tuple of float and comparisons, or None
        None where splink fails. What it says is not handed on: it repeats the query.
    """
    needed("splink")
    for rounds in _ROUNDS:
        with database() as connection, quiet():
            model = _trained(_linker(connection, facts, share, comparisons, rounds), knows_false)
        if model is not None:
            return _share(model), tuple(_of_model(one, model) for one in comparisons)
    return None


def _trained(linker: Any, knows_false: bool) -> dict[str, Any] | None:
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            needed("splink").block_on("pair"),
            estimate_without_term_frequencies=True,
            fix_u_probabilities=knows_false,
            populate_probability_two_random_records_match_from_trained_values=True,
        )
        model: dict[str, Any] = linker.misc.save_model_to_json()
    except (ValueError, ZeroDivisionError, needed("splink.internals.exceptions").SplinkException):
        return None
    return model if np.isfinite(_share(model)) else None


def _share(model: dict[str, Any]) -> float:
    return float(model["probability_two_random_records_match"])


def _of_model(comparison: Comparison, model: dict[str, Any]) -> Comparison:
    (found,) = (one for one in model["comparisons"] if one["output_column_name"] == comparison.name)
    levels = [one for one in found["comparison_levels"] if not one.get("is_null_level")]
    told = (
        replace(level, true=_number(one, "m"), false=_number(one, "u"))
        for level, one in zip(comparison.levels, levels, strict=True)
    )
    return replace(comparison, levels=tuple(told))


def _number(level: dict[str, Any], name: str) -> float:
    """A share; 0 of a level that no pair reached."""
    value = level.get(f"{name}_probability")
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else 0.0


def _linker(connection: Any, facts: pa.Table, share: float, comparisons: Sequence[Comparison], rounds: int = 1) -> Any:
    splink = needed("splink")
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(one, facts.column_names) for one in comparisons],
        blocking_rules_to_generate_predictions=[splink.block_on("pair")],
        unique_id_column_name="pair",
        retain_matching_columns=False,
        probability_two_random_records_match=share,
        em_convergence=_STILL,
        max_iterations=rounds,
        linker_uid="undercount",
    )
    table = numbered(facts)
    backend = splink.DuckDBAPI(connection)
    sides = [backend.register(table, table_name=name) for name in ("one", "other")]
    return splink.Linker(sides, settings, log_level=None)


def numbered(facts: pa.Table) -> pa.Table:
    """The facts with the number of each pair, `pair`."""
    import pyarrow as pa

    return facts.append_column("pair", pa.array(np.arange(facts.num_rows)))


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


def predicted(facts: pa.Table, share: float, comparisons: Sequence[Comparison]) -> pa.Table:
    """What splink itself says of the pairs: `pair_l`, `match_weight` and `match_probability`."""
    with database() as connection, quiet():
        linker = _linker(connection, facts, share, comparisons)
        return linker.inference.predict(warning_mode="never").as_pyarrow_table()
