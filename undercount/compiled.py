"""Compiled functions whose cache on disk knows every source that they are made of.

numba stamps the cached code of a function with size and time of the file that the function stands in. A
function that calls one of another file is then taken from the cache although that one has changed, and an
upgrade would go on with the old mathematics. Here the stamp is a hash of the contents of all sources of
compiled functions: it also holds in a copy of the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, override

import numba
from numba.core import cgutils
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature

_HOME = Path(__file__).parent
_SOURCES = (
    "compiled.py",
    "models/gamma.py",
    "models/tails.py",
    "models/lags.py",
    "models/misread.py",
    "models/running.py",
    "models/truncated.py",
    "models/truncated_op.py",
    "models/interval_op.py",
    "models/negative_binomial.py",
    "models/kernel/*.py",
    "sampling/*.py",
)
_OVERLAP = "models/overlap"
"""Folder of compiled functions that no other source calls: they may change without a stamp of the others."""


@cache
def sources_digest(*, with_overlap: bool = True) -> str:
    """SHA-256 of the sources of all compiled functions, or of those that the models of counts are made of."""
    digest = hashlib.sha256()
    for pattern in (*_SOURCES, f"{_OVERLAP}/**/*.py") if with_overlap else _SOURCES:
        for path in sorted(_HOME.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _content_digest(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


class _Cache(FunctionCache):
    @override
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        is_overlap = Path(function.__code__.co_filename).is_relative_to(_HOME / _OVERLAP)
        stamp = (_content_digest(function.__code__.co_filename), sources_digest(with_overlap=is_overlap))
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, stamp)


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function at its first call, without the interpreter's lock, and keep the code on disk."""
    return compiled_with()(function)


def compiled_with[F: Callable[..., Any]](**options: Any) -> Callable[[F], F]:
    """Compile as `compiled` does, with more options of `numba.njit`, such as `fastmath`."""

    def compile_later(function: F) -> F:
        dispatcher = numba.njit(nogil=True, error_model="numpy", **options)(function)
        dispatcher._cache = _Cache(function)
        found: F = dispatcher
        return found

    return compile_later


def compiled_callback(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function of a fixed signature at once, to be handed to other compiled functions."""

    def compile_now(function: Callable[..., Any]) -> Any:
        callback: Any = CFunc(function, normalize_signature(signature), locals={}, options={"error_model": "numpy"})
        callback._cache = _Cache(function)
        callback.compile()
        return callback

    return compile_now


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile into whatever calls it: arrays then are not passed, which takes several words of each."""
    return compiled_with(forceinline=True)(function)


def _lend(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, numba.types.Array):
        view = context.make_array(kind)(context, builder, value)
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()
    for place, member in enumerate(getattr(kind, "types", ())):  # of a tuple
        lent = _lend(context, builder, member, builder.extract_value(value, place))
        value = builder.insert_value(value, lent, place)
    return value


def _borrowed(_context: Any, value: Any) -> Any:
    """The same array, or named tuple with its arrays, without owner; the caller holds it, inside compiled code.

    Each slice of an owned array counts references atomically, which costs more than short loops do.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _lend(context, builder, signature.args[0], arguments[0])

    return value(value), generate


borrowed: Any = numba.extending.intrinsic(_borrowed)
