"""From the validator's errors to rules in plain words, with a hint and a stable code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from undercount.data.problems import write_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that breaks a rule of the schema."""

    field: str
    value: str
    rule: str
    hint: str
    code: str


_EMPTY: Final = ("evidence-missing", "a value is needed here", "fill it in")
_NO_TABLE: Final = ("evidence-wrong-type", "not a table", "write a table, such as { name = value }")
_WRITE: Final[Mapping[str, tuple[str, str, str]]] = {
    "missing": _EMPTY,
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "string_type": ("evidence-wrong-type", "not text", "write text between quotation marks"),
    "int_type": ("evidence-not-an-integer", "not a whole number", "write a whole number, without quotes or a point"),
    "int_from_float": ("evidence-not-an-integer", "not a whole number", "write a whole number, without a point"),
    "float_type": ("evidence-not-a-number", "not a number", "write a number such as 0.25, without quotes"),
    "finite_number": ("evidence-not-a-number", "not a finite number", "write a number such as 0.25"),
    "bool_type": ("evidence-wrong-type", "neither true nor false", "write true or false"),
    "date_type": (
        "evidence-bad-date",
        "not a date",
        "write a date such as 2017-03-17, without quotes and without a time",
    ),
    "dict_type": _NO_TABLE,
    "model_type": _NO_TABLE,
    "tuple_type": ("evidence-wrong-type", "not a list", 'write a list, such as ["a", "b"]'),
    "bad_identifier": (
        "evidence-bad-identifier",
        "",
        "write a short name of letters, digits and '-', such as west-mosul",
    ),
    "unknown_timezone": ("evidence-unknown-timezone", "", "write a name such as Asia/Baghdad"),
    "bad_list": ("evidence-bad-list", "", "write plain parts, without ';' and without spaces at their ends"),
    "control_character": ("evidence-control-character", "", "delete the control characters; keep only plain text"),
    "named_twice": ("evidence-named-twice", "", "name each part once"),
    "window_reversed": ("evidence-window-reversed", "", "swap the two dates, or mend the wrong one"),
    "bad_shares": ("evidence-bad-shares", "", "change the shares so that they add up to 1"),
    "incomplete_prior": ("evidence-incomplete-prior", "", "fill in all three, or leave all three empty"),
    "no_side": ("evidence-missing-side", "", "fill in side, or choose another kind"),
    "no_lag": ("evidence-no-lag", "", "write none in lag, or mend kind and speakers"),
}
"""Error type of the validator -> code, rule (empty: the error's own words), hint."""
_LIMITS: Final = {
    "greater_than": ("gt", "not above {}", "write a number above {}"),
    "greater_than_equal": ("ge", "below {}", "write a number of at least {}"),
    "less_than": ("lt", "not below {}", "write a number below {}"),
    "less_than_equal": ("le", "above {}", "write a number of at most {}"),
}
"""Error type of the validator -> name of the limit, rule and hint around it."""


def translated(error: ValidationError, model: type[BaseModel], *, nested: bool = False) -> list[Fault]:
    """Put the errors of the validator into plain words.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the validator raised.
    model : type
        The model that was validated; its fields are offered for unknown ones.
    nested : bool
        Whether a fault is named by its dotted key (a case) or by its column (a row).

    Returns
    -------
    list of Fault
        One for each error, in the order of the fields.
    """
    return [_fault(detail, model, nested) for detail in error.errors(include_url=False)]


def _fault(detail: ErrorDetails, model: type[BaseModel], nested: bool) -> Fault:
    kind = detail["type"]
    place = tuple(part for part in detail["loc"] if part != "[key]")
    field = ".".join(str(part) for part in (place if nested else place[:1]))
    value = "" if kind == "missing" or isinstance(detail["input"], dict) else str(detail["input"])[:200]
    if kind == "extra_forbidden":
        hint = f"delete it, or mend its name: {write_one_of(str(place[-1]), _fields_at(model, place[:-1]))}"
        return Fault(field, "", "this field is not known", hint, "evidence-unknown-field")
    if kind in _WRITE:
        code, rule, hint = _WRITE[kind]
        return Fault(field, value, rule or detail["msg"], hint, code)
    if kind in _LIMITS:
        key, rule, hint = _LIMITS[kind]
        limit = _written(detail["ctx"][key])
        return Fault(field, value, rule.format(limit), hint.format(limit), "evidence-out-of-range")
    rule = f"not a valid value ({kind.replace('_', ' ')})"
    return Fault(field, value, rule, "mend the value", "evidence-invalid-value")


def _written(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"


def _fields_at(model: type[BaseModel], place: Sequence[object]) -> list[str]:
    """Fields of the table at a place inside a model; keys and numbers of rows on the way have no field."""
    for part in place:
        if part in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation) or model
    return sorted(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as ``tuple[Incident, ...]`` or ``dict[str, PriorChange]``."""
    if hasattr(annotation, "model_fields"):
        found: type[BaseModel] = annotation
        return found
    return next((one for one in map(_model_in, get_args(annotation)) if one is not None), None)
