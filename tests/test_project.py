"""The repository as a whole: what a start loads, what files must not hold, what must stay in step."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import undercount
from undercount.data.schema import REPORT_COLUMNS

ROOT = Path(__file__).parents[1]
HEAVY = {"arviz", "matplotlib", "numba", "nutpie", "pandas", "pymc", "pytensor", "scipy", "xarray"}
HELP = "import sys; sys.argv[1:] = ['--help']; from undercount.cli.main import main; main()"
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|registry *= *\"http|https?://\S*/simple\b|index-url[= ]+\S*://")
LARGEST = 2**18
"""Bytes of a file; the lock with its hashes is half of it."""
HOME = re.compile(r"(?<![\w.~-])/(?:root|(?:home|Users)/\w+)/")

checkout = pytest.mark.checkout


@pytest.mark.parametrize("code", ["import undercount", HELP], ids=["import", "help"])
def test_start_loads_nothing_heavy(code: str) -> None:
    listen = f"import atexit, sys; atexit.register(lambda: print('loaded:', *{HEAVY} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", f"{listen}; {code}"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Every file that is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert "pyproject.toml" in files
    return {name: (ROOT / name).read_bytes() for name in files}


@pytest.fixture(scope="module")
def texts(contents: dict[str, bytes]) -> dict[str, str]:
    """Those that are texts."""
    return {name: content.decode(errors="replace") for name, content in contents.items() if b"\0" not in content}


@checkout
@pytest.mark.parametrize(
    "parts",
    [("https://host.example", "/simple/"), ("--index-url", "=https://host.example/"), ("pypi", ".org")],
    ids=["simple", "option", "name"],
)
def test_pattern_finds_a_registry(parts: tuple[str, str]) -> None:
    assert REGISTRY.search("".join(parts))


@checkout
@pytest.mark.parametrize("folder", ["root", "home/ana", "Users/ana"])
def test_pattern_finds_a_home(folder: str) -> None:
    assert HOME.search(f"see /{folder}/notes.txt")
    assert not HOME.search(f"https://host.example/{folder}/notes.txt")


@checkout
def test_no_file_is_large(contents: dict[str, bytes]) -> None:
    """What an estimate writes beside the sources is no part of them."""
    assert {name: len(content) for name, content in contents.items() if len(content) > LARGEST} == {}


@checkout
def test_no_file_names_a_package_registry(texts: dict[str, str]) -> None:
    assert [name for name, text in texts.items() if REGISTRY.search(text)] == []


@checkout
def test_no_file_names_a_path_of_a_machine(texts: dict[str, str]) -> None:
    here = [f"{ROOT}/", f"{Path.home()}/"]
    named = [name for name, text in texts.items() if HOME.search(text) or any(path in text for path in here)]
    assert named == []


@checkout
def test_readme_begins_with_the_two_commands() -> None:
    top = (ROOT / "README.md").read_text().splitlines()[:20]
    assert "pip install uv && uv run undercount estimate mosul-2017" in top
    assert "pip install uv && uv run pytest" in top


@checkout
@pytest.mark.parametrize("name", ["estimators", "models", "data"])
def test_top_level_folders_are_relative_links(name: str) -> None:
    assert (ROOT / name).readlink() == Path("undercount", name)


@checkout
def test_version_is_stated_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert undercount.__version__ == project["version"]
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text()


@checkout
def test_every_column_of_the_reports_is_documented() -> None:
    page = (ROOT / "docs" / "own-case.md").read_text()
    assert [column for column in REPORT_COLUMNS if f"\n| `{column}` |" not in page] == []
