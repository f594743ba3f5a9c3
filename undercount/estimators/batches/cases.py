"""The cases of a batch, taken one by one: evidence, or why there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from undercount.data.evidence import Evidence
from undercount.data.lists import Lists
from undercount.data.problems import shown
from undercount.errors import EvidenceError, ModelError

type Subject = Evidence | Lists
"""What an estimator is fitted to; each has a `name` and a hash of its content, `sha256`."""
type CaseLike = Subject | str | os.PathLike[str]
"""Evidence or lists, or where they are to be read: a bundled name, the folder of a case, the file of lists."""
type Cases = Iterable[CaseLike] | Mapping[str, CaseLike]


@dataclass(frozen=True)
class Entry:
    """One case as it was given."""

    place: int
    """In the order of the input, from 0."""
    name: str
    found: Subject | Exception
    """The evidence or lists, or why there are none."""


def check_cases(cases: Any) -> None:
    """Refuse what is one case, or no cases at all.

    Raises
    ------
    ModelError
        With code ``"batch-no-cases"``.
    """
    if isinstance(cases, Evidence | Lists | str | os.PathLike) or not isinstance(cases, Iterable):
        raise ModelError(
            f"cases is {shown(repr(cases))}",
            code="batch-no-cases",
            where="fit_many",
            hint="give a list, a generator or a mapping of cases; for a single one use fit",
        )


def entries(cases: Cases, read: Callable[[Any], Subject]) -> Iterator[Entry]:
    """Read each case when its turn comes.

    Parameters
    ----------
    cases : iterable or mapping
        Values are what `read` takes; keys are the names that the cases go by.
    read : callable
        Gives the evidence or lists, or raises.

    Yields
    ------
    Entry
        In the order of the input. A name that came before gets an error in place of its evidence.
    """
    taken: set[str] = set()
    pairs = cases.items() if isinstance(cases, Mapping) else ((None, case) for case in cases)
    for place, (key, case) in enumerate(pairs):
        found = _read(case, read)
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


def _read(case: Any, read: Callable[[Any], Subject]) -> Subject | Exception:
    try:
        return read(case)
    except Exception as error:  # noqa: BLE001 - one case that cannot be read never stops the others
        return error


def _name(case: Any, found: Subject | Exception) -> str:
    if isinstance(found, Evidence | Lists):
        return found.name
    return os.fsdecode(case) if isinstance(case, str | os.PathLike) else shown(repr(case))


def not_a_case(case: object, wanted: str) -> EvidenceError:
    """What was given is neither what an estimator is fitted to, nor says where to read it."""
    return EvidenceError(
        f"a {type(case).__name__} is no case", code="batch-not-a-case", where="cases", hint=f"give {wanted}"
    )


def _named_twice(name: str) -> EvidenceError:
    return EvidenceError(
        f"{shown(name)} is the name of a case that came before",
        code="batch-duplicate",
        where="cases",
        hint="give each case a name of its own: {'name': evidence, ...}",
    )
