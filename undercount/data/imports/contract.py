"""What a format is: a description, the columns that it knows, and how it reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from undercount.errors import EvidenceError
from undercount.errors.naming import plain, write_one_of

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data.evidence import Evidence
    from undercount.data.imports.columns import Columns, Field
    from undercount.data.imports.incidents import Incidents

type Order = Literal["ymd", "dmy", "mdy"]
"""What comes first in a date that is all numbers."""


@dataclass(frozen=True)
class Asked:
    """What somebody asks of a format, beyond its file.

    Parameters
    ----------
    options : mapping
        Of the format, such as the mapping of `mapped`.
    order : str, optional
        Order of day, month and year where the file does not decide it: "ymd", "dmy" or "mdy".
    where : tuple of (str, str)
        Columns as printed, and the values that rows must have in them: one of those given for a column.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    order: Order | None = None
    where: tuple[tuple[str, str], ...] = ()

    def text(self, option: str, default: str) -> str:
        """Give what an option of the format is set to."""
        return str(self.options.get(option, "")).strip() or default

    def choice(self, option: str, among: Sequence[str]) -> str:
        """Give what an option of the format is set to: the first of its values by default.

        Raises
        ------
        EvidenceError
            If it is set to another value.
        """
        value = str(self.options.get(option, among[0]))
        if value not in among:
            raise EvidenceError(
                f"{plain(value)} is no value of {option}",
                code="import-bad-option",
                where="--option",
                hint=write_one_of(value, among),
            )
        return value


@dataclass(frozen=True)
class Format:
    """A format of files.

    Parameters
    ----------
    name : str
        What `--format` takes.
    title : str
        Whose it is.
    about : str
        What is read out of it, in a sentence.
    licence, citation : str
        Of the data.
    fields : callable
        Gives the columns that it knows, for what is asked.
    read : callable
        Reads columns into records.
    options : mapping of str to str
        Option of its own -> what it does.
    evidence : callable, optional
        Of a file that holds reports instead of incidents: makes evidence of it as it is. `read` is then not called.
    lists_events : bool
        Whether such a file holds every event that its source knows: see `silences`.
    window : str
        By which its records are added up, where nobody asks for another one.
    template : Path, optional
        A text file to start from, where somebody has to write one.
    """

    name: str
    title: str
    about: str
    licence: str
    citation: str
    fields: Callable[[Asked], tuple[Field, ...]]
    read: Callable[[Columns, Asked], Incidents]
    options: Mapping[str, str] = field(default_factory=dict)
    evidence: Callable[[Path], Evidence] | None = None
    lists_events: bool = False
    window: str = "week"
    template: Path | None = None
