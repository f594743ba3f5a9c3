"""Every code that the package raises stands in the catalogue, and nothing else does."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import undercount
from undercount.data.schema import DIMENSIONS
from undercount.errors import UndercountError
from undercount.errors.catalogue import EXIT_CODES, FAMILIES, all_entries, exit_code_of, find_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(undercount.__file__).parent
CODE: Final = re.compile(rf"(?:{'|'.join(FAMILIES)})(?:-[a-z]+)+")
LINKS: Final = ("within", "derived-from")
COMPOSED: Final = {
    "evidence-unknown-{name}": DIMENSIONS,
    "evidence-unknown-{dimension}": ("actor", "area"),
    "evidence-unknown-{field}": ("source", "relay"),
    "evidence-outside-{name}": DIMENSIONS,
    "evidence-{field.replace('_', '-')}-itself": LINKS,
    "evidence-circular-{field.replace('_', '-')}": LINKS,
    "model-unknown-{what}": (*DIMENSIONS, "dimension"),
    "import-{code}": (),  # see refused()
}
"""Codes that are put together where they are raised -> what stands in the braces."""
ENTRIES: Final = {entry.code: entry for entry in all_entries()}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def whole() -> Iterator[str]:
    """Codes that stand in the sources as they are."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def composed() -> set[str]:
    """Texts with braces that begin as a code does."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = ast.unparse(node)[2:-1].replace('\\"', '"')
                if re.match(rf"(?:{'|'.join(FAMILIES)})-", text):
                    found.add(text)
    return found


def refused() -> Iterator[str]:
    """Codes of `imports.limits.refusal`, which takes their ends."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "refusal":
                end = node.args[3]
                assert isinstance(end, ast.Constant)
                assert isinstance(end.value, str)
                yield f"import-{end.value}"


def raised() -> set[str]:
    made = {re.sub(r"\{.*\}", part, text) for text, parts in COMPOSED.items() for part in parts}
    return made | set(whole()) | set(refused())


def test_every_composed_code_is_known_here() -> None:
    assert composed() == COMPOSED.keys()


def test_the_catalogue_has_every_code_and_no_other() -> None:
    assert sorted(raised()) == sorted(ENTRIES)


def test_every_error_is_raised_with_a_code_that_is_seen_here() -> None:
    """A code that is handed on by another name must come from a text that looks like one."""
    literal = [
        keyword.value.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]
    assert len(literal) > 80
    assert [code for code in literal if not CODE.fullmatch(str(code))] == []


def test_every_error_says_where_and_what_to_do() -> None:
    calls = [
        (path.name, node.lineno, {keyword.arg for keyword in node.keywords})
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")
    ]
    with_code = [call for call in calls if "code" in call[2]]
    assert len(with_code) > 80
    assert [call for call in with_code if not {"where", "hint"} <= call[2]] == []


@pytest.mark.parametrize("code", ENTRIES)
def test_every_entry_is_complete(code: str) -> None:
    entry = ENTRIES[code]
    for words in (entry.what, entry.why, entry.do):
        assert words[0].isupper() or words.startswith(("'", "UNDERCOUNT", "case.toml", "loss_type", "minimum"))
        assert words.endswith(".")
        assert 15 <= len(words) <= 450
    assert entry.what != entry.why
    assert entry.exit_code in EXIT_CODES.keys() - {0}
    assert max(map(len, entry.example.splitlines()), default=0) <= 100


def test_no_two_entries_say_the_same() -> None:
    for part in ("what", "why"):
        said = [getattr(entry, part) for entry in ENTRIES.values()]
        assert {words for words in said if said.count(words) > 1} == set()


def test_every_family_has_an_entry_and_is_read_by_itself() -> None:
    assert {code.partition("-")[0] for code in ENTRIES} == set(FAMILIES)
    for code, entry in ENTRIES.items():
        assert find_entry(code) == entry


@pytest.mark.parametrize("code", ["", "evidence", "evidence-", "nonsense", "../evidence-negative", "evidence-Negative"])
def test_what_is_no_code_has_no_entry(code: str) -> None:
    assert find_entry(code) is None
    assert exit_code_of(code) == 1


def test_an_error_names_the_command_that_explains_it() -> None:
    error = UndercountError("no", code="evidence-negative", where="here", hint="do")
    assert str(error) == "here: no\n  to mend it: do\n  more: undercount help evidence-negative"
