"""Exit codes, and errors in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from undercount.data.problems import Problem
    from undercount.errors import UndercountError

REFUSED: Final = 1
"""The evidence is not valid, or something else was refused; click's own 2 is for a wrong command line."""
GATES_FAILED: Final = 3
LEASED: Final = 4
"""Another run works on the case."""
INTERRUPTED: Final = 5
"""Or out of time."""
DAMAGED: Final = 6
"""Something in the store is not as it was written, or the store cannot be written."""
MOST_PROBLEMS: Final = 20


_BY_CODE: Final = {
    "run-lease-held": LEASED,
    "run-lease-lost": LEASED,
    "run-out-of-time": INTERRUPTED,
    "store-damaged": DAMAGED,
    "store-not-written": DAMAGED,
    "store-not-used": DAMAGED,
}


def exit_code(error: UndercountError) -> int:
    """Exit code of an error."""
    return _BY_CODE.get(error.code, REFUSED)


def describe(error: UndercountError) -> str:
    """Say what is wrong, where, how to mend it, and under which code.

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
        return "\n".join(lines)
    return block("error: " + error.message, [("where", error.where), ("to mend it", error.hint), ("code", error.code)])


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
