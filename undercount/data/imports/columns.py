"""Columns of a file under the names of a format: recognised by what they are called, in any version of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from undercount.data.imports.opening import Raw


@dataclass(frozen=True)
class Field:
    """A column that a format knows.

    Parameters
    ----------
    name : str
        In the format.
    printed : tuple of str
        What it is called in the versions of the file; capitals, spaces and marks do not count.
    is_needed : bool
    """

    name: str
    printed: tuple[str, ...]
    is_needed: bool = False


class Columns(Mapping[str, "pa.ChunkedArray"]):
    """Columns of a file by the names of a format.

    Parameters
    ----------
    raw : Raw
    printed : mapping of str to str
        Name -> what the file calls it.
    """

    def __init__(self, raw: Raw, printed: Mapping[str, str]) -> None:
        self.raw, self.printed = raw, dict(printed)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        import pyarrow as pa

        return self.pooled(name).cast(pa.string())

    def pooled(self, name: str) -> pa.ChunkedArray:
        """A column whose different texts are held once."""
        return self.raw.held[self.printed[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.printed)

    def __len__(self) -> int:
        return len(self.printed)

    @property
    def notes(self) -> tuple[str, ...]:
        """Which column was taken for which, and which were not."""
        renamed = [f"{plain(there)} as {name}" for name, there in self.printed.items() if flat(there) != flat(name)]
        unused = [plain(one) for one in self.raw.columns if one not in self.printed.values()]
        told = (("read", renamed), ("not read", unused))
        return tuple(f"{words}: {', '.join(those)}" for words, those in told if those)


def flat(printed: str) -> str:
    """A heading without what versions differ in.

    Examples
    --------
    >>> flat("Civilian Harm: Killed (MIN)"), flat("date_start")
    ('civilianharmkilledmin', 'datestart')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", printed).casefold())


def recognise(raw: Raw, fields: Sequence[Field]) -> tuple[Columns, tuple[str, ...]]:
    """Find the columns of a format in a file.

    Returns
    -------
    Columns, tuple of str
        And the names of needed columns that are not there.
    """
    known = {flat(printed): printed for printed in reversed(raw.columns)}
    found = {}
    for field in fields:
        there = next((known[flat(name)] for name in (field.name, *field.printed) if flat(name) in known), None)
        if there is not None:
            found[field.name] = there
    return Columns(raw, found), tuple(field.name for field in fields if field.is_needed and field.name not in found)


def columns_of(raw: Raw, fields: Sequence[Field], title: str) -> Columns:
    """Find the columns of a format in a file.

    Raises
    ------
    EvidenceError
        If a needed one is missing.
    """
    found, missing = recognise(raw, fields)
    if missing:
        called = {field.name: field.printed for field in fields}
        wanted = "; ".join(f"{name} (such as {plain((*called[name], name)[0])})" for name in missing)
        raise EvidenceError(
            f"this is no file of {title}: it lacks {wanted}",
            code="import-missing-column",
            where=plain(raw.file),
            hint=f"it has {', '.join(plain(one) for one in raw.columns[:40])}; name the format with --format, see "
            "`undercount formats`, or describe the file yourself with --format mapped",
        )
    return found
