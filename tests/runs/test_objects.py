"""Files named by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from undercount.errors import StoreError
from undercount.runs.objects import HALF, Objects
from undercount.runs.processes import me


def test_what_goes_in_comes_out_once(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    # SHA-256 of "abc", FIPS 180-4
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert objects.add(b"abc") == objects.add(b"abc") == expected
    assert objects.read(expected) == b"abc"
    assert objects.listed() == [expected]


def test_a_damaged_file_is_written_again(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    sha256 = objects.add(b"abc")
    objects.path(sha256).write_bytes(b"abd")
    with pytest.raises(StoreError, match="checksum"):
        objects.read(sha256)
    objects.add(b"abc")
    assert objects.read(sha256) == b"abc"


def test_only_what_the_dead_left_is_left_over(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    place = objects.path(objects.add(b"abc")).parent
    machine, number, began = me().split(" ")
    names = {
        "mine": f"{HALF}{machine}-{number}-{began}-x1",
        "dead": f"{HALF}{machine}-{number}-{int(began) - 1}-x2",
        "elsewhere": f"{HALF}{'0' * 16}-{number}-{began}-x3",
    }
    for name in names.values():
        (place / name).touch()
    assert [path.name for path in objects.left_over()] == [names["dead"]]
    assert len(objects.listed()) == 1
