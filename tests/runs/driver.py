"""One scheduled run of a case in a process of its own, which gets a signal at a named moment if one is given.

python -m tests.runs.driver CASE [POINT [SIGNAL]]

With a signal other than SIGKILL it goes through the command line, as a scheduler starts it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(case: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a run, without waiting for it."""
    command = [sys.executable, "-m", "tests.runs.driver", str(case), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def main(case: str, deadly: str = "", number: str = "9") -> None:
    """Run once, and print the status as JSON."""
    from undercount.runs import points

    if deadly and deadly not in points.POINTS:
        raise ValueError(deadly)

    def reached(point: str) -> None:
        if point == deadly:
            os.kill(os.getpid(), int(number))

    points.reached = reached  # before the modules that pass them are loaded
    if int(number) != signal.SIGKILL:
        from undercount.cli.main import main as command

        command(["run", case, "--quiet", "--format", "json"])
    from tests.runs.cases import runner
    from undercount.errors import UndercountError
    from undercount.runs.store import Store

    try:
        with Store.of(case) as store:
            outcome = runner(store).run()
    except UndercountError as error:
        print(json.dumps({"code": error.code}))  # noqa: T201 - to the test
        sys.exit(1)
    print(json.dumps(outcome.content))  # noqa: T201 - to the test


if __name__ == "__main__":
    main(*sys.argv[1:])
