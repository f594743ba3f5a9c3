"""Versions of what the draws of each sampler depend on."""

from __future__ import annotations

from importlib.metadata import version
from platform import python_version
from typing import Final

CORE: Final = "undercount"
NUTPIE: Final = "nutpie"
PYMC: Final = "pymc"
_PACKAGES: Final = {
    CORE: ("undercount", "numba", "numpy", "scipy"),
    NUTPIE: ("undercount", "numba", "numpy", "nutpie", "pymc", "pytensor", "scipy"),
    PYMC: ("undercount", "numba", "numpy", "pymc", "pytensor", "scipy"),
}


def versions_of(sampler: str) -> dict[str, str]:
    """Versions of Python and of the packages that the draws of a sampler depend on.

    Parameters
    ----------
    sampler : str
        One of `CORE`, `NUTPIE` and `PYMC`.
    """
    return {"python": python_version(), **{name: version(name) for name in _PACKAGES[sampler]}}
