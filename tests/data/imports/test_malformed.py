"""Whatever a file holds: one clear refusal, with a code, a place and a way to mend it, and nothing happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.data.imports.broken_archives import ARCHIVES
from tests.data.imports.broken_parquets import PARQUETS
from tests.data.imports.broken_texts import TEXTS
from tests.data.imports.broken_workbooks import WORKBOOKS
from tests.permissions import permissions_hold
from undercount.data.imports.opening import open_table
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from tests.data.imports.broken_texts import Maker

BROKEN: dict[str, tuple[Maker, str]] = {**TEXTS, **ARCHIVES, **WORKBOOKS, **PARQUETS}
_MOST_MEMORY = 256
_LARGE = ("one endless line", "a million columns", "Parquet bomb of zeros", "Parquet bomb of one text")
_LARGER = (
    "gzip bomb",
    "zip bomb of a workbook",
    "billion laughs",
    "one text in every cell",
    "sheet bomb",
    "Parquet bomb of compression",
    "Parquet with a huge footer",
)

# Each file in a process of its own, forked where everything is imported.
_CHILD = """
import json, os, resource, sys
import pyarrow.csv, pyarrow.parquet, pyarrow.compute, openpyxl
from undercount.data.imports.opening import open_table
from undercount.errors import EvidenceError
for path in json.loads(sys.argv[1]):
    reader, writer = os.pipe()
    if os.fork() == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            open_table(path)
            code = ""
        except EvidenceError as error:
            code = error.code
        except BaseException as error:
            code = repr(error)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        os.write(writer, json.dumps([path, code, grown]).encode())
        os._exit(0)
    os.close(writer)
    os.wait()
    print(os.read(reader, 100_000).decode())
    os.close(reader)
"""


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused(name: str, tmp_path: Path) -> None:
    maker, code = BROKEN[name]
    path = maker(tmp_path)
    before = _stand(tmp_path)
    with permissions_hold(), pytest.raises(EvidenceError) as caught:
        open_table(path)
    error = caught.value
    assert error.code == f"import-{code}"
    assert error.where
    assert error.hint
    assert len(str(error)) < 1000
    assert error.__cause__ is None
    assert _stand(tmp_path) == before
    assert not Path("ran").exists()


def _stand(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in (folder, *sorted(folder.iterdir()))}


@pytest.mark.parametrize("names", [_LARGE, pytest.param(_LARGER, marks=pytest.mark.slow)], ids=["large", "larger"])
def test_memory_stays_bounded(names: tuple[str, ...], tmp_path: Path) -> None:
    codes = {}
    for place, name in enumerate(names):
        maker, code = BROKEN[name]
        folder = tmp_path / str(place)
        folder.mkdir()
        codes[str(maker(folder))] = f"import-{code}"
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, json.dumps(list(codes))], capture_output=True, text=True, check=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {path: code for path, code, _ in found} == codes
    grown = {path: memory for path, _, memory in found if memory > _MOST_MEMORY}
    assert not grown
