"""A worker process: loads what is to be done, then fits one case after the other."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Final

from undercount.estimators.batches.work import fit_case

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

READY: Final = "ready"


def main(channel: Connection, work: bytes) -> None:
    """Fit what comes through a channel until it is closed.

    Parameters
    ----------
    channel : Connection
        Takes pickled evidence, gives an `Outcome`; first of all `READY`, or why the work cannot be loaded.
    work : bytes
        Pickled `Work`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        loaded = pickle.loads(work)  # noqa: S301 - from the parent
    except Exception as error:  # noqa: BLE001 - told to the parent
        channel.send(f"{type(error).__name__}: {error}")
        return
    channel.send(READY)
    while True:
        try:
            evidence = channel.recv_bytes()
        except EOFError:
            return
        channel.send(fit_case(loaded, evidence))


def _die_with_parent() -> None:
    """Leave no process behind, whatever ends the parent."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
