"""What a format is: a description, the columns that it knows, and how it reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from undercount.data.imports.columns import Columns, Field
    from undercount.data.imports.incidents import Incidents


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
    order: str | None = None
    where: tuple[tuple[str, str], ...] = ()


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
    """

    name: str
    title: str
    about: str
    licence: str
    citation: str
    fields: Callable[[Asked], tuple[Field, ...]]
    read: Callable[[Columns, Asked], Incidents]
