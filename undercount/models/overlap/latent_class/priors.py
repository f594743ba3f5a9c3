"""The prior table of the latent-class model: every number has a name, unit, reason and reference."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

from undercount.errors import ModelError


@dataclass(frozen=True)
class Hyperprior:
    """One row of the table."""

    name: str
    value: float
    unit: str
    reason: str
    reference: str
    is_default: bool = True


_PAPER = "Manrique-Vallier 2016, Biometrics 72, 1246-1254, section 3, and the defaults of its R package LCMCR"
_TOLL = "Fienberg, Johnson and Junker 1999, JRSS A 162, 383-405"

DEFAULTS: Final[tuple[Hyperprior, ...]] = (
    Hyperprior("classes", 10, "classes at most", "more than any table at hand fills; the rest stay empty", _PAPER),
    Hyperprior("concentration_shape", 0.25, "shape a of the gamma prior of α", "few classes, unless the data ask",
               _PAPER),
    Hyperprior("concentration_rate", 0.25, "rate b of the gamma prior of α", "α has mean 1, and most of it below",
               _PAPER),
    Hyperprior("caught", 1.0, "first parameter of the beta prior of a list's probability to catch",
               "every probability is as likely as any other", _PAPER),
    Hyperprior("missed", 1.0, "second parameter of the same", "every probability is as likely as any other", _PAPER),
    Hyperprior("toll_power", 1.0, "power l of 1/N in the prior of the toll", "scale-free: no toll is favoured", _TOLL),
)  # fmt: skip


@dataclass(frozen=True)
class LatentClassPriors:
    """The numbers of the prior, by the names of the table; anything left out is the default.

    Raises
    ------
    ModelError
        If a number makes no sense; code ``"model-prior-range"``.

    Examples
    --------
    >>> LatentClassPriors(classes=5).table()[0].value
    5
    """

    classes: int = 10
    concentration_shape: float = 0.25
    concentration_rate: float = 0.25
    caught: float = 1.0
    missed: float = 1.0
    toll_power: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.classes, bool) or int(self.classes) != self.classes or self.classes < 1:
            _refuse("classes", self.classes, "give a whole number, 1 or more")
        for name in ("concentration_shape", "concentration_rate", "caught", "missed"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                _refuse(name, getattr(self, name), "give a number above zero")
        if not 0.0 <= self.toll_power <= 1.0:
            _refuse("toll_power", self.toll_power, "give 1 for a prior 1/N, 0 for a flat one, or a number between")

    def table(self) -> tuple[Hyperprior, ...]:
        """The prior table with these numbers."""
        return tuple(_row(prior, getattr(self, prior.name)) for prior in DEFAULTS)


def _row(prior: Hyperprior, value: float) -> Hyperprior:
    if value == prior.value:
        return prior
    return Hyperprior(prior.name, value, prior.unit, "set by the caller", "LatentClass(priors=...)", is_default=False)


def _refuse(name: str, value: float, hint: str) -> None:
    raise ModelError(f"{name} is {value}", code="model-prior-range", where=f"priors.{name}", hint=hint)
