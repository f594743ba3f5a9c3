"""`Table`: how many victims are on which lists, in one stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.frames import LARGEST_WHOLE
from undercount.data.lists import patterns
from undercount.data.lists.places import list_name_fault, name_fault, place
from undercount.data.lists.rules import table_problems
from undercount.data.problems import shown, write_one_of
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.lists.patterns import Counts
    from undercount.data.problems import Problem

MOST_LISTS: Final = 16


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of capture patterns in one stratum.

    Parameters
    ----------
    stratum : str
        Its name; empty where there is one table only.
    replicate : int
        Number of the imputation, from 0; 0 where there is none.
    names : sequence of str
        The K lists, at most 16; they are sorted, and the counts with them.
    counts : array of int64, shape (2ᴷ,)
        How many victims have each pattern. Bit j of the index says whether they are on list j. Entry 0, the victims
        on no list, is not known, and is 0.

    Raises
    ------
    EvidenceError
        If names or counts break a rule.

    Examples
    --------
    >>> table = Table("", 0, ("press", "morgue"), [0, 5, 3, 2])
    >>> table.names, table.counts
    (('morgue', 'press'), array([0, 3, 5, 2]))
    >>> table.observed, table.list_sizes
    (10, array([5, 7]))
    """

    stratum: str
    replicate: int
    names: tuple[str, ...]
    counts: Counts

    def __post_init__(self) -> None:
        if self.stratum and (fault := name_fault(self.stratum)):
            raise _fault(f"stratum {shown(self.stratum)}: {fault}", "rename the stratum")
        names = _names(self.names)
        counts = _counts(self.counts, len(names))
        order = sorted(range(len(names)), key=names.__getitem__)
        counts = patterns.reordered(counts, order).copy()
        counts.setflags(write=False)
        object.__setattr__(self, "names", tuple(names[place] for place in order))
        object.__setattr__(self, "counts", counts)

    @property
    def observed(self) -> int:
        """How many victims are on at least one list."""
        return int(self.counts.sum())

    @cached_property
    def pairs(self) -> Counts:
        """How many victims each two lists share, shape (K, K); the diagonal is how many are on each list."""
        marks = patterns.incidence(len(self.names))
        return _frozen(marks.T @ (marks * self.counts[:, None]))

    @property
    def list_sizes(self) -> Counts:
        """How many victims are on each list, shape (K,)."""
        return _frozen(self.pairs.diagonal().copy())

    @property
    def usable(self) -> tuple[str, ...]:
        """The lists that neither nobody nor everybody is on: the others say nothing about who is missing."""
        observed = self.observed
        return tuple(name for name, size in zip(self.names, self.list_sizes, strict=True) if 0 < size < observed)

    def without(self, *names: str) -> Table:
        """Leave out some lists; the victims who were only on these drop out.

        Parameters
        ----------
        *names : str
            Lists of this table.

        Returns
        -------
        Table

        Raises
        ------
        EvidenceError
            If there is no such list.
        """
        for name in names:
            if name not in self.names:
                raise unknown_list(name, self.names)
        gone = {self.names.index(name) for name in names}
        left = tuple(name for name in self.names if name not in names)
        return Table(self.stratum, self.replicate, left, patterns.without(self.counts, len(self.names), gone))

    def problems(self, least: int = 3) -> tuple[Problem, ...]:
        """Find what stands against an estimate from this table.

        Parameters
        ----------
        least : int
            How many usable lists the estimator needs.

        Returns
        -------
        tuple of Problem
            Empty where nothing does.
        """
        return tuple(table_problems(self, least, place("table", self.stratum, self.replicate or None)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        same = (self.stratum, self.replicate, self.names) == (other.stratum, other.replicate, other.names)
        return same and np.array_equal(self.counts, other.counts)

    def __hash__(self) -> int:
        return hash((self.stratum, self.replicate, self.names, self.counts.tobytes()))

    def __reduce__(self) -> tuple[object, ...]:
        # An array forgets on its way through a pickle that it is read-only.
        return Table, (self.stratum, self.replicate, self.names, self.counts)


def unknown_list(name: str, names: Sequence[str]) -> EvidenceError:
    """The error that there is no such list."""
    return EvidenceError(
        f"{shown(str(name))} is not one of the lists",
        code="lists-unknown-list",
        where="lists",
        hint=write_one_of(str(name), names),
    )


def _frozen(counts: Counts) -> Counts:
    counts.setflags(write=False)
    return counts


def _names(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise _fault("the names of lists are not texts", "give a tuple of names")
    for name in names:
        if fault := list_name_fault(name):
            raise _fault(f"{shown(name)}: {fault}", "rename the list")
    if len(set(names)) < len(names):
        raise _fault("two lists have one name", "give each list a name of its own")
    if len(names) > MOST_LISTS:
        raise _fault(f"{len(names)} lists are more than {MOST_LISTS}", "leave out or merge some lists")
    return tuple(names)


def _counts(counts: Counts | Sequence[int], lists: int) -> Counts:
    found = np.asarray(counts)
    if found.shape != (2**lists,) or found.dtype.kind not in "iu":
        rule = f"counts have shape {found.shape} and type {found.dtype}"
        raise _fault(rule, f"{lists} lists need whole numbers of shape ({2**lists},)")
    if found[0] != 0:
        raise _fault(f"entry 0 is {found[0]}", "who is on no list is not known: write 0")
    if found.min() < 0 or float(found.sum(dtype=float)) > LARGEST_WHOLE:
        raise _fault("counts are negative, or too large", "write how many victims have each pattern")
    return found.astype(np.int64)


def _fault(rule: str, hint: str) -> EvidenceError:
    return EvidenceError(rule, code="lists-bad-table", where="table", hint=hint)
