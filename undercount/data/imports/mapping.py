"""A mapping: a TOML file that says which column of a table is which field of a record."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from undercount.data.faults import translated
from undercount.data.files import LARGEST_CASE_FILE, read_text
from undercount.data.imports.incidents import FIELDS
from undercount.data.problems import Problem, raise_problems, write_one_of
from undercount.data.schema import Attribution, Identifier, _Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SET_BY_FILE: Final = frozenset({"row", "source"})
FIGURE: Final = "figure"
"""Key of a column of texts such as ``3-5`` or ``at least 3``: low and high at once."""
COLUMN_KEYS: Final = (*(name for name in FIELDS if name not in SET_BY_FILE), FIGURE)
CONSTANT_KEYS: Final = ("actors", "attribution", "victims", "quantity", "area")
TRANSLATED: Final = ("actors", "attribution", "victims", "quantity", "area", "grade")
ATTRIBUTIONS: Final = tuple(one.value for one in Attribution)
KILOMETRES: Final = {"km": 1.0, "m": 0.001, "miles": 1.609344}


class Origin(_Record):
    """Whose records they are."""

    source: Identifier
    name: Annotated[str, Field(min_length=1)]
    kind: str
    note: str = ""


class Rules(_Record):
    """How cells are read."""

    lists_events: bool = False
    """Whether the table holds every event that its source knows: on days without one it counted nobody."""
    order: Literal["ymd", "dmy", "mdy"] | None = None
    between_actors: Annotated[str, Field(min_length=1)] = ";"
    between_cites: Annotated[str, Field(min_length=1)] = ";"
    place_error_in: str = "km"
    required: tuple[str, ...] = ()
    """Fields; a row in which one is empty is dropped."""
    drop: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column -> values; a row with one of them is dropped."""


class Description(_Record):
    """The whole file."""

    source: Origin
    columns: dict[str, str | tuple[str, ...]]
    constants: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    names: dict[str, dict[str, str]] = Field(default_factory=dict)
    rules: Rules = Field(default_factory=Rules)

    def columns_of(self, key: str) -> tuple[str, ...]:
        """Columns of a key, as printed; none where it has none."""
        found = self.columns.get(key, ())
        return (found,) if isinstance(found, str) else found


def read_description(path: Path) -> Description:
    """Read and validate a mapping.

    Raises
    ------
    EvidenceError
        One error that lists every key that is wrong, with its value and the rule that it breaks.
    """
    text = read_text(path, LARGEST_CASE_FILE)
    if isinstance(text, Problem):
        raise_problems([text])
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise_problems([
            Problem(path.name, int(line[1]) if line else None, None, "", "",
                    f"not valid TOML: {str(error).splitlines()[0]}",
                    "mend it there: text stands between quotation marks, a key stands once", "evidence-bad-toml")
        ])  # fmt: skip
    try:
        found = Description.model_validate(_frozen(content))
    except ValidationError as error:
        faults = translated(error, Description, nested=True)
        raise_problems([Problem(path.name, None, None, f.field, f.value, f.rule, f.hint, f.code) for f in faults])
    problems = [
        Problem(path.name, None, None, key, value, rule, hint, "import-bad-mapping")
        for key, value, rule, hint in _faults(found)
    ]
    if problems:
        raise_problems(problems)
    return found


def _frozen(value: object) -> object:
    """Lists of TOML as tuples."""
    if isinstance(value, dict):
        return {name: _frozen(part) for name, part in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


type _Fault = tuple[str, str, str, str]
"""Key, value, rule, hint."""


def _faults(one: Description) -> Iterator[_Fault]:
    yield from _unknown("columns", one.columns, COLUMN_KEYS)
    yield from _unknown("constants", one.constants, CONSTANT_KEYS)
    yield from _unknown("values", one.values, TRANSLATED)
    yield from _unknown("names", one.names, ("actor", "area", "victims", "quantity"))
    yield from _missing(one)
    yield from _wrong(one)


def _unknown(table: str, given: Iterable[str], known: Sequence[str]) -> Iterator[_Fault]:
    for name in given:
        if name not in known:
            yield f"{table}.{name}", "", "this field is not known here", write_one_of(name, known)


def _missing(one: Description) -> Iterator[_Fault]:
    for name, why in (("record", "tells the rows apart"), ("start", "gives the day")):
        if name not in one.columns:
            yield f"columns.{name}", "", f"a column is needed that {why}", f'write {name} = "NAME OF A COLUMN" there'
    for name, example in (("victims", "civilians"), ("quantity", "killed")):
        if name not in one.columns and name not in one.constants:
            yield name, "", "a column or a constant is needed", f'write {name} = "{example}" in [constants]'
    if not {"low", "best", "high", FIGURE} & {*one.columns}:
        yield "columns", "", "a column of figures is needed", "name low, best or high, or figure for texts such as 3-5"
    for name in one.rules.required:
        if name not in one.columns:
            yield "rules.required", name, "this field has no column", write_one_of(name, tuple(one.columns))


def _wrong(one: Description) -> Iterator[_Fault]:
    choices = [
        ("source.kind", one.source.kind, ("recorder", "claimant")),
        ("rules.place_error_in", one.rules.place_error_in, tuple(KILOMETRES)),
        *((key, value, ATTRIBUTIONS) for key, value in _attributions(one)),
    ]
    for key, value, among in choices:
        if value not in among:
            yield key, value, "not one of its values", write_one_of(value, among)
    for key, pattern in (("between_actors", one.rules.between_actors), ("between_cites", one.rules.between_cites)):
        if not _is_pattern(pattern):
            yield f"rules.{key}", pattern, "not a regular expression", "write what stands between two names, such as ;"
    if FIGURE in one.columns and {"low", "high"} & {*one.columns}:
        yield "columns.figure", "", "low or high has a column, too", "keep one of the two"


def _attributions(one: Description) -> Iterator[tuple[str, str]]:
    if "attribution" in one.constants:
        yield "constants.attribution", one.constants["attribution"]
    for printed, value in one.values.get("attribution", {}).items():
        yield f"values.attribution.{printed}", value


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
