"""How a fit goes on: a bar on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from undercount.sampling import Progress

    type Report = Callable[[Progress], None]

COMPILE: Final = "some minutes in the first run of a version, then no time"
SECONDS: Final = 5.0
"""Between two lines of the same phase."""


@contextmanager
def reporter(*, quiet: bool, stream: TextIO | None = None) -> Iterator[Report]:
    """Show progress until the block ends.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    stream : file, optional
        By default standard error.

    Yields
    ------
    callable
        To be called with a `Progress` as often as one likes.
    """
    out = stream or sys.stderr
    if quiet:
        yield lambda _: None
    elif out.isatty():
        from undercount.report.terminal import console

        with _bars(console(out)) as bars:
            yield _Bar(bars)
    else:
        yield Lines(out)


class Lines:
    """Plain lines: one for each phase, and one every few seconds inside it.

    Parameters
    ----------
    stream : file
    seconds : float
        Between two lines of the same phase.
    """

    def __init__(self, stream: TextIO, seconds: float = SECONDS) -> None:
        self._stream, self._seconds = stream, seconds
        self._phase, self._last = "", 0.0
        self._begun = time.monotonic()

    def __call__(self, now: Progress) -> None:
        """Write a line if the phase is new or the last line is old."""
        moment = time.monotonic()
        if now.phase == self._phase and moment - self._last < self._seconds:
            return
        self._phase, self._last = now.phase, moment
        self._stream.write(f"undercount: {describe(now, moment - self._begun)}\n")
        self._stream.flush()


def describe(now: Progress, seconds: float) -> str:
    """Say in one line where a fit stands after so many seconds.

    Examples
    --------
    >>> from undercount.sampling import Progress
    >>> describe(Progress("sample", chains=4, finished_draws=1200, total_draws=8000, seconds_left=17.0), 28.0)
    'sample: 4 chains, draws 1,200 of 8,000, 0 divergences, 28 s, 17 s left'
    """
    parts = [f"{now.chains} chains"] if now.chains else []
    if now.total_draws:
        parts.append(f"draws {now.finished_draws:,} of {now.total_draws:,}")
        parts.append(f"{now.divergences:,} divergences")
    parts.append(f"{seconds:.0f} s")
    if now.seconds_left is not None:
        parts.append(f"{now.seconds_left:.0f} s left")
    if now.phase == "compile":
        parts.append(COMPILE)
    return f"{now.phase}: {', '.join(parts)}"


def _bars(screen: Console) -> Bars:
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description:<9}", markup=False),
        BarColumn(bar_width=10),
        TextColumn("{task.fields[words]}", markup=False),
        console=screen,
        transient=True,
    )


class _Bar:
    """One bar; it pulses where the length of a phase is not known."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID = bars.add_task("start", total=None, words="")

    def __call__(self, now: Progress) -> None:
        words = f"{now.chains} chains" if now.chains else ""
        words += f"  {COMPILE}" if now.phase == "compile" else ""
        if now.total_draws:
            words += f"  {now.finished_draws:,}/{now.total_draws:,} draws  {now.divergences:,} divergences"
        if now.seconds_left is not None:
            words += f"  {now.seconds_left:.0f} s left"
        self._bars.update(
            self._task, description=now.phase, completed=now.finished_draws, total=now.total_draws or None, words=words
        )
