"""Long work of a command: it can be interrupted, tells how it goes on, and keeps standard output for the result."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from undercount.cli.interrupts import interruptible
from undercount.cli.progress import reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    type Shown = Callable[..., AbstractContextManager[Callable[[Any], None]]]


@contextmanager
def working(*, quiet: bool, shown_by: Shown = reporter) -> Iterator[Callable[[Any], None]]:
    """Do long work in the block.

    Parameters
    ----------
    quiet : bool
        Show no progress.
    shown_by : callable
        Called with `quiet`, gives what shows the progress, as a context; by default that of one fit.

    Yields
    ------
    callable
        To be called with a progress as often as one likes; it stops the work if somebody asked to.

    Raises
    ------
    KeyboardInterrupt
        If interrupted, also where a library swallowed it.
    """
    # Whatever a library prints belongs to the log.
    with interruptible() as interrupts, redirect_stdout(sys.stderr):
        with shown_by(quiet=quiet) as progress:

            def tell(now: Any) -> None:
                interrupts.check()
                progress(now)

            yield tell
        interrupts.check()
