"""The JSON Schema of `summary.json`, as it ships with the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _text() -> str:
    return files("undercount.report").joinpath("summary.schema.json").read_text(encoding="utf-8")


def summary_schema() -> dict[str, Any]:
    """Give the schema (JSON Schema 2020-12) that every `summary.json` meets.

    Examples
    --------
    >>> summary_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    schema: dict[str, Any] = json.loads(_text())
    return schema
