"""Limits of the gates: defaults, and what a case puts in their place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from undercount.data.faults import translated
from undercount.data.schema import Release
from undercount.errors import RunError

if TYPE_CHECKING:
    from undercount.data.schema import Case


@dataclass(frozen=True)
class GateSettings:
    """Limits of the gates of a run; the table ``[release]`` of ``case.toml`` has the same names.

    Raises
    ------
    undercount.errors.RunError
        If a limit makes no sense; code ``"run-bad-limit"``.

    Examples
    --------
    >>> GateSettings(silent_days=30).silent_gaps
    3.0
    """

    misfit_chance: float = 0.001
    """Most often that a run of a model that holds may be held for the reports of a source, and as often for a new
    report that is a surprise, in (0, 1]."""
    model_errors: float = 4.0
    """Monte Carlo standard errors that another model or version may move the median by, ..."""
    model_share: float = 0.02
    """... or, if that is more, a share of the median."""
    silent_days: int = 14
    """Days without a publication that are nobody's silence, ..."""
    silent_gaps: float = 3.0
    """... nor are so many times the usual gap of the source."""
    silent_publications: int = 3
    """Days of publication from which on a source has a usual gap."""
    least_contraction: float = 0.2
    """Share of its prior's width that at least one reporting rate must have lost, in [0, 1)."""

    def __post_init__(self) -> None:
        try:
            Release.model_validate(asdict(self))
        except ValidationError as error:
            fault = translated(error, Release)[0]
            raise RunError(
                f"{fault.field} is {fault.value}: {fault.rule}",
                code="run-bad-limit",
                where="GateSettings",
                hint=fault.hint,
            ) from None

    @classmethod
    def of(cls, case: Case) -> GateSettings:
        """The limits that a case states, and the defaults of those that it does not."""
        return cls() if case.release is None else cls(**case.release.model_dump())
