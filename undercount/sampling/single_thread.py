"""Linear algebra on one thread: how a product is split over threads changes its last bit."""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from typing import Any, Final


class OneThread(ContextDecorator):
    """Keeps BLAS on one thread while any thread of the process is inside; the last one to leave restores it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        import scipy.linalg.cython_lapack  # noqa: F401 - compiled code calls it; what is loaded later has no limit
        from threadpoolctl import threadpool_limits

        with self._lock:
            if self._inside == 0:
                self._limit = threadpool_limits(1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore_original_limits()


single_thread: Final = OneThread()
"""The number of threads of BLAS belongs to the process, and so does this."""
