"""The cases of a batch, taken one by one: evidence, or why there is none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from undercount.data import Evidence, find_case, read_case
from undercount.data.problems import shown
from undercount.errors import EvidenceError, ModelError

type CaseLike = Evidence | str | os.PathLike[str]
"""Evidence, the name of a bundled case, or the folder of a case."""
type Cases = Iterable[CaseLike] | Mapping[str, CaseLike]


@dataclass(frozen=True)
class Entry:
    """One case as it was given."""

    place: int
    """In the order of the input, from 0."""
    name: str
    found: Evidence | Exception
    """The evidence, or why there is none."""


def check_cases(cases: Any) -> None:
    """Refuse what is one case, or no cases at all.

    Raises
    ------
    ModelError
        With code ``"batch-no-cases"``.
    """
    if isinstance(cases, Evidence | str | os.PathLike) or not isinstance(cases, Iterable):
        raise ModelError(
            f"cases is {shown(repr(cases))}",
            code="batch-no-cases",
            where="fit_many",
            hint="give a list, a generator or a mapping of cases; for a single one use fit",
        )


def entries(cases: Cases) -> Iterator[Entry]:
    """Read each case when its turn comes.

    Parameters
    ----------
    cases : iterable or mapping
        Values are evidence, names of bundled cases or folders; keys are the names that the cases go by.

    Yields
    ------
    Entry
        In the order of the input. A name that came before gets an error in place of its evidence.
    """
    taken: set[str] = set()
    pairs = cases.items() if isinstance(cases, Mapping) else ((None, case) for case in cases)
    for place, (key, case) in enumerate(pairs):
        found = _evidence(case)
        name = writable(_name(case, found) if key is None else str(key))
        if name in taken:
            found = _named_twice(name)
        taken.add(name)
        yield Entry(place, name, found)


def writable(text: str) -> str:
    r"""Write out what is no Unicode, as a file name can hold.

    Examples
    --------
    >>> writable("case-\udcff")
    'case-\\udcff'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def _evidence(case: Any) -> Evidence | Exception:
    if isinstance(case, Evidence):
        return case
    if not isinstance(case, str | os.PathLike):
        return EvidenceError(
            f"a {type(case).__name__} is no case",
            code="batch-not-a-case",
            where="cases",
            hint="give evidence, the name of a bundled case, or the folder of a case",
        )
    try:
        return read_case(find_case(case))
    except Exception as error:  # noqa: BLE001 - one case that cannot be read never stops the others
        return error


def _name(case: Any, found: Evidence | Exception) -> str:
    if isinstance(found, Evidence):
        return found.case.case
    return os.fsdecode(case) if isinstance(case, str | os.PathLike) else shown(repr(case))


def _named_twice(name: str) -> EvidenceError:
    return EvidenceError(
        f"{shown(name)} is the name of a case that came before",
        code="batch-duplicate",
        where="cases",
        hint="give each case a name of its own: {'name': evidence, ...}",
    )
