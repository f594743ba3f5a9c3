"""Versions of what draws and figures depend on: what estimates and batches record, and what `--version` prints."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from platform import machine, python_version, system
from typing import Final

CORE: Final = "undercount"
NUTPIE: Final = "nutpie"
PYMC: Final = "pymc"
COMPILED: Final = ("undercount", "numba", "numpy", "scipy")
"""What the draws of the compiled core depend on, those of counts and those of lists."""
_PACKAGES: Final = {
    CORE: COMPILED,
    NUTPIE: (*COMPILED, "nutpie", "pymc", "pytensor"),
    PYMC: (*COMPILED, "pymc", "pytensor"),
}
_BESIDE: Final = ("arviz", "xarray", "netcdf4", "pandas", "pyarrow", "pydantic", "sqlalchemy", "matplotlib")
"""No draw depends on these: they keep, check, summarise and draw what was estimated."""
_OPTIONAL: Final = ("distributed", "duckdb", "psycopg", "splink")


def packages_of(*samplers: str) -> tuple[str, ...]:
    """Packages that the draws of samplers depend on, the package itself first and the others sorted.

    Examples
    --------
    >>> packages_of(CORE), packages_of(CORE, PYMC)[-2:]
    (('undercount', 'numba', 'numpy', 'scipy'), ('pytensor', 'scipy'))
    """
    first, *others = COMPILED
    return first, *sorted({*others, *(name for sampler in samplers for name in _PACKAGES[sampler])} - {first})


def versions_of(*samplers: str) -> dict[str, str]:
    """Versions of Python and of the packages that the draws of samplers depend on.

    Parameters
    ----------
    *samplers : str
        Of `CORE`, `NUTPIE` and `PYMC`.
    """
    return {"python": python_version(), **_versions(packages_of(*samplers))}


def versions_of_all() -> dict[str, str]:
    """Versions of everything that matters for a figure: the package, Python, the platform, and other packages.

    Those that are optional are left out where they are not installed. Nothing of them is imported.
    """
    mine, *others = packages_of(CORE, NUTPIE, PYMC)
    return {
        mine: version(mine),
        "python": python_version(),
        "platform": f"{system()} {machine()}",
        **_versions((*others, *_BESIDE)),
        **{name: found for name in _OPTIONAL if (found := _version_or_none(name)) is not None},
    }


def _versions(names: Iterable[str]) -> dict[str, str]:
    return {name: version(name) for name in names}


def _version_or_none(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
