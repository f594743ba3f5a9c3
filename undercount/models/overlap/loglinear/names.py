"""Names of hierarchical models: their generators, as in "[EXH*ABA*OSCE, EXH*HRW]"."""

from __future__ import annotations

from collections.abc import Sequence

from undercount.errors import ModelError
from undercount.models.overlap.loglinear.hierarchy import close, generators, members

_SIGNS = frozenset("[]*,")
_LETTERS = "ABCDEF"


def list_names(names: Sequence[str] | None, lists: int) -> tuple[str, ...]:
    """Names of so many lists, by default A, B, C and so on; a `ModelError` where they do not fit."""
    found = tuple(_LETTERS[:lists] if names is None else names)
    if len(found) != lists:
        raise ModelError(
            f"{len(found)} names are given for {lists} lists",
            code="overlap-list-names",
            where="names",
            hint="name each list, in the order of the bits of the patterns",
        )
    check_names(found)
    return found


def model_name(model: int, names: Sequence[str]) -> str:
    """Name a model by its generators, in the order of the lists.

    Parameters
    ----------
    model : int
        The set of its terms.
    names : sequence of str
        Of the lists.

    Returns
    -------
    str

    Examples
    --------
    >>> model_name(close([0b011, 0b110], lists=3), ["A", "B", "C"])
    '[A*B, B*C]'
    """
    return f"[{', '.join('*'.join(names[j] for j in members(term)) for term in generators(model))}]"


def parse_model(text: str, names: Sequence[str]) -> int:
    """Read the name of a model.

    Parameters
    ----------
    text : str
        Generators, separated by commas; lists within one by ``*``; brackets and spaces may be left out. The order of
        generators and lists does not matter.
    names : sequence of str
        Of the lists.

    Returns
    -------
    int
        The model, as the set of its terms.

    Raises
    ------
    ModelError
        If a list is not known, none of the generators has some list, or one has all of them.

    Examples
    --------
    >>> parse_model("C*B, B*A", ["A", "B", "C"]) == close([0b011, 0b110], lists=3)
    True
    """
    known = check_names(names)
    inner = text.strip().removeprefix("[").removesuffix("]")
    found = [_parse_term(part, known, text) for part in inner.split(",")]
    missing = [name for name, bit in known.items() if not any(term & bit for term in found)]
    if missing:
        raise _error(text, f"has nothing on {' and '.join(missing)}", "name every list: [A*B, C] has C by itself")
    if 2 ** len(known) - 1 in found:
        raise _error(
            text,
            "lets all lists depend on each other together",
            "leave that term out: with it any number of victims could be on no list",
        )
    return close(found, len(known))


def check_names(names: Sequence[str]) -> dict[str, int]:
    """Bit of each list by name; a `ModelError` where models could not be named by them."""
    known = {name: 1 << j for j, name in enumerate(names)}
    bad = [name for name in names if name.strip() != name or not name or _SIGNS & set(name)]
    if bad or len(known) < len(names):
        raise ModelError(
            f"lists named {', '.join(map(repr, names))} cannot stand in the name of a model",
            code="overlap-list-names",
            where="names",
            hint="give each list a name of its own without brackets, commas, asterisks and outer spaces",
        )
    return known


def _parse_term(part: str, known: dict[str, int], text: str) -> int:
    term = 0
    for name in part.split("*"):
        if name.strip() not in known:
            raise _error(text, f"names {name.strip()!r}, which is no list", f"the lists are {', '.join(known)}")
        term |= known[name.strip()]
    return term


def _error(text: str, what: str, hint: str) -> ModelError:
    return ModelError(f"the model {text!r} {what}", code="overlap-model", where="model", hint=hint)
