"""Whether two designs state the same model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from undercount.models.design import Design


def same_model(one: Design, other: Design) -> bool:
    """Whether two designs are equal in all that the likelihood and the prior read; with one seed they draw the same.

    What was left out, and why, may differ.
    """
    return same(replace(one, dropped={}), replace(other, dropped={}))


def same(one: Any, other: Any) -> bool:
    """Whether two nested values are equal in every array, to the bit.

    Examples
    --------
    >>> same((np.arange(3), "a"), (np.arange(3), "a")), same(np.array([1.0]), np.array([np.nan]))
    (True, False)
    """
    if is_dataclass(one):
        return type(one) is type(other) and all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and same((*one.items(),), (*other.items(),))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return type(one) is type(other) and bool(one == other)
