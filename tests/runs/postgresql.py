"""A real PostgreSQL server on the loopback, for as long as the tests need it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin")


def program(name: str) -> str:
    """Path of a program of the server, which Debian keeps out of the search path."""
    found = [path for place in PLACES for path in sorted(Path("/").glob(f"{place[1:]}/{name}"))]
    if not found:
        raise FileNotFoundError(f"{name}: install the Debian package postgresql")
    return str(found[-1])


def _as_nobody(command: list[str], place: Path) -> list[str]:
    """A server refuses to run as root."""
    if os.getuid() != 0:
        return command
    shutil.chown(place, "nobody")
    return ["setpriv", "--reuid=nobody", "--clear-groups", "--", *command]


@contextmanager
def server() -> Iterator[str]:
    """Start a server of its own; gives the address of an empty database."""
    place = Path(tempfile.mkdtemp(prefix="postgresql-"))
    place.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = place / "data"
    make = [program("initdb"), "--auth=trust", "--username=tester", "--no-sync", "--encoding=UTF8", "-D", str(data)]
    subprocess.run(_as_nobody(make, place), cwd=place, check=True, capture_output=True, timeout=60)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}"
    control = [program("pg_ctl"), "-D", str(data), "-w"]
    log = ["-l", str(place / "log")]
    # A server that inherits the pipes would keep them open.
    subprocess.run(
        _as_nobody([*control, *log, "-o", options, "start"], place), cwd=place, check=True, timeout=60,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    finally:
        stop = _as_nobody([*control, "-m", "immediate", "stop"], place)
        subprocess.run(stop, cwd=place, check=True, capture_output=True, timeout=60)
        shutil.rmtree(place, ignore_errors=True)
