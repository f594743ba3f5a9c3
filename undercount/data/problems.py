"""What is wrong with evidence: one `Problem` per fault, and one error that lists them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NoReturn

from undercount.errors import EvidenceError
from undercount.errors.naming import plain, shown, write_one_of

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = ["InvalidEvidenceError", "Problem", "plain", "raise_problems", "shown", "write_one_of"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the evidence, with the way to mend it.

    Attributes
    ----------
    file : str
        The file, such as ``"reports.csv"``, or the frame.
    row : int or None
        Line of the csv on which the row starts (the header is line 1), or position in the frame, counted
        from 0; None where the fault is not in a row, or the rows came as objects.
    report : str or None
        Identifier of the row: of the report, or in ``sources.csv`` of the source.
    field : str
        Column, or dotted key of ``case.toml``; empty where the fault is the whole row or file.
    value : str
        The value received.
    rule : str
        The rule that it breaks.
    hint : str
        What to do about it.
    code : str
        Stable identifier, such as ``"evidence-unknown-actor"``.
    """

    FIELD: ClassVar[str] = "field"
    """What messages call the field."""

    file: str
    row: int | None
    report: str | None
    field: str
    value: str
    rule: str
    hint: str
    code: str

    @property
    def where(self) -> str:
        """File, row, identifier and field, as far as they are known."""
        counted = " (counted from 0)" if "frame" in self.file else ""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}{counted}")
        if self.report is not None:
            kind = next((kind for kind in ("report", "source") if kind in self.file), "beginning with")
            parts.append(f"{kind} {plain(self.report)}")
        if self.field:
            parts.append(f"{self.FIELD} {plain(self.field)}")
        return ", ".join(parts)

    @property
    def what(self) -> str:
        """The value received and the rule that it breaks."""
        return f"{shown(self.value)}: {self.rule}" if self.value else self.rule

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; to mend it: {self.hint} [{self.code}]"


class InvalidEvidenceError(EvidenceError):
    """Evidence that breaks rules; carries every `Problem` that was found.

    Attributes
    ----------
    problems : tuple of Problem
        All of them, in the order of case, sources, reports.
    """

    problems: tuple[Problem, ...] = ()


def raise_problems(problems: Iterable[Problem]) -> NoReturn:
    """Raise one error that lists every problem.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.

    Raises
    ------
    InvalidEvidenceError
        Always; its code is that of the first problem.
    """
    found = tuple(problems)
    first = found[0]
    if len(found) == 1:
        error = InvalidEvidenceError(first.what, code=first.code, where=first.where, hint=first.hint)
    else:
        listed = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(found, start=1))
        hint = "mend each as its line says"
        error = InvalidEvidenceError(f"{len(found)} problems:\n{listed}", code=first.code, where="evidence", hint=hint)
    error.problems = found
    raise error
