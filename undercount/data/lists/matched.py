"""Matched lists of a case: which of its sources kept them, and which deaths they are about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from undercount.data.lists.collection import Lists
from undercount.data.lists.matching import DIVIDED_BY, dimension, matching_problems, too_many
from undercount.data.lists.table import Table
from undercount.data.problems import raise_problems, shown
from undercount.data.schema import DIMENSIONS, Estimand, Window
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.schema import Case

MATCHED: Final = "MatchedLists"


class Listed[Kept](NamedTuple):
    """One table and the deaths that it is about."""

    table: Kept
    scope: Estimand


@dataclass(frozen=True)
class MatchedLists:
    """Matched lists of some sources of a case, and the scope that they are about.

    Parameters
    ----------
    lists : Lists
        Each list bears the identifier of the source that kept it, a recorder. Strata are levels of one dimension.
    by : {"actor", "area"}, optional
        The dimension that the strata divide; by default the one that has them all as levels.
    window : Window or pair of dates, optional
        First and last day that the lists cover, inclusive; by default those of the case's estimand.
    published : date or str, optional
        When the lists became known; fits as of an earlier day leave them out.

    Raises
    ------
    EvidenceError
        If a setting cannot be.

    Examples
    --------
    >>> lists = Lists.from_frame([{"un": 1, "ngo": 0, "count": 50}, {"un": 1, "ngo": 1, "count": 20}], name="matched")
    >>> MatchedLists(lists, window=("2020-01-01", "2020-03-31")).days.days
    91
    """

    lists: Lists
    by: str | None = None
    window: Window | Sequence[date | str] | None = None
    published: date | str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.lists, Lists):
            raise wrong_setting(MATCHED, "lists", self.lists, "Lists, such as Lists.from_frame makes")
        if self.by is not None and self.by not in DIVIDED_BY:
            raise wrong_setting(MATCHED, "by", self.by, f"one of {', '.join(DIVIDED_BY)}")
        object.__setattr__(self, "window", self.days)
        object.__setattr__(self, "published", self.day)

    @property
    def days(self) -> Window | None:
        """The days that the lists cover; None where they are those of the estimand."""
        value: Any = self.window
        if value is None or isinstance(value, Window):
            return value
        if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
            raise wrong_setting(MATCHED, "window", value, "the first and the last day")
        first, last = (day_of(MATCHED, "window", day) for day in value)
        if last < first:
            raise wrong_setting(MATCHED, "window", value, "the first day before the last")
        return Window(start=first, end=last)

    @property
    def day(self) -> date | None:
        """When the lists became known."""
        return None if self.published is None else day_of(MATCHED, "published", self.published)

    @cached_property
    def sha256(self) -> str:
        """Hash of the counts, the names of lists and strata, and what they are about."""
        about = [self.content[name] for name in ("sha256", "by", "window", "published")]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON; `of_content` takes it back."""
        window, published = self.days, self.day
        return {
            "name": self.lists.name,
            "source": self.lists.source,
            "sha256": self.lists.sha256,
            "by": self.by,
            "window": None if window is None else [window.start.isoformat(), window.end.isoformat()],
            "published": None if published is None else published.isoformat(),
            "tables": [_table_content(table) for table in self.lists.tables],
        }

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> MatchedLists:
        """Make them again of what `content` gave."""
        tables = tuple(_table_of(each) for each in content["tables"])
        lists = Lists(content["name"], tables, content["source"])
        return cls(lists, content["by"], content["window"], content["published"])

    def listed(self, evidence: Evidence) -> tuple[Listed[Table], ...]:
        """Each table with the deaths of the case that it is about.

        Parameters
        ----------
        evidence : Evidence

        Returns
        -------
        tuple of Listed
            In the order of the strata; no two are about the same death.

        Raises
        ------
        EvidenceError
            If the lists are not those of recorders of this case, or cannot be about its deaths; it lists every
            problem.
        """
        case = evidence.case
        if problems := list(matching_problems(self, evidence)):
            raise_problems(problems)
        found = tuple(Listed(table, self._scope(case, table.stratum)) for table in self.lists.tables)
        if problems := list(too_many(self.lists, found, case)):
            raise_problems(problems)
        return found

    def _scope(self, case: Case, stratum: str) -> Estimand:
        changes: dict[str, Any] = {"window": self.days or case.estimand.window}
        if divided := dimension(self, case):
            changes[DIMENSIONS[divided]] = (stratum,)
        return case.estimand.model_copy(update=changes)


def _table_content(table: Table) -> dict[str, Any]:
    cells = table.counts.nonzero()[0]
    counts = [[int(cell), int(table.counts[cell])] for cell in cells]
    return {"stratum": table.stratum, "names": list(table.names), "counts": counts}


def _table_of(content: Mapping[str, Any]) -> Table:
    counts = np.zeros(2 ** len(content["names"]), dtype=np.int64)
    for cell, count in content["counts"]:
        counts[cell] = count
    return Table(content["stratum"], 0, tuple(content["names"]), counts)


def day_of(where: str, name: str, value: Any) -> date:
    """Read a day that a setting gives, as a date or as text."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise wrong_setting(where, name, value, "days as YYYY-MM-DD") from error


def wrong_setting(where: str, name: str, value: object, rule: str) -> EvidenceError:
    """The error that a setting cannot be what was given."""
    return EvidenceError(f"{name} is {shown(str(value))}", code="lists-bad-setting", where=where, hint=f"give {rule}")
