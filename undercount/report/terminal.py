"""The summary in a terminal, in the order in which a reader needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.text import Text

from undercount.report import sections
from undercount.report.text import between, count, interval_name, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TextIO

    from rich.console import RenderableType

    from undercount.estimators import Estimate

WIDTH: Final = 80
WIDEST: Final = 100


def console(stream: TextIO, width: int | None = None) -> Console:
    """Open a console that never reads markup in a text, and has colours and width of the terminal only if it is one.

    Parameters
    ----------
    stream : file
    width : int, optional
        Columns; by default those of the terminal up to 100, or 80 where the stream is none.

    Returns
    -------
    rich.console.Console
    """
    made = Console(file=stream, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)
    if width is None:
        made = Console(
            file=stream, width=min(made.width, WIDEST) if made.is_terminal else WIDTH, markup=False, emoji=False,
            highlight=False, soft_wrap=False,
        )  # fmt: skip
    return made


def summary(estimate: Estimate, by: Sequence[str] = ("actor", "week"), files: Sequence[Path] = ()) -> Group:
    """Lay out an estimate for a terminal.

    Parameters
    ----------
    estimate : Estimate
    by : sequence of str
        Any of actor, area, week, month, day: one table each.
    files : sequence of Path
        What was written.

    Returns
    -------
    rich.console.Group
        For `console(...).print`; nothing in it can be markup.
    """
    parts: list[RenderableType] = []
    if not estimate.check().passed:
        parts += [Text("GATES FAILED: do not quote", style="bold white on red"), Text()]
    parts += [*_headline(estimate), Text()]
    for key in by:
        parts += [sections.heading(f"Toll by {key}"), sections.toll_by(estimate, key), Text()]
    parts += [
        sections.heading("Reporting rates: expected reported count / toll, before and after the evidence"),
        sections.rates(estimate),
        Text(),
    ]
    parts += sections.left_out(estimate)
    parts += sections.surprises(estimate)
    parts += [sections.heading(_verdict(estimate)), sections.gates(estimate), Text()]
    parts += _provenance(estimate, files)
    return Group(*parts)


def text(estimate: Estimate, screen: Console, by: Sequence[str] = ("actor", "week"), files: Sequence[Path] = ()) -> str:
    """Give the summary as text for a console, without blanks at the ends of its lines."""
    with screen.capture() as capture:
        screen.print(summary(estimate, by, files))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _headline(estimate: Estimate) -> list[RenderableType]:
    toll, missed = estimate.toll(), estimate.undercount()
    case = estimate.evidence.case
    interval = interval_name(toll.ci_prob, toll.ci_kind)
    return [
        Text(f"{visible(case.title)} ({visible(case.case)})", style="bold"),
        Text(),
        Text.assemble(
            ("  toll         ", "bold"),
            (f"{count(toll.median):>8}", "bold"),
            (f"   {interval} {between(*toll.interval)}", "bold"),
        ),
        Text(f"  documented   {count(estimate.documented()):>8}"),
        Text(f"  undercount   {count(missed.median):>8}   {interval} {between(*missed.interval)}"),
        Text(),
        Text(estimate.explain().text()),
    ]


def _verdict(estimate: Estimate) -> str:
    checks = estimate.check()
    failed = sum(not check.passed for check in checks.checks)
    total = len(checks.checks)
    return f"Gates: all {total} passed" if checks.passed else f"Gates: {failed} of {total} FAILED"


def _provenance(estimate: Estimate, files: Sequence[Path]) -> list[RenderableType]:
    evidence = estimate.evidence
    versions = ", ".join(f"{name} {version}" for name, version in estimate.versions.items())
    lines = [
        ("evidence", f"{evidence.sha256}"),
        ("seed", str(estimate.seed)),
        ("versions", versions),
        *(("files" if i == 0 else "", visible(str(file), 300)) for i, file in enumerate(files)),
    ]  # fmt: skip
    made = sections.table(("", "left"), ("", "left"))
    made.show_header = False
    for name, words in lines:
        made.add_row(Text(name), Text(words, style="dim"))
    return [made]
