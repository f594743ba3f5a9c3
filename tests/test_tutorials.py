"""The tutorial notebooks: without stored outputs, since the documentation runs them at every build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("kosovo", "mosul")

pytestmark = pytest.mark.checkout


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "docs" / "tutorials" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return content


def test_every_notebook_is_known_and_linked() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert sorted(path.stem for path in (ROOT / "docs").rglob("*.ipynb") if "_build" not in path.parts) == [*NAMES]
    assert all(f"\ntutorials/{name}\n" in index for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_stored_but_source(name: str) -> None:
    notebook = read(name)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


@pytest.mark.parametrize("name", NAMES)
def test_code_compiles(name: str) -> None:
    cells = ["".join(cell["source"]) for cell in read(name)["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 10
    for cell in cells:
        compile(cell, name, "exec")
