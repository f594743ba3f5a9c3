"""Processes, told from each other: also from a later one of the same number, and from those of other machines."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

from undercount.runs.ledger.sealing import sha256_of


def me() -> str:
    """Name this process by machine, number and beginning."""
    return f"{_machine()} {os.getpid()} {_began(os.getpid())}"


def is_here(process: str) -> bool:
    """Whether a process is one of this machine."""
    return process.partition(" ")[0] == _machine()


def is_dead(process: str) -> bool:
    """Whether a process is known to have ended; of another machine nothing is known."""
    machine, number, began = process.split(" ")
    return machine == _machine() and _began(int(number)) != began


@cache
def _machine() -> str:
    """Host, boot and space of process numbers, as a hash."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return sha256_of(" ".join(parts))[:16]


def _began(process: int) -> str:
    """When a process began, in ticks since the boot; empty if there is none, or it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return "unknown" if _lives(process) else ""
    return "" if fields[0] in "ZX" else fields[19]


def _lives(process: int) -> bool:
    """Whether there is a process, on systems without /proc."""
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
