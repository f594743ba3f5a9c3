"""The tables of an estimate from lists, filled; no count in them is of so few persons that it could name one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.lists.export import is_small, safe_count
from undercount.report.exports.layouts import INTERVAL, OF_DRAW, PASSED, PERSONS, Column, Layout, spread
from undercount.report.exports.tables import Filled, filled, gates_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.lists import Lists
    from undercount.estimators.overlap import OverlapEstimate
    from undercount.report.exports.tables import Row

_OBSERVED: Final = Column("observed", "whole", PERSONS, "on any list, to a multiple of 5; empty if 1 to 7")
_PART: Final = (
    Column("by", "text", "", "total or stratum"),
    Column("level", "text", "", "the stratum; empty for the total"),
)
_TABLE: Final = (
    Column("stratum", "text", "", "its name; empty where there is one"),
    Column("replicate", "whole", "", "number of the imputation, from 0"),
)
FINDING: Final = Layout(
    "finding",
    "The toll, the persons on any list, and those on none.",
    (
        Column(
            "measure", "text", "", "toll; documented (on any list, to a multiple of 5); undercount (toll less that)"
        ),
        *spread(PERSONS, "of the measure"),
        PASSED,
    ),
)
TOLL: Final = Layout(
    "toll",
    "Persons on the lists or on none, as a whole and by stratum; without figures where 1 to 7 are on any list.",
    (
        *_PART,
        _OBSERVED,
        *spread(PERSONS, "of the toll"),
        PASSED,
    ),
)
RATES: Final = Layout(
    "reporting_rates",
    "Share of the toll that is on each list.",
    (
        Column("list", "text", "", "name of the list"),
        Column("size", "whole", PERSONS, "on the list, to a multiple of 5; empty if 1 to 7"),
        Column("median", "number", "share", "size divided by the median of the toll"),
        Column("lower", "number", "share", "size divided by the upper end of the toll's interval"),
        Column("upper", "number", "share", "size divided by its lower end"),
        *INTERVAL,
        PASSED,
    ),
)
TABLES: Final = Layout(
    "tables",
    "Each table of the lists by itself: one stratum in one replicate.",
    (
        *_TABLE,
        _OBSERVED,
        *spread(PERSONS, "of the toll"),
        Column("gates_passed", "flag", "", "no: a gate of this table failed"),
    ),
)
DRAWS: Final = Layout(
    "draws",
    "Draws of the toll, as a whole and by stratum: of its posterior, or replicates of a bootstrap.",
    (
        *OF_DRAW,
        *_PART,
        Column("toll", "number", PERSONS, "on the lists or on none; empty where a replicate has no finite estimate"),
        PASSED,
    ),
)
_COUNTED: Final = frozenset({"victims on exactly two lists"})
"""Gates whose figure is a count of persons."""


def overlap_tables(estimate: OverlapEstimate) -> tuple[Filled, ...]:
    """Fill the tables of an estimate from lists.

    Parameters
    ----------
    estimate : OverlapEstimate

    Returns
    -------
    tuple of Filled
        finding, toll, reporting_rates, tables, gates, patterns, draws.
    """
    marked = {"gates_passed": estimate.check().passed}
    return (
        filled(FINDING, _finding(estimate), **marked),
        filled(TOLL, _toll(estimate), **marked),
        filled(RATES, _rates(estimate), **marked),
        filled(TABLES, _tables(estimate)),
        _gates(estimate),
        patterns_table(estimate.lists),
        filled(DRAWS, _draws(estimate), **marked),
    )


def _finding(estimate: OverlapEstimate) -> Iterator[Row]:
    yield {"measure": "toll", **_guarded({"observed": estimate.documented(), **estimate.toll().describe()})}
    if found := safe_count(estimate.documented()):
        yield {"measure": "documented", "median": found}
        yield {"measure": "undercount", **(estimate.toll() - found).describe()}


def _toll(estimate: OverlapEstimate) -> Iterator[Row]:
    total = {"observed": estimate.documented(), **estimate.toll().describe()}
    yield {"by": "total", "level": "", **_guarded(total)}
    for row in estimate.rows.toll("stratum"):
        yield {"by": "stratum", "level": row["stratum"], **_guarded(row)}


def _guarded(row: Row) -> dict[str, Any]:
    """A row without its figures, which never fall below the count, where this is of a few persons."""
    if not is_small(row["observed"]):
        return {**row, "observed": safe_count(row["observed"])}
    return {name: value for name, value in row.items() if isinstance(value, str)}


def _rates(estimate: OverlapEstimate) -> Iterator[Row]:
    toll = estimate.toll()
    lower, upper = toll.interval
    for row in estimate.rows.reporting_rates():
        size = safe_count(row["size"])
        shares = {} if size is None else {"median": size / toll.median, "lower": size / upper, "upper": size / lower}
        yield {"list": row["list"], "size": size, "ci_prob": toll.ci_prob, "ci_kind": toll.ci_kind, **shares}


def _tables(estimate: OverlapEstimate) -> Iterator[Row]:
    for row in estimate.rows.tables():
        named = {"stratum": row["stratum"], "replicate": row["replicate"], "gates_passed": not row["failed_gates"]}
        yield {**_guarded(row), **named}


def _gates(estimate: OverlapEstimate) -> Filled:
    counted = (one for one in estimate.check().checks if one.name in _COUNTED)
    return gates_table(estimate, frozenset(one.name for one in counted if is_small(one.value)))


def patterns_table(lists: Lists) -> Filled:
    """How many persons have each pattern, as `disclosure_safe` gives them; rows are sorted by stratum and replicate."""
    layout = Layout(
        "patterns",
        "How many persons are on which lists; a pattern that is not there has none.",
        (
            *_TABLE,
            *(Column(name, "whole", "", f"1: on the list {name}; 0: not on it") for name in lists.names),
            Column("count", "whole", PERSONS, "with this pattern, to a multiple of 5; empty if 1 to 7"),
        ),
    )
    return filled(layout, _patterns(lists))


def _patterns(lists: Lists) -> Iterator[Row]:
    for table in lists.tables:
        for pattern in np.flatnonzero(table.counts):
            marks = {name: int(pattern) >> place & 1 for place, name in enumerate(table.names)}
            yield {
                **dict.fromkeys(lists.names, 0), **marks, "stratum": table.stratum, "replicate": table.replicate,
                "count": safe_count(int(table.counts[pattern])),
            }  # fmt: skip


def _draws(estimate: OverlapEstimate) -> Iterator[Row]:
    parts = [("total", "", estimate.documented(), estimate.toll())]
    parts += [("stratum", name, estimate.documented(name), toll) for name, toll in estimate.tolls.items() if name]
    for by, level, observed, toll in parts:
        if is_small(observed):
            continue
        for (chain, draw), value in np.ndenumerate(np.atleast_2d(toll.draws)):
            yield {"chain": chain, "draw": draw, "by": by, "level": level, "toll": value}
