"""Rows of the one table, and its three forms: terminal, markdown, JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from benchmarks.timing import Spread

_PACKAGES: Final = ("undercount", "numpy", "numba", "pymc", "pytensor", "nutpie", "jax", "numpyro")


@dataclass(frozen=True)
class Row:
    """One figure: what was measured, its value and spread, and what it is held against."""

    group: str
    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    spread: str = ""
    """What `low` and `high` are."""
    goal: str = ""
    met: bool | None = None
    note: str = ""

    @classmethod
    def of(
        cls,
        group: str,
        what: str,
        spread: Spread,
        unit: str,
        *,
        goal: str = "",
        met: bool | None = None,
        note: str = "",
    ) -> Row:
        """A row from repeated figures."""
        ends = f"least to most of {spread.count}" if spread.count > 1 else "one run"
        return cls(group, what, spread.median, unit, spread.low, spread.high, ends, goal, met, note)

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a word."""
        return "" if self.met is None else ("met" if self.met else "missed")

    @property
    def figures(self) -> str:
        """Value with its spread."""
        ends = "" if self.low is None or self.high is None else f" [{number(self.low)}, {number(self.high)}]"
        return f"{number(self.value)}{ends} {self.unit}".strip()


def number(value: float) -> str:
    """Three significant digits; counts in full."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> dict[str, str]:
    """Where and when, and with what."""
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": str(cores()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@dataclass(frozen=True)
class Sheet:
    """Figures that belong side by side, in columns of their own."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """Rows of one machine, and the sheets that follow them."""

    rows: tuple[Row, ...]
    machine: Mapping[str, str]
    sheets: tuple[Sheet, ...] = ()

    @property
    def remarks(self) -> list[str]:
        """Notes of the rows, each once, and what holds for all of them."""
        notes = [row.note for row in self.rows if row.note]
        return [*dict.fromkeys(notes), "Seconds are those of this machine and its day; ratios travel better."]


def read(texts: Sequence[str]) -> Table:
    """Join what earlier runs gave as JSON; the machine and the date are those of the last."""
    contents = [json.loads(text) for text in texts]
    rows = tuple(Row(**row) for content in contents for row in content["rows"])
    sheets = tuple(_sheet(sheet) for content in contents for sheet in content.get("sheets", ()))
    return Table(rows, contents[-1]["machine"], sheets)


def _sheet(content: Mapping[str, Any]) -> Sheet:
    return Sheet(content["title"], tuple(content["columns"]), tuple(tuple(line) for line in content["lines"]))


def as_json(table: Table) -> str:
    """The table with everything that is known of it."""
    content: dict[str, Any] = {
        "machine": dict(table.machine),
        "rows": [asdict(row) for row in table.rows],
        "sheets": [asdict(sheet) for sheet in table.sheets],
    }
    return json.dumps(content, indent=2)


def as_markdown(table: Table) -> str:
    """The table as a page of the documentation holds it."""
    where = dict(table.machine)
    lines = [f"{where.pop('date')}, {where.pop('processor')}, {where.pop('cores')} cores, {where.pop('system')}; "
             + ", ".join(f"{name} {what}" for name, what in where.items()) + ".", ""]  # fmt: skip
    lines += ["| | what | figure [spread] | goal | |", "|---|---|---|---|---|"]
    lines += [f"| {row.group} | {row.what} | {row.figures} | {row.goal} | {row.verdict} |" for row in table.rows]
    lines += ["", *(f"- {remark}" for remark in table.remarks)]
    for sheet in table.sheets:
        lines += ["", f"**{sheet.title}**", "", _line(sheet.columns), "|" + "---|" * len(sheet.columns)]
        lines += [_line(line) for line in sheet.lines]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_text(table: Table) -> str:
    """The table for a terminal."""
    from rich.console import Console

    lines = [(row.group, row.what, row.figures, row.goal, row.verdict) for row in table.rows]
    console = Console(width=140, markup=False, highlight=False)
    with console.capture() as taken:
        console.print(_grid(("", "what", "figure [spread]", "goal", ""), lines))
        console.print(", ".join(f"{name} {what}" for name, what in table.machine.items()))
        for remark in table.remarks:
            console.print(f"- {remark}")
        for sheet in table.sheets:
            console.print(f"\n{sheet.title}")
            console.print(_grid(sheet.columns, sheet.lines))
    return taken.get()


def _grid(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> Grid:
    from rich.table import Table as Grid

    found = Grid(box=None, pad_edge=False)
    for name in columns:
        found.add_column(name, overflow="fold")
    for line in lines:
        found.add_row(*line)
    return found
