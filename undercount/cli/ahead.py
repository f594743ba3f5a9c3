"""What writes the files is loaded while the chains run, for the thread that would load it only waits then."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from undercount.sampling import Progress

WRITERS: Final = ("xarray", "netCDF4", "undercount.report.files", "undercount.report.page.writing", "dask.distributed")
"""The last one is no dependency; where it is installed xarray loads it when it writes."""


class Ahead:
    """Loads modules beside the sampler; the thread that does so does not outlive the `with`.

    Parameters
    ----------
    modules : sequence of str
        Their names. What cannot be loaded is left to the thread that needs it, and to its error.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._is_over = False
        self._thread = threading.Thread(target=self._load)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._finish()

    def tell(self, progress: Progress) -> None:
        """Begin with the first draw, and be done before anything else is loaded."""
        if progress.phase == "summarise":
            self._finish()
        elif progress.phase != "compile" and self._modules and self._thread.ident is None:
            self._thread.start()

    def _finish(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def _load(self) -> None:
        for name in self._modules:
            if self._is_over:
                return
            with suppress(ImportError):
                import_module(name)
