"""The catalogue of errors: for every code what happened, why there is such a rule, and what to do.

It stands in one TOML file for each family of codes, and a family is read when one of its codes is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES: Final[Mapping[str, str]] = {
    "usage": "The command line",
    "evidence": "Evidence: cases, sources, reports, and the files that they stand in",
    "import": "Exports of other projects, and what is made of them",
    "lists": "Lists of victims",
    "model": "Models of counts, scopes and settings",
    "overlap": "Estimators of overlapping lists",
    "sampling": "Sampling",
    "batch": "Many cases at once",
    "run": "Scheduled runs and commands",
    "store": "What is kept: estimates, ledgers, batches",
    "export": "Estimates for other programs",
    "coverage": "The prior of recorders",
}
"""First word of the codes -> what they are about."""
EXIT_CODES: Final[Mapping[int, str]] = {
    0: "well: done, released, or nothing new",
    1: "refused: the evidence, lists, settings or a file cannot be used as they are",
    2: "wrong command line",
    3: "estimated, but a gate failed, or held by a gate: do not quote",
    4: "another run works on the case",
    5: "interrupted, or out of time",
    6: "the store is damaged, or cannot be used or written",
}
"""Exit code of the command line -> what it means."""
REFUSED: Final = 1
_FOLDER: Final = Path(__file__).parent / "codes"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a code."""

    code: str
    what: str
    """What happened."""
    why: str
    """The reason of the rule."""
    do: str
    """How to mend it."""
    example: str = ""
    """As it would be typed or written; several lines."""
    exit_code: int = REFUSED
    """With which a command ends."""


def find_entry(code: str) -> Entry | None:
    """Look up a code; None where the catalogue has no such code.

    Examples
    --------
    >>> find_entry("evidence-negative").what
    'A count is below 0.'
    """
    return _family(code.partition("-")[0]).get(code)


def all_entries() -> tuple[Entry, ...]:
    """The whole catalogue, by family and then by code."""
    return tuple(entry for family in FAMILIES for _, entry in sorted(_family(family).items()))


def exit_code_of(code: str) -> int:
    """Exit code of a command that ends with an error.

    Examples
    --------
    >>> exit_code_of("store-damaged"), exit_code_of("evidence-negative")
    (6, 1)
    """
    entry = find_entry(code)
    return REFUSED if entry is None else entry.exit_code


@cache
def _family(name: str) -> Mapping[str, Entry]:
    if name not in FAMILIES:
        return {}
    import tomllib

    content = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return {f"{name}-{end}": _entry(f"{name}-{end}", fields) for end, fields in content.items()}


def _entry(code: str, fields: Mapping[str, Any]) -> Entry:
    """An entry; only the lines of its example are kept as they are."""
    what, why, do = (" ".join(fields[name].split()) for name in ("what", "why", "do"))
    return Entry(code, what, why, do, fields.get("example", "").strip("\n"), fields.get("exit_code", REFUSED))
