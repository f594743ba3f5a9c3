"""Matched incidents of a case: which of its sources saw them, and how many died in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from undercount.data.lists import patterns
from undercount.data.lists.collection import Lists
from undercount.data.lists.matched import Listed, MatchedLists, day_of, wrong_setting
from undercount.data.lists.matching import not_recorders
from undercount.data.lists.table import MOST_LISTS
from undercount.data.problems import plain, raise_problems
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

Array = NDArray[np.float64]
type AnyMatched = MatchedLists | MatchedIncidents
"""Whose overlap is fitted with the counts of a case."""
KIND: Final = "incidents"
"""What `content` calls itself, since matched lists of victims stand in the same place."""
SIZE_ERROR: Final = 0.15


@dataclass(frozen=True, eq=False, repr=False)
class MatchedIncidents:
    """Lists of incidents that were matched, and the dead of each pattern; of all deaths of the estimand.

    Parameters
    ----------
    lists : Lists
        How many incidents each set of sources saw. Each list bears the name of its source, a recorder; strata
        hold incidents that are alike, by place and size, and replicates are drawn linkages.
    dead, squares : sequence of ndarray, shape (2ᴷ,)
        Of each table of the lists, in the order of its counts: the dead of the incidents of a pattern, and the sum of
        their squares.
    size_error : float
        By which the dead of all incidents together may differ from what the sources say, on the log scale.
    published : date or str, optional
        When the records became known; fits as of an earlier day leave them out.

    Raises
    ------
    EvidenceError
        If a setting cannot be.
    """

    stratum: ClassVar = ""
    """They are one table of the estimand."""
    observed: ClassVar = 0
    """No victim is known by name."""

    lists: Lists
    dead: tuple[Array, ...]
    squares: tuple[Array, ...]
    size_error: float = SIZE_ERROR
    published: date | str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.lists, Lists):
            raise wrong_setting("MatchedIncidents", "lists", self.lists, "Lists of incidents")
        for name in ("dead", "squares"):
            given = tuple(np.asarray(each, dtype=np.float64) for each in getattr(self, name))
            tables = self.lists.tables
            if [each.shape for each in given] != [table.counts.shape for table in tables] or not all(
                _stands(each, table.counts) for each, table in zip(given, tables, strict=True)
            ):
                raise wrong_setting("MatchedIncidents", name, "not that of its lists", "numbers for every pattern")
            object.__setattr__(self, name, given)
        error: Any = self.size_error
        if not isinstance(error, float | int) or isinstance(error, bool) or not 0.01 <= error <= 2.0:
            raise wrong_setting("MatchedIncidents", "size_error", error, "a number from 0.01 to 2")
        object.__setattr__(self, "published", self.day)

    @property
    def day(self) -> date | None:
        """When the records became known."""
        return None if self.published is None else day_of("MatchedIncidents", "published", self.published)

    @property
    def names(self) -> tuple[str, ...]:
        """The sources."""
        return self.lists.tables[0].names

    @property
    def list_sizes(self) -> NDArray[np.int64]:
        """Names on the list of each source, shape (K,): none."""
        return np.zeros(len(self.names), dtype=np.int64)

    def without(self, *names: str) -> MatchedIncidents:
        """Leave out some sources; the incidents that only these saw drop out.

        Raises
        ------
        EvidenceError
            If there is no such source.
        """
        left = self.lists.without(*names)
        gone = {self.names.index(name) for name in names}
        dead, squares = (
            tuple(patterns.without(each, len(self.names), gone) for each in values)
            for values in (self.dead, self.squares)
        )
        return MatchedIncidents(left, dead, squares, self.size_error, self.published)

    @cached_property
    def sha256(self) -> str:
        """Hash of all of it."""
        return hashlib.sha256(json.dumps(self._plain).encode()).hexdigest()

    @property
    def content(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON, with its hash; `of_content` takes it back."""
        return {**self._plain, "sha256": self.sha256}

    @cached_property
    def _plain(self) -> dict[str, Any]:
        tables = [
            {"stratum": table.stratum, "replicate": table.replicate, "names": list(table.names), "counts":
             [[int(cell), int(table.counts[cell]), float(dead[cell]), float(squares[cell])]
              for cell in table.counts.nonzero()[0]]}
            for table, dead, squares in zip(self.lists.tables, self.dead, self.squares, strict=True)
        ]  # fmt: skip
        day = self.day
        return {
            "kind": KIND,
            "name": self.lists.name,
            "source": self.lists.source,
            "size_error": float(self.size_error),
            "published": None if day is None else day.isoformat(),
            "tables": tables,
        }

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> MatchedIncidents:
        """Make them again of what `content` gave.

        Raises
        ------
        EvidenceError
            If it breaks a rule, or its numbers are not those of its hash.
        """
        plain_tables, sums = [], []
        for kept in content["tables"]:
            if len(kept["names"]) > MOST_LISTS:
                raise _not_theirs(
                    content["name"], f"there are {len(kept['names'])} sources, and at most {MOST_LISTS} fit"
                )
            each = np.zeros((3, 2 ** len(kept["names"])))
            for cell, *values in kept["counts"]:
                each[:, cell] = values
            plain_tables.append({**kept, "counts": each[0].astype(np.int64).tolist()})
            sums.append(each[1:])
        lists = Lists.of_content({"name": content["name"], "source": content["source"], "tables": plain_tables,
                                  "unit": KIND})  # fmt: skip
        dead, squares = (tuple(each[place] for each in sums) for place in (0, 1))
        found = cls(lists, dead, squares, content["size_error"], content["published"])
        if found.sha256 != content["sha256"]:
            raise _not_theirs(lists.name, "the numbers are not those of their hash")
        return found

    def listed(self, evidence: Evidence) -> tuple[Listed[MatchedIncidents]]:
        """All of them, with the estimand of the case.

        Raises
        ------
        EvidenceError
            If a source is no recorder of this case, or incidents beyond the estimand are among them.
        """
        if problems := list(not_recorders(self.lists, evidence)):
            raise_problems(problems)
        target = evidence.case.estimand
        if target.actors or target.areas or target.window != evidence.case.timeline:
            raise EvidenceError(
                "the estimand of the case is a part of its deaths, and the matched incidents are of all of them",
                code="lists-incidents-beyond",
                where=plain(self.lists.name),
                hint="fit all deaths of the case, and ask the estimate for the toll of the part",
            )
        return (Listed(self, target),)

    def __eq__(self, other: object) -> bool:
        return self.sha256 == other.sha256 if isinstance(other, MatchedIncidents) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<MatchedIncidents of {', '.join(map(plain, self.names))}: {self.lists!r}>"


def matched_of_content(content: Mapping[str, Any]) -> AnyMatched:
    """Make matched lists, or incidents, of what their `content` gave."""
    kind = MatchedIncidents if content.get("kind") == KIND else MatchedLists
    return kind.of_content(content)


def _not_theirs(name: str, rule: str) -> EvidenceError:
    hint = "run `undercount match` again"
    return EvidenceError(rule, code="lists-bad-incidents", where=plain(name), hint=hint)


def _stands(sums: Array, counts: Sequence[int] | NDArray[np.int64]) -> bool:
    return bool(np.isfinite(sums).all() and (sums >= 0).all() and not sums[np.asarray(counts) == 0].any())
