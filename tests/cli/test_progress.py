"""Progress: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from undercount.cli.progress import COMPILE, Lines, reporter
from undercount.sampling import Progress

if TYPE_CHECKING:
    import pytest

TOLD = [
    Progress("compile", chains=4),
    Progress("compile", chains=4),
    *(Progress("sample", 4, 100 * i, 1000, i, seconds_left=9.0) for i in range(10)),
    Progress("summarise"),
]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_one_for_each_phase() -> None:
    out = io.StringIO()
    with reporter(quiet=False, stream=out) as tell:
        for now in TOLD:
            tell(now)
    assert out.getvalue().splitlines() == [
        f"undercount: compile: 4 chains, 0 s, {COMPILE}",
        "undercount: sample: 4 chains, draws 0 of 1,000, 0 divergences, 0 s, 9 s left",
        "undercount: summarise: 0 s",
    ]


def test_lines_go_on_inside_a_long_phase() -> None:
    out = io.StringIO()
    tell = Lines(out, seconds=0)
    for now in TOLD:
        tell(now)
    assert len(out.getvalue().splitlines()) == len(TOLD)


def test_quiet_is_quiet() -> None:
    out = Screen()
    with reporter(quiet=True, stream=out) as tell:
        for now in TOLD:
            tell(now)
    assert out.getvalue() == ""


def test_a_terminal_gets_a_bar_with_draws_divergences_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    out = Screen()
    with reporter(quiet=False, stream=out) as tell:
        tell(TOLD[0])
        tell(Progress("sample", 4, 12_345, 20_000, 1_234, seconds_left=123.0))
    shown = out.getvalue()
    assert "sample" in shown
    assert "4 chains  12,345/20,000 draws  1,234 divergences  123 s left" in shown
    assert "undercount:" not in shown
