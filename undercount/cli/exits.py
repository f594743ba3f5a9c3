"""Exit codes, and errors in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from undercount.data.problems import Problem
    from undercount.errors import UndercountError

REFUSED: Final = 1
"""The evidence is not valid, or something else was refused; click's own 2 is for a wrong command line."""
GATES_FAILED: Final = 3
DAMAGED: Final = 6
INTERRUPTED: Final = 5
"""Or out of time."""
MOST_PROBLEMS: Final = 20


def exit_code(error: UndercountError) -> int:
    """Exit code of an error, as the catalogue has it."""
    from undercount.errors.catalogue import exit_code_of

    return exit_code_of(error.code)


def describe(error: UndercountError) -> str:
    """Say what is wrong, where, how to mend it, under which code, and what explains it.

    Parameters
    ----------
    error : UndercountError

    Returns
    -------
    str
        Several lines; of evidence with many problems the first twenty.
    """
    problems = getattr(error, "problems", ())
    if len(problems) > 1:
        lines = [f"error: the evidence has {len(problems):,} problems"]
        lines += [f"\n{problem_lines(problem, number)}" for number, problem in enumerate(problems[:MOST_PROBLEMS], 1)]
        if len(problems) > MOST_PROBLEMS:
            lines.append(f"\nand {len(problems) - MOST_PROBLEMS:,} more: `undercount check` lists them all")
        lines.append(f"\nmore: {error.more}, and so for every code")
        return "\n".join(lines)
    rows = [("where", error.where), ("to mend it", error.hint), ("code", error.code), ("more", error.more)]
    return block(f"error: {error.message}", rows)


def problem_lines(problem: Problem, number: int) -> str:
    """Lay out one problem of the evidence: place, value and rule, the way to mend it."""
    return block(
        f"{number}. {problem.where}", [("", problem.what), ("to mend it", problem.hint), ("code", problem.code)]
    )


def block(title: str, rows: list[tuple[str, str]]) -> str:
    """Write a title and indented lines, of which the empty ones are left out; nothing in it steers a terminal."""
    from undercount.report.text import visible

    lines = [visible(title, 2000)]
    lines += [f"  {name + ': ' if name else ''}{visible(words, 2000)}" for name, words in rows if words]
    return "\n".join(lines)
