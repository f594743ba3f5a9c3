"""`Lists`: overlapping lists of victims, over strata and imputations; frozen, with a hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from importlib import import_module
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.lists import export
from undercount.data.lists.extent import extent
from undercount.data.lists.places import name_fault, place
from undercount.data.lists.rules import table_problems
from undercount.data.lists.table import Table, unknown_list
from undercount.data.problems import plain, raise_problems, shown, write_one_of
from undercount.data.tables import MOST_PROBLEMS
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    import pandas as pd

    from undercount.data.problems import Problem

_FORMAT = "undercount-lists/1"


@dataclass(frozen=True, eq=False, repr=False)
class Lists:
    """Which victims are on which lists: counts only, never who they are.

    Parameters
    ----------
    name : str
        What messages and reports call them.
    tables : tuple of Table
        One for each stratum and replicate; sorted by these.
    source : str
        Where they come from.
    caveats : tuple of str
        What to know before an estimate from them is believed.
    title : str
        What they are about, in words.
    unit : str
        Who is counted.

    Raises
    ------
    EvidenceError
        If there is no table, two are of one stratum and replicate, a stratum lacks a replicate, or one of several
        has no name.

    Notes
    -----
    Two `Lists` are equal if their tables are; name, source and caveats do not count, nor do they enter the hash.
    """

    name: str
    tables: tuple[Table, ...]
    source: str = ""
    caveats: tuple[str, ...] = ()
    title: str = ""
    unit: str = "victims"

    def __post_init__(self) -> None:
        if fault := name_fault(self.name):
            raise EvidenceError(f"{shown(self.name)}: {fault}", code="lists-bad-name", where="name", hint="rename it")
        tables = tuple(sorted(self.tables, key=lambda table: (table.stratum, table.replicate)))
        if not tables:
            raise EvidenceError("there is no table", code="lists-no-table", where=self.name, hint="give at least one")
        _check_strata(self.name, tables)
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "caveats", tuple(self.caveats))
        object.__setattr__(self, "title", self.title or self.name)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        count: str | None = "count",
        stratum: str | None = None,
        replicate: str | None = None,
        lists: Sequence[str] | None = None,
        name: str = "lists",
        *,
        aggregate: bool = False,
    ) -> Lists:
        """Take lists from a data frame: a table of patterns, or one record for each victim.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or list of mappings
            One column of 0 and 1 (or False and True) for each list, from 2 to 16. Rows that are on no list are
            refused: how many these are is what is asked for.
        count : str or None
            Column of counts: each pattern stands once, those that are left out have count 0. Where there is no
            column of the default name, or with None, each row is the record of one victim.
        stratum : str, optional
            Column that names the stratum of each row.
        replicate : str, optional
            Column that numbers the imputation which the row belongs to; they are numbered anew from 0.
        lists : sequence of str, optional
            The columns of the lists. All other columns are then ignored and never stored. By default every column
            but those named above is a list, and any that does not hold 0 and 1 is refused by its name.
        name : str
            What messages and reports call these lists.
        aggregate : bool
            Whether rows of the same pattern are added up: records with frequency weights in `count`.

        Returns
        -------
        Lists

        Raises
        ------
        EvidenceError
            If anything is wrong; it lists every problem by column and row of the frame, counted from 0.

        Examples
        --------
        >>> rows = [{"press": 1, "morgue": 0, "count": 5}, {"press": 1, "morgue": 1, "count": 2}]
        >>> Lists.from_frame(rows, name="example")
        <Lists 'example': 7 victims, 2 lists (morgue, press), sha256 ...>
        """
        from undercount.data.lists.assembly import assembled
        from undercount.data.lists.columns import Layout, from_frame

        layout = Layout(count, stratum, replicate, lists, aggregate)
        return cls(name, assembled(from_frame(frame), layout))

    @cached_property
    def sha256(self) -> str:
        """Hash of strata, replicates, names of lists and counts; the order of rows and columns does not matter."""
        found = hashlib.sha256(_FORMAT.encode())
        for table in self.tables:
            cells = table.counts.nonzero()[0]
            content = [table.stratum, table.replicate, table.names, cells.tolist(), table.counts[cells].tolist()]
            found.update(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        return found.hexdigest()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The lists of any table, sorted."""
        return tuple(sorted({name for table in self.tables for name in table.names}))

    @cached_property
    def strata(self) -> tuple[str, ...]:
        """The strata, sorted; one with an empty name where there are none."""
        return tuple(dict.fromkeys(table.stratum for table in self.tables))

    @property
    def replicates(self) -> int:
        """How many tables there are of each stratum."""
        return len(self.tables) // len(self.strata)

    def select(self, stratum: str | Sequence[str] | None = None, replicate: int | None = None) -> Lists:
        """Keep some strata, or one replicate, which becomes number 0.

        Parameters
        ----------
        stratum : str or sequence of str, optional
            Which strata; by default all.
        replicate : int, optional
            Which replicate, counted from 0; by default all.

        Returns
        -------
        Lists

        Raises
        ------
        EvidenceError
            If there is no such stratum or replicate.
        """
        wanted = self.strata if stratum is None else (stratum,) if isinstance(stratum, str) else tuple(stratum)
        for one in wanted:
            if one not in self.strata:
                raise EvidenceError(
                    f"{shown(str(one))} is not one of the strata",
                    code="lists-unknown-stratum",
                    where=self.name,
                    hint=write_one_of(str(one), self.strata),
                )
        tables = tuple(table for table in self.tables if table.stratum in wanted)
        if replicate is None:
            return replace(self, tables=tables)
        if replicate not in range(self.replicates):
            raise EvidenceError(
                f"there is no replicate {replicate}",
                code="lists-unknown-replicate",
                where=self.name,
                hint=f"they are numbered from 0 to {self.replicates - 1}",
            )
        kept = (table for table in tables if table.replicate == replicate)
        return replace(self, tables=tuple(Table(table.stratum, 0, table.names, table.counts) for table in kept))

    def without(self, *names: str) -> Lists:
        """Leave out some lists everywhere; the victims who were only on these drop out.

        Parameters
        ----------
        *names : str
            Lists of any table.

        Returns
        -------
        Lists

        Raises
        ------
        EvidenceError
            If there is no such list.
        """
        for name in names:
            if name not in self.names:
                raise unknown_list(name, self.names)
        here = (table.without(*(name for name in names if name in table.names)) for table in self.tables)
        return replace(self, tables=tuple(here))

    def usable(self) -> Lists:
        """Leave out of each table the lists that nobody or everybody is on there.

        Returns
        -------
        Lists
            Its tables may differ in their lists.
        """
        here = (table.without(*(name for name in table.names if name not in table.usable)) for table in self.tables)
        return replace(self, tables=tuple(here))

    def split(self) -> Iterator[Lists]:
        """Go through the strata: each by itself, with all its replicates."""
        for start in range(0, len(self.tables), self.replicates):
            yield replace(self, tables=self.tables[start : start + self.replicates])

    def problems(self, least: int = 3) -> tuple[Problem, ...]:
        """Find what stands against an estimate from these lists.

        Parameters
        ----------
        least : int
            How many usable lists the estimator needs.

        Returns
        -------
        tuple of Problem
            Empty where nothing does.
        """
        found = (table_problems(table, least, self.place(table)) for table in self.tables)
        return tuple(islice(chain.from_iterable(found), MOST_PROBLEMS))

    def check(self, least: int = 3) -> None:
        """Refuse lists from which nothing can be estimated.

        Parameters
        ----------
        least : int
            How many usable lists the estimator needs.

        Raises
        ------
        EvidenceError
            If anything stands against it; it lists every problem by stratum and list.
        """
        if problems := self.problems(least):
            raise_problems(problems)

    def place(self, table: Table) -> str:
        """Say in words which of the tables this is."""
        return place(self.name, table.stratum, table.replicate if self.replicates > 1 else None)

    def to_frame(self) -> pd.DataFrame:
        """Give the patterns as a pandas frame, which `from_frame` takes back to the same hash.

        Returns
        -------
        pandas.DataFrame
            Columns ``stratum`` and ``replicate`` where there are any, one of 0 and 1 for each list, and ``count``.
            Patterns of count 0 are left out. A list that some table does not have is 0 there.
        """
        return export.frame(self.tables)

    def content(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON."""
        tables = [
            {
                "stratum": table.stratum,
                "replicate": table.replicate,
                "names": table.names,
                "counts": table.counts.tolist(),
            }
            for table in self.tables
        ]
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"tables": tables}

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> Lists:
        """Make lists of their content.

        Raises
        ------
        EvidenceError
            If it breaks a rule.
        """
        tables = tuple(
            Table(kept["stratum"], kept["replicate"], tuple(kept["names"]), np.array(kept["counts"], dtype=np.int64))
            for kept in content["tables"]
        )
        return cls(**{**content, "tables": tables})

    def __eq__(self, other: object) -> bool:
        return self.tables == other.tables if isinstance(other, Lists) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        names = ", ".join(map(plain, self.names))
        return f"<Lists {self.name!r}: {extent(self)} ({names}), sha256 {self.sha256[:12]}>"

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.overlap.html").lists_html(self)
        return html


def _check_strata(name: str, tables: Sequence[Table]) -> None:
    strata: dict[str, list[int]] = {}
    for table in tables:
        strata.setdefault(table.stratum, []).append(table.replicate)
    if "" in strata and len(strata) > 1:
        rule, hint = "one of several strata has no name", "name every stratum"
        raise EvidenceError(rule, code="lists-missing-stratum", where=name, hint=hint)
    most = max(map(len, strata.values()))
    for stratum, found in strata.items():
        if found != list(range(most)):
            raise EvidenceError(
                f"replicates {', '.join(map(str, found))} where 0 to {most - 1} are expected, each once",
                code="lists-missing-replicate",
                where=place(name, stratum, None),
                hint="give every stratum a table in each replicate",
            )
