"""Settings that make no sense: one way to refuse them, for every estimator and for batches."""

from __future__ import annotations

from collections.abc import Sequence

from undercount.data.problems import write_one_of
from undercount.errors import ModelError


def bad_setting(where: str, name: str, value: object, rule: str) -> ModelError:
    """The error of a setting that makes no sense.

    Parameters
    ----------
    where : str
        The class or function whose setting it is.
    name : str
    value : object
        What was given.
    rule : str
        What can be given, as in "give a whole number".
    """
    return _refusal(where, name, value, f"give {rule} for {name}")


def check_choice(where: str, name: str, value: object, known: Sequence[str]) -> None:
    """Refuse a setting that is none of some words, and say which one may have been meant.

    Raises
    ------
    ModelError
        With code ``"model-bad-setting"``.

    Examples
    --------
    >>> check_choice("fit_many", "engine", "dsk", ["local", "dask"])
    Traceback (most recent call last):
      ...
    undercount.errors.ModelError: fit_many: engine is 'dsk'
      to mend it: did you mean dask? write one of: dask, local
      more: undercount help model-bad-setting
    """
    if not isinstance(value, str) or value not in known:
        raise _refusal(where, name, value, write_one_of(str(value), known))


def _refusal(where: str, name: str, value: object, hint: str) -> ModelError:
    return ModelError(f"{name} is {value!r}", code="model-bad-setting", where=where, hint=hint)
