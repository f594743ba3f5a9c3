"""What the figures of a batch depend on besides its cases: written beside them, and compared when it goes on."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from undercount.estimators.versions import CORE, NUTPIE, PYMC, versions_of

FORMAT: Final = "undercount-batch/1"


@cache
def versions() -> dict[str, str]:
    """Versions of everything that draws depend on, and the hash of the compiled sources."""
    from undercount.compiled import sources_digest

    return {**versions_of(CORE, NUTPIE, PYMC), "compiled sources": sources_digest()}


def settings_of(estimator: object, *, seed: int, by: tuple[str, ...], files: bool) -> dict[str, Any]:
    """Gather the settings of a batch as plain values, ready for JSON.

    Parameters
    ----------
    estimator : object
        Its attributes are its settings; `cores` is left out, since no figure depends on it.
    seed : int
    by : tuple of str
    files : bool
    """
    mine = {name: value for name, value in vars(estimator).items() if name != "cores"}
    found = {
        "format": FORMAT,
        "estimator": {"name": type(estimator).__qualname__, **mine},
        "seed": seed,
        "by": list(by),
        "files": files,
        "versions": dict(versions()),
    }
    plain: dict[str, Any] = json.loads(json.dumps(found, default=_plain))
    return plain


def different(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name what differs between two nested mappings, or give an empty text.

    Examples
    --------
    >>> different({"seed": 1, "versions": {"numpy": "2.0"}}, {"seed": 1, "versions": {"numpy": "2.1"}})
    'versions numpy was 2.0, is 2.1'
    """
    old, new = dict(_leaves(before)), dict(_leaves(now))
    names = [name for name in {**old, **new} if old.get(name, "absent") != new.get(name, "absent")]
    return "; ".join(f"{name} was {old.get(name, 'absent')}, is {new.get(name, 'absent')}" for name in names)


def _leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key} ")
        else:
            yield f"{above}{key}", value


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "sha256"):
        return {"name": type(value).__name__, "sha256": value.sha256}
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    return {"name": getattr(value, "__qualname__", repr(value)), "source": _source_hash(value)}


def _source_hash(value: Any) -> str:
    """Hash of the source of a function, which can change under the same name."""
    try:
        return hashlib.sha256(inspect.getsource(value).encode()).hexdigest()
    except (OSError, TypeError):
        return "unknown"
