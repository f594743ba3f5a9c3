"""An estimate from lists, or a comparison of several, in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from undercount.report import sections
from undercount.report.text import between, count, interval_name, rate, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console, RenderableType
    from rich.table import Table

    from undercount.estimators.overlap import Comparison, OverlapEstimate

_MOST_ROWS: Final = 60


def estimate_text(estimate: OverlapEstimate, screen: Console, *, by_stratum: bool, files: Sequence[Path] = ()) -> str:
    """Give the summary of an estimate as text for a console.

    Parameters
    ----------
    estimate : OverlapEstimate
    screen : rich.console.Console
    by_stratum : bool
        Whether the strata have a table.
    files : sequence of Path
        What was written.
    """
    parts: list[RenderableType] = []
    if not estimate.check().passed:
        parts += [Text("GATES FAILED: do not quote", style="bold white on red"), Text()]
    parts += [*_headline(estimate), Text(), *_assumption(estimate), Text()]
    if by_stratum:
        parts += [sections.heading("Toll by stratum"), _strata(estimate), Text()]
    parts += [sections.heading("Share of the toll on each list"), _shares(estimate), Text()]
    parts += [*_notes(estimate), sections.heading(_verdict(estimate)), sections.gates(estimate), Text()]
    parts += _provenance(estimate, files)
    return _captured(screen, parts)


def comparison_text(comparison: Comparison, screen: Console, files: Sequence[Path] = ()) -> str:
    """Give a comparison of estimators as text for a console."""
    first = comparison.estimates[0]
    made = sections.table(("estimator", "left"), ("toll", "right"), ("95 %", "right"), ("gates", "left"))
    for row in comparison.rows():
        made.add_row(
            Text(str(row["label"])),
            Text(count(row["median"]), style="bold"),
            Text(f"{between(row['lower'], row['upper'])} ({row['ci_kind']})"),
            Text("passed", style="green") if row["passed"] else Text("FAILED", style="bold red"),
        )
    parts: list[RenderableType] = [
        *_title(first), Text(), sections.heading("What each estimator makes of the same lists"), made, Text(),
        sections.heading("What must be true for each to be right"),
    ]  # fmt: skip
    for row in comparison.rows():
        parts += _wrapped(f"{row['label']}: {row['assumption']}")
    parts += [Text(), *_sweep(comparison), *_provenance(first, files)]
    return _captured(screen, parts)


def _captured(screen: Console, parts: Sequence[RenderableType]) -> str:
    with screen.capture() as capture:
        screen.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _title(estimate: OverlapEstimate) -> list[RenderableType]:
    lists = estimate.lists
    return [
        Text(f"{visible(lists.title)} ({visible(lists.name)})", style="bold"),
        Text(f"Counted: {visible(lists.unit, 300)}"),
        Text(f"{len(lists.names)} lists"
             + (f", {count(len(lists.strata))} strata" if len(lists.strata) > 1 else "")
             + (f", {lists.replicates} replicates" if lists.replicates > 1 else "")),
    ]  # fmt: skip


def _headline(estimate: OverlapEstimate) -> list[RenderableType]:
    toll, missed = estimate.toll(), estimate.undercount()
    interval = interval_name(toll.ci_prob, toll.ci_kind)
    return [
        *_title(estimate),
        Text(),
        Text(f"  toll         {count(toll.median):>8}   {interval} {between(*toll.interval)}", style="bold"),
        Text(f"  documented   {count(estimate.documented()):>8}   on at least one list"),
        Text(f"  undercount   {count(missed.median):>8}   {interval} {between(*missed.interval)}"),
    ]


def _assumption(estimate: OverlapEstimate) -> list[RenderableType]:
    return [Text(f"{estimate.estimator}: right only if", style="bold"), *_wrapped(estimate.assumption)]


def _wrapped(words: str) -> list[RenderableType]:
    return [Text(line) for line in textwrap.wrap(words, 76, initial_indent="  ", subsequent_indent="  ")]


def _strata(estimate: OverlapEstimate) -> Table:
    rows = estimate.rows.toll("stratum")
    interval = interval_name(rows[0]["ci_prob"], rows[0]["ci_kind"])
    made = sections.table(
        ("stratum", "left"), ("on a list", "right"), ("toll", "right"), (interval, "right"), ("", "left")
    )
    largest = max(row["median"] for row in rows)
    for row in rows[:_MOST_ROWS]:
        made.add_row(
            Text(visible(row["stratum"] or "all", 60)),
            Text(count(row["observed"])),
            Text(count(row["median"]), style="bold"),
            Text(between(row["lower"], row["upper"])),
            Text(sections.bar(row["median"], largest), style="blue", no_wrap=True, overflow="crop"),
        )
    if len(rows) > _MOST_ROWS:
        made.add_row(Text(f"and {count(len(rows) - _MOST_ROWS)} more in toll.csv"))
    return made


def _shares(estimate: OverlapEstimate) -> Table:
    made = sections.table(("list", "left"), ("size", "right"), ("share of the toll", "left"))
    for row in estimate.rows.reporting_rates():
        made.add_row(
            Text(visible(row["list"], 60)),
            Text(count(row["size"])),
            Text(f"{rate(row['median'])} ({rate(row['lower'])}–{rate(row['upper'])})", style="bold"),
        )
    return made


def _notes(estimate: OverlapEstimate) -> list[RenderableType]:
    """What a single table's estimator noted, and the caveats of the lists."""
    parts: list[RenderableType] = []
    if len(estimate.results) == 1 and estimate.results[0].notes:
        made = sections.table(("", "left"), ("", "left"))
        made.show_header = False
        for name, value in estimate.results[0].notes.items():
            made.add_row(Text(name), Text(visible(_value(value), 200)))
        parts += [sections.heading("Noted"), made, Text()]
    if estimate.lists.caveats:
        parts.append(sections.heading("Caveats of these lists"))
        for caveat in estimate.lists.caveats:
            parts += _wrapped(visible(caveat, 1000))
        parts.append(Text())
    return parts


def _value(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _verdict(estimate: OverlapEstimate) -> str:
    checks = estimate.check()
    if checks.passed:
        return f"Gates: all {len(checks.checks)} passed"
    return f"Gates: {len(checks.failed)} of {len(checks.checks)} FAILED"


def _sweep(comparison: Comparison) -> list[RenderableType]:
    if not comparison.sweep:
        return []
    made = sections.table(("odds ratio of the highest order", "right"), ("toll", "right"))
    for row in comparison.sweep:
        made.add_row(Text(f"{row['odds_ratio']:g}"), Text(count(row["toll"])))
    return [
        sections.heading("If the lists interact in the highest order (1: they do not), saturated model"),
        made,
        Text(),
    ]


def _provenance(estimate: OverlapEstimate, files: Sequence[Path]) -> list[RenderableType]:
    versions = ", ".join(f"{name} {version}" for name, version in estimate.versions.items())
    lines = [
        ("lists", estimate.sha256),
        ("source", visible(estimate.lists.source, 300)),
        ("seed", str(estimate.seed)),
        ("versions", versions),
        *(("files" if i == 0 else "", visible(str(file), 300)) for i, file in enumerate(files)),
    ]
    made = sections.table(("", "left"), ("", "left"))
    made.show_header = False
    for name, words in lines:
        if words:
            made.add_row(Text(name), Text(words, style="dim"))
    return [made]
