"""`python -m benchmarks`: every benchmark, one table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import accuracy, core, events, growth, losses, weekly
from benchmarks.overlap import accuracy as coverage
from benchmarks.rows import Row, Sheet, Table, as_json, as_markdown, as_text, cores, machine, read

GROUPS: Final = (
    "core", "cases", "start", "whole", "rates", "batch", "growth", "losses", "imports", "large", "accuracy",
    "overlap", "coverage",
)  # fmt: skip
SHORT_CASES: Final = 20
"""Small simulated cases of the short form, seeds 0, 1, ..."""
FULL_CASES: Final = 200
SHORT_TABLES: Final = 21
"""Simulated tables of independent lists of the short form, likewise."""
FULL_TABLES: Final = 72
"""Ten minutes on two cores."""
MARK: Final = "benchmarks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and print it; gives the exit code, 1 where the short form missed a bound."""
    asked = _parser().parse_args(arguments)
    table = read([file.read_text(encoding="utf-8") for file in asked.read]) if asked.read else _measured(asked)
    if asked.page is not None:
        fill(asked.page, as_markdown(table), asked.mark)
    form = as_json if asked.json else as_markdown if asked.markdown else as_text
    print(form(table))
    return int(asked.short and any(row.met is False for row in table.rows))


def _measured(asked: argparse.Namespace) -> Table:
    rows: list[Row] = []
    sheets: list[Sheet] = []
    for found in _short() if asked.short else _full(asked):
        if isinstance(found, Sheet):
            sheets.append(found)
            continue
        rows.append(found)
        if not asked.quiet:
            print(f"{found.group}: {found.what}: {found.figures} {found.verdict}", file=sys.stderr, flush=True)
    return Table(tuple(rows), machine(), tuple(sheets))


def fill(page: Path, table: str, name: str = MARK) -> None:
    """Put the table between the two marks of this name on a page."""
    mark = f"<!-- {name} -->"
    before, _, after = page.read_text(encoding="utf-8").split(mark)
    page.write_text(f"{before}{mark}\n\n{table}\n{mark}{after}", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="accuracy and speed that fail a build, within a minute")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print a markdown table")
    parser.add_argument("--page", type=Path, help="also put the table between the marks of this page")
    parser.add_argument("--mark", default=MARK, help="which marks: <!-- MARK -->, twice on the page")
    parser.add_argument("--read", type=Path, nargs="+", metavar="FILE", help="print what earlier runs gave with --json")
    parser.add_argument("--quiet", action="store_true", help="tell nothing on the way")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, metavar="GROUP",
                        help=f"some of: {', '.join(GROUPS)}")  # fmt: skip
    parser.add_argument("--cases", type=int, default=FULL_CASES, help="simulated cases of the accuracy")
    parser.add_argument("--tables", type=int, default=FULL_TABLES, help="simulated tables of each kind of lists")
    parser.add_argument("--many", action="store_true",
                        help="10,000 cases in the growth, half an hour more; 1,000 strata of lists")  # fmt: skip
    parser.add_argument("--losses", type=Path, metavar="FILE", help="the table of Radford et al., for the group losses")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of each timing")
    return parser


def _full(asked: argparse.Namespace) -> Iterator[Row | Sheet]:
    from benchmarks.overlap import speed
    from benchmarks.peers import batches, rates, whole

    groups: dict[str, Callable[[], Iterator[Row | Sheet]]] = {
        "core": lambda: core.rows(asked.rounds),
        "cases": lambda: core.case_rows(asked.rounds),
        "start": lambda: whole.start_rows(asked.rounds),
        "whole": lambda: whole.rows(asked.rounds),
        "rates": lambda: rates.rows(whole.CASE, asked.rounds),
        "batch": lambda: batches.rows(asked.rounds, 10),
        "growth": lambda: growth.rows(growth.MANY_CASES if asked.many else growth.CASES),
        "losses": lambda: losses.rows(asked.losses) if asked.losses else iter(()),
        "imports": lambda: events.rows(asked.rounds),
        "large": weekly.rows,
        "accuracy": lambda: accuracy_rows(accuracy.run(range(asked.cases), tell=_tell)),
        "overlap": lambda: speed.rows(asked.rounds, many=asked.many),
        "coverage": lambda: coverage_rows(asked.tables, quiet=asked.quiet),
    }
    for name in GROUPS:
        if name in asked.only:
            yield from groups[name]()


