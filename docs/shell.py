"""What a reader types into a shell, on a page that is executed."""

from __future__ import annotations

import os
import subprocess

from IPython import get_ipython


def register() -> None:
    """Run cells that begin with ``%%sh`` at once: IPython's own magic breaks lines between what it reads at a time."""

    def run(_: str, cell: str) -> None:
        env = os.environ | {"NO_COLOR": "1"}
        done = subprocess.run(["/bin/sh", "-e", "-c", cell], check=False, capture_output=True, text=True, env=env)
        print(done.stdout + done.stderr, end="")
        done.check_returncode()

    get_ipython().register_magic_function(run, "cell", "sh")
