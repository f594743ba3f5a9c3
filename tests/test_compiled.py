"""The cache of compiled functions on disk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from undercount import compiled
from undercount.compiled import borrowed, sources_digest


def test_every_file_with_compiled_functions_is_among_the_sources() -> None:
    patterns = (*compiled._SOURCES, f"{compiled._OVERLAP}/**/*.py")
    named = {path for pattern in patterns for path in compiled._HOME.glob(pattern)}
    using = {
        path
        for path in compiled._HOME.rglob("*.py")
        if any(line.startswith(("@compiled", "@inlined", "@numba.")) for line in path.read_text().splitlines())
    }
    assert using
    assert using <= named
    assert all(list(compiled._HOME.glob(pattern)) for pattern in patterns)


def test_the_cache_is_stamped_with_all_sources() -> None:
    @compiled.compiled
    def twice(x: float) -> float:
        return 2.0 * x

    assert twice(3.0) == 6.0
    assert twice._cache._cache_file._source_stamp[1] == sources_digest(with_overlap=False)  # type: ignore[attr-defined]
    assert len({sources_digest(), sources_digest(with_overlap=False)}) == 2
    assert len(sources_digest()) == 64


def test_a_borrowed_array_is_the_same_memory() -> None:
    @compiled.compiled
    def write(x: np.ndarray) -> None:
        view = borrowed(x)
        view[1] = 7.0

    array = np.zeros(3)
    write(array)
    assert array.tolist() == [0.0, 7.0, 0.0]


class _Inner(NamedTuple):
    rows: np.ndarray


class _Outer(NamedTuple):
    factor: float
    inner: _Inner
    entries: np.ndarray


def test_a_borrowed_tuple_holds_the_same_arrays() -> None:
    @compiled.inlined
    def scale(outer: _Outer) -> None:
        row = outer.inner.rows[1]
        for i in range(row.size):
            row[i] = outer.factor * outer.entries[i]

    @compiled.compiled
    def write(outer: _Outer) -> None:
        scale(borrowed(outer))

    outer = _Outer(2.0, _Inner(np.zeros((2, 3))), np.array([1.0, 2.0, 3.0]))
    write(outer)
    assert outer.inner.rows.tolist() == [[0.0, 0.0, 0.0], [2.0, 4.0, 6.0]]
    assert outer.entries.tolist() == [1.0, 2.0, 3.0]
