"""`case.toml`: to `Case` and back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from undercount.data.faults import translated
from undercount.data.files import LARGEST_CASE_FILE, read_text
from undercount.data.problems import Problem
from undercount.data.schema import DIMENSIONS, Case

if TYPE_CHECKING:
    from pathlib import Path

CASE_FILE: Final = "case.toml"


def read_case_file(path: Path) -> tuple[Case | None, list[Problem]]:
    """Read and validate a case file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    case : Case or None
        None where there are problems.
    problems : list of Problem
        Everything that is wrong with it by itself.
    """
    text = read_text(path, LARGEST_CASE_FILE)
    if isinstance(text, Problem):
        return None, [text]
    try:
        content = tomllib.loads(text)
    except RecursionError:
        return None, [_unreadable(path.name, "nested too deeply", None)]
    except ValueError as error:
        line = re.search(r"at line (\d+)", str(error))
        return None, [_unreadable(path.name, str(error).splitlines()[0], int(line[1]) if line else None)]
    return parse_case(content, path.name)


def _unreadable(file: str, reason: str, line: int | None) -> Problem:
    hint = "mend it there: text stands between quotation marks, dates do not, a key stands once"
    return Problem(file, line, None, "", "", f"not valid TOML: {reason}", hint, "evidence-bad-toml")


def parse_case(content: Mapping[str, object], file: str = CASE_FILE) -> tuple[Case | None, list[Problem]]:
    """Validate the content of a case file, given as plain values."""
    try:
        return Case.model_validate(_frozen(dict(content))), []
    except ValidationError as error:
        faults = translated(error, Case, nested=True)
        return None, [Problem(file, None, None, f.field, f.value, f.rule, f.hint, f.code) for f in faults]


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _frozen(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(part) for part in value)
    return value


def canonical(case: Case) -> Case:
    """Put everything whose order means nothing into one order, so that equal cases are the same."""
    dimensions = {
        name: dimension.model_copy(update={"levels": _sorted(dimension.levels), "outside": _sorted(dimension.outside)})
        for name, dimension in sorted(case.dimensions.items(), key=lambda item: [*DIMENSIONS].index(item[0]))
    }
    incidents = (i.model_copy(update={"actors": _sorted(i.actors)}) for i in case.incidents)
    return case.model_copy(
        update={
            "dimensions": dimensions,
            "population": tuple(sorted(case.population, key=lambda point: (point.area, point.date))),
            "incidents": tuple(sorted(incidents, key=lambda incident: incident.incident)),
            "contested": _sorted(case.contested),
            "priors": _sorted(case.priors),
        }
    )


def _sorted[V](table: Mapping[str, V]) -> dict[str, V]:
    return dict(sorted(table.items()))


def case_text(case: Case) -> str:
    """Write a case as TOML that reads back as the same case."""
    content = case.model_dump(exclude_defaults=True)
    sections = {key: value for key, value in content.items() if _is_section(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in content.items() if key not in sections]
    for key, value in sections.items():
        for table in (value,) if isinstance(value, Mapping) else value:
            lines += ["", f"[{key}]" if table is value else f"[[{key}]]"]
            lines += [f"{_key(name)} = {_value(part)}" for name, part in table.items()]
    text = "\n".join(lines) + "\n"
    back, _ = parse_case(tomllib.loads(text))
    if back != case:  # pragma: no cover - a fault of this writer, found before anything is lost
        raise AssertionError("the case does not read back as it was written")
    return text


def _is_section(value: object) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, tuple) and all(isinstance(part, Mapping) for part in value))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _text(text: str) -> str:
    # TOML's basic strings are JSON's, but for U+007F, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)
