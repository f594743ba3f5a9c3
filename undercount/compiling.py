"""`python -m undercount.compiling`: compile ahead, on all processors, what the first estimate would compile.

For an image of a container, a build, or a machine on which the first run must not take minutes. What is compiled lies
beside the package, or where `NUMBA_CACHE_DIR` says, and is taken from there until sources, numba or the machine change.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

PARTS: Final = {
    "the model of counts": (
        "import numpy as np\n"
        "from undercount.models.kernel.density import reading_values\n"
        "nothing, whole = np.zeros(0), np.zeros(1000, dtype=np.int64)\n"
        "reading_values(np.zeros((0, 1)), nothing, whole, nothing, np.zeros((0, 0)))"
    ),
    "the sampler": "from undercount.sampling.chain import prepare_loop; prepare_loop()",
    "the sampler of lists": "from undercount.sampling.ladder import prepare_ladders; prepare_ladders()",
    "the model of lists": "from undercount.models.overlap.latent_class import density, move",
}
"""What does not wait for each other, the longest first."""


def compile_ahead() -> None:
    """Compile every part in a process of its own.

    Raises
    ------
    RuntimeError
        If one fails.
    """
    with ThreadPoolExecutor() as pool:
        for name, seconds in pool.map(_compile, PARTS):
            sys.stderr.write(f"undercount: compiled {name}: {seconds:.0f} s\n")


def _compile(name: str) -> tuple[str, float]:
    begun = time.monotonic()
    found = subprocess.run(  # noqa: S603 - our own interpreter and parts
        [sys.executable, "-c", PARTS[name]], capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise RuntimeError(f"{name} cannot be compiled:\n{found.stderr}")
    return name, time.monotonic() - begun


if __name__ == "__main__":
    compile_ahead()
