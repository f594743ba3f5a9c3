"""Errors that say what is wrong, where, and how to mend it. Imports nothing else of the package.

Every code stands in the catalogue (`undercount.errors.catalogue`), which says why there is such a rule.
"""

from __future__ import annotations


class UndercountError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, in one sentence, with the value received.
    code : str
        Stable identifier, such as ``"evidence-unknown-actor"``; an entry of the catalogue.
    where : str
        The file, row and field, or the argument, that the message is about.
    hint : str
        What to do about it.
    """

    def __init__(self, message: str, *, code: str, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.where = where
        self.hint = hint

    @property
    def more(self) -> str:
        """The command that explains the error."""
        return f"undercount help {self.code}"

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.hint:
            lines.append(f"  to mend it: {self.hint}")
        lines.append(f"  more: {self.more}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.__dict__.copy(), self.args)


def _rebuild(kind: type[UndercountError], state: dict[str, object], args: tuple[object, ...]) -> UndercountError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class EvidenceError(UndercountError):
    """The evidence breaks a rule: a file, a row, a field or how rows stand to each other."""


class ModelError(UndercountError):
    """The model cannot be stated: a prior, a scope or a design that makes no sense."""


class SamplingError(UndercountError):
    """Sampling did not deliver complete, finite draws."""


class RunError(UndercountError):
    """A command or a run was asked for something it cannot do."""


class StoreError(UndercountError):
    """A stored estimate is missing, damaged or was written by another format."""


def not_written(what: str, where: object, error: Exception, hint: str) -> StoreError:
    """The error of something that cannot be written, in the words of the system.

    Parameters
    ----------
    what : str
        Such as "the store".
    where : object
        The file or folder.
    error : Exception
        What the system said.
    hint : str
    """
    message = f"{what} cannot be written: {reason_of(error)}"
    return StoreError(message, code="store-not-written", where=str(where), hint=hint)


def reason_of(error: Exception) -> str:
    """What the system says of a fault, without path and number.

    Examples
    --------
    >>> reason_of(FileNotFoundError(2, "No such file or directory", "x")), reason_of(ValueError("odd"))
    ('No such file or directory', 'odd')
    """
    return getattr(error, "strerror", None) or str(error)
