"""Pairs in doubt for people to look at: written with what both records say, and read back with their decisions."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.files import read_table
from undercount.data.matching.chain import Chain, fixed_weights
from undercount.data.matching.clustering import groups_of
from undercount.data.matching.persons import missing_columns
from undercount.data.matching.refining import LAST, chances_of
from undercount.data.matching.training import levels_of
from undercount.data.problems import Problem, raise_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from undercount.data.matching.matches import Matches

KEYS: Final = ("source_1", "record_1", "source_2", "record_2")
SIDES: Final = ("start", "end", "low", "high", "actors", "place", "latitude", "longitude", "cites", "document", "quote")
WORDS: Final = {"match": True, "no match": False}
GREY: Final = (0.05, 0.95)
"""Probabilities between which a pair is in doubt."""
_LONGEST: Final = 300
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def columns(matches: Matches) -> list[str]:
    """Columns of the file: who, how likely, how alike in each thing, what both say, and the decision."""
    sides = [f"{name}_{side}" for name in SIDES for side in (1, 2)]
    return [*KEYS, "probability", *(one.name for one in matches.model.comparisons), *sides, "decision"]


def write_review(path: Path, matches: Matches, grey: tuple[float, float] = GREY) -> int:
    """Write the pairs in doubt, the most doubtful first; what was decided before stays in, decided.

    Parameters
    ----------
    path : Path
    matches : Matches
    grey : tuple of float
        Probabilities between which a pair is in doubt.

    Returns
    -------
    int
        How many there are.
    """
    decided = decisions(matches) != 0
    doubted = np.flatnonzero(((matches.probability > grey[0]) & (matches.probability < grey[1])) | decided)
    order = doubted[np.argsort(np.abs(matches.probability[doubted] - 0.5), kind="stable")]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns(matches))
        writer.writerows(_rows(matches, order))
    return int(np.sum(~decided[doubted]))


def _rows(matches: Matches, order: NDArray[np.int64]) -> Iterator[list[Any]]:
    levels = levels_of(matches.facts, matches.model.comparisons)
    records, decided = matches.units.records, decisions(matches).tolist()
    for number in order.tolist():
        sides = [records.slice(place, 1).to_pylist()[0] for place in matches.pairs[number].tolist()]
        keys = [side[name] for side in sides for name in ("source", "record")]
        reached = levels[number].tolist()
        alike = [
            one.levels[level].name if level >= 0 else ""
            for one, level in zip(matches.model.comparisons, reached, strict=True)
        ]
        facts = [side[name] for name in SIDES for side in sides]
        decision = ("", "match", "no match")[decided[number]]
        yield [*map(safe, keys), f"{matches.probability[number]:.4f}", *alike, *map(safe, facts), decision]


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())[:_LONGEST]
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_review(path: Path, matches: Matches) -> Matches:
    """Take decisions on pairs back.

    Parameters
    ----------
    path : Path
        What `write_review` wrote, with ``match`` or ``no match`` in some rows of the column `decision`.
    matches : Matches
        Of the same records.

    Returns
    -------
    Matches
        The pairs that were decided have the probability 1 or 0; all others take account of that.

    Raises
    ------
    InvalidEvidenceError
        If a row names an unknown pair, holds another word, or decisions contradict each other; it lists every one.
    """
    table = read_table(path)
    if faults := table.problems or list(missing_columns(table, (*KEYS, "decision"), "import-bad-decision")):
        raise_problems(faults)
    known = _known(matches)
    decided: dict[int, bool] = {}
    problems: list[Problem] = []

    def problem(row: int, field: str, value: str, fault: tuple[str, str, str]) -> None:
        problems.append(Problem(table.file, row, None, field, value, *fault))

    for row in table.rows:
        word = " ".join(row.cells["decision"].casefold().split())
        key = tuple(row.cells[name] for name in KEYS)
        if not word:
            continue
        if word not in WORDS:
            problem(row.number, "decision", row.cells["decision"], _WORD)
        elif key not in known:
            problem(row.number, "record_1", row.cells["record_1"], _UNKNOWN)
        elif decided.setdefault(known[key], WORDS[word]) != WORDS[word]:
            problem(row.number, "decision", row.cells["decision"], _TWICE)
    if not problems:
        problems += _contradictions(table.file, matches, decided)
    if problems:
        raise_problems(problems)
    return with_decisions(matches, decided)


_WORD: Final = ("not a decision", "write match, no match, or nothing", "import-bad-decision")
_UNKNOWN: Final = (
    "no two records that may be one incident have these identifiers",
    "take the rows as they were written for the same records and settings",
    "import-unknown-pair",
)
_TWICE: Final = ("the pair was decided otherwise in a row above", "leave one of the rows out", "import-bad-decision")
_APART: Final = "these records were decided to be one, yet two of them cannot be: they are of one source, or far apart"


def _known(matches: Matches) -> Mapping[tuple[str, ...], int]:
    records = matches.units.records
    names = list(zip(records["source"].to_pylist(), records["record"].to_pylist(), strict=True))
    written = [tuple(map(safe, name)) for name in names]
    found = {}
    for number, (one, other) in enumerate(matches.pairs.tolist()):
        found[*written[one], *written[other]] = found[*written[other], *written[one]] = number
    return found


def _contradictions(file: str, matches: Matches, decided: Mapping[int, bool]) -> Iterator[Problem]:
    """Groups of records decided to be one, of which two cannot be."""
    true = np.array([number for number, word in decided.items() if word], dtype=np.int64)
    labels = groups_of(matches.pairs[true], matches.source.size)
    possible = np.ones(len(matches), dtype=bool)
    possible[[number for number, word in decided.items() if not word]] = False
    inner = possible & (labels[matches.pairs[:, 0]] == labels[matches.pairs[:, 1]])
    sizes = np.bincount(labels)
    pairs = np.bincount(labels[matches.pairs[inner, 0]], minlength=sizes.size)
    for group in np.flatnonzero(pairs < sizes * (sizes - 1) // 2).tolist():
        those = ", ".join(matches.units.records["record"].take(np.flatnonzero(labels == group)[:6]).to_pylist())
        hint = "decide at least one of their pairs otherwise"
        yield Problem(file, None, None, "decision", those, _APART, hint, "import-bad-decision")


def with_decisions(matches: Matches, decided: Mapping[int, bool]) -> Matches:
    """Fix pairs, by their place, to be one or not."""
    fixed = decisions(matches)
    fixed[list(decided)] = [1 if word else -1 for word in decided.values()]
    chain = Chain(matches.pairs, matches.source, one_per_source=matches.settings.one_per_source)
    chain.weigh(fixed_weights(matches.scored.weights, fixed), matches.model.share)
    probability, _ = chances_of(chain, LAST, np.random.default_rng([matches.settings.seed, 2]))
    probability = np.where(fixed == 0, probability, fixed > 0)
    return replace(matches, scored=replace(matches.scored, probability=probability), decided=fixed)


def decisions(matches: Matches) -> NDArray[np.int64]:
    """What was decided of each pair: 1, -1 or 0; a copy."""
    return np.zeros(len(matches), dtype=np.int64) if matches.decided is None else matches.decided.copy()
