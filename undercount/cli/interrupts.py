"""Ctrl-C and a request to terminate: neither leaves a figure."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE: Final = "interrupted: no figure"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Interrupts:
    """Whether somebody asked to stop."""

    asked: bool = False

    def check(self) -> None:
        """Stop now if somebody asked to, even where a library swallowed the first interrupt.

        Raises
        ------
        KeyboardInterrupt
        """
        if self.asked:
            raise KeyboardInterrupt(MESSAGE)


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Treat SIGTERM as Ctrl-C inside the block, and remember both.

    Yields
    ------
    Interrupts
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return

    def stop(_: int, __: Any) -> None:
        interrupts.asked = True
        raise KeyboardInterrupt(MESSAGE)

    # A process that was started to ignore a signal goes on ignoring it.
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, stop)
    try:
        yield interrupts
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(MESSAGE) from interrupt
    finally:
        for number in heeded:
            signal.signal(number, before[number])