def _short() -> Iterator[Row]:
    yield from core.rows(2)
    yield from short_accuracy(accuracy.run(range(SHORT_CASES), size="small"))
    yield from coverage.short_rows(SHORT_TABLES, cores())


def _tell(outcome: accuracy.Outcome) -> None:
    if not outcome.passed:
        why = outcome.error or ", ".join(f"{name} {value:.3g}" for name, value in outcome.failed.items())
        print(f"  seed {outcome.seed}: {why}", file=sys.stderr, flush=True)


def coverage_rows(tables: int, *, quiet: bool) -> Iterator[Row | Sheet]:
    """Every estimator on every kind of lists, on all cores."""
    outcomes: list[coverage.Outcome] = []
    for outcome in coverage.run(coverage.trials(tables), cores()):
        if not quiet and (not outcomes or outcomes[-1].kind != outcome.kind):
            print(f"  lists: {outcome.kind}", file=sys.stderr, flush=True)
        outcomes.append(outcome)
    found = coverage.cells(outcomes)
    yield coverage.sheet(found)
    yield from coverage.rows(found)


def accuracy_rows(found: accuracy.Accuracy) -> Iterator[Row]:
    """Figures of many cases, each with its own error."""
    group = f"accuracy, {found.cases} simulated cases"
    low, high = accuracy.share_interval(found.passed, found.cases)
    why = ", ".join(f"{name}: {count}" for name, count in found.failures.most_common())
    note = f"gates that stopped a simulated case: {why}" if why else ""
    yield Row(group, "share that passes every gate", found.passed / found.cases, "", low, high, "95 %, exact binomial",
              ">= 0.95", found.passed >= 0.95 * found.cases, note)  # fmt: skip
    yield Row(group, "frozen", found.frozen, "cases", goal="0", met=found.frozen == 0)
    for what, scores in (("toll", found.tolls), ("toll of an actor", found.actors)):
        if scores:
            yield from _score_rows(group, what, scores)
    yield Row(group, "seconds of a fit with its checks, mean", found.seconds, "s")


def _score_rows(group: str, what: str, scores: Sequence[accuracy.Score]) -> Iterator[Row]:
    hits = accuracy.covered(scores)
    low, high = accuracy.share_interval(hits, len(scores))
    yield Row(group, f"coverage of the 95 % interval, {what}", hits / len(scores), "", low, high,
              "95 %, exact binomial", "0.95 inside", low <= accuracy.NOMINAL <= high)  # fmt: skip
    mean, error = accuracy.mean_and_error(score.crps for score in scores)
    yield Row(group, f"CRPS of ln(1 + {what}), mean", mean, "", mean - 2 * error, mean + 2 * error, "2 standard errors")
    bias, reach = accuracy.median_and_error(score.log_ratio for score in scores)
    yield Row(group, f"bias, median ln(estimate / truth), {what}", bias, "", bias - reach, bias + reach,
              "95 %, order statistics")  # fmt: skip


def short_accuracy(found: accuracy.Accuracy) -> Iterator[Row]:
    """Figures with bounds that a right model misses less than once in a thousand runs."""
    group = f"accuracy, {found.cases} small simulated cases"
    least = accuracy.least_successes(found.cases, accuracy.NOMINAL)
    yield Row(group, "cases that pass every gate", found.passed, "", goal=f">= {least}", met=found.passed >= least)
    yield Row(group, "frozen", found.frozen, "", goal="0", met=found.frozen == 0)
    hits = accuracy.covered(found.tolls)
    yield Row(group, "95 % intervals that hold the toll", hits, "", goal=f">= {least}", met=hits >= least)
    bias, error = accuracy.mean_and_error(score.log_ratio for score in found.tolls)
    yield Row(group, "mean ln(estimate / truth)", bias, "", bias - 4 * error, bias + 4 * error, "4 standard errors",
              "0 inside", abs(bias) <= 4 * error)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
