"""What every gate is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from undercount.data.problems import plain
from undercount.errors import RunError
from undercount.estimators.gates import Check
from undercount.runs.changes import Changes, changes
from undercount.runs.gates.settings import GateSettings
from undercount.runs.moves import Estimator, Moves, moves

if TYPE_CHECKING:
    from undercount.estimators.estimate import Estimate
    from undercount.sampling.progress import Callback


_COMPARED = ("released", "changes", "moves")


@dataclass(frozen=True)
class Candidate:
    """An estimate that would be released, beside the last one that was.

    Raises
    ------
    undercount.errors.RunError
        If only some of `released`, `changes` and `moves` are given, code ``"run-half-compared"``; if the last release
        is of another case, code ``"run-other-case"``.
    """

    estimate: Estimate
    released: Estimate | None = None
    """None before the first release."""
    changes: Changes | None = None
    """Of the evidence since then."""
    moves: Moves | None = None
    """Of the figure since then."""
    settings: GateSettings = field(default_factory=GateSettings)

    def __post_init__(self) -> None:
        given = [getattr(self, name) is not None for name in _COMPARED]
        if any(given) and not all(given):
            raise RunError(
                "an estimate is compared with the last release in part only: "
                + ", ".join(
                    f"{name} is {'' if there else 'not '}given" for name, there in zip(_COMPARED, given, strict=True)
                ),
                code="run-half-compared",
                where="Candidate",
                hint="give released, changes and moves, or none of them; Candidate.of makes all three",
            )

        if self.released is not None and self.released.evidence.name != self.estimate.evidence.name:
            raise RunError(
                f"the last release is of case {plain(self.released.evidence.name)}, and the estimate of "
                f"{plain(self.estimate.evidence.name)}",
                code="run-other-case",
                where="Candidate",
                hint="compare estimates of one case",
            )

    @classmethod
    def of(
        cls,
        estimator: Estimator,
        estimate: Estimate,
        released: Estimate | None = None,
        *,
        settings: GateSettings | None = None,
        progress: Callback | None = None,
    ) -> Candidate:
        """Compare an estimate with the last release.

        Parameters
        ----------
        estimator : Estimator
            That made `estimate`; `moves` fits it anew.
        estimate, released : Estimate
        settings : GateSettings, optional
            By default those of the case.
        progress : callable, optional
        """
        limits = GateSettings.of(estimate.evidence.case) if settings is None else settings
        if released is None:
            return cls(estimate, settings=limits)
        found = changes(released.evidence, estimate.evidence)
        return cls(estimate, released, found, moves(estimator, released, estimate, progress), limits)


@dataclass(frozen=True)
class Verdict:
    """What a gate says of one thing."""

    gate: str
    check: Check
    """Figure, limit and whether it passed."""
    words: str
    """A sentence for a person: what is held for, by report and source, and what to look at."""
    about: tuple[str, ...] = ()
    """Identifiers of the reports and sources that it names."""

    @property
    def passed(self) -> bool:
        """Whether the figure may go out for all that this says."""
        return self.check.passed


@dataclass(frozen=True)
class Verdicts:
    """What all gates say of a candidate."""

    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether the figure may be released without a person."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def held(self) -> tuple[Verdict, ...]:
        """What a person must look at."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    @property
    def holding(self) -> tuple[str, ...]:
        """The gates that hold, each once."""
        return tuple(dict.fromkeys(verdict.gate for verdict in self.held))

    def rows(self) -> list[dict[str, Any]]:
        """Plain rows, ready for JSON: gate, name, value, limit, passed, words, about."""
        return [
            {
                "gate": verdict.gate,
                "name": verdict.check.name,
                "value": float(verdict.check.value) if isfinite(verdict.check.value) else None,
                "limit": verdict.check.limit,
                "passed": bool(verdict.check.passed),
                "words": verdict.words,
                "about": list(verdict.about),
            }
            for verdict in self.verdicts
        ]

    def words(self) -> tuple[str, ...]:
        """A sentence for each thing that holds the figure."""
        return tuple(f"{verdict.gate}: {verdict.words}" for verdict in self.held)


Gate = Callable[[Candidate], tuple[Verdict, ...]]
"""Gives one verdict for each thing that it holds the figure for, or else at least one that passed."""


def nothing_before(gate: str, name: str) -> tuple[Verdict]:
    """What a gate says that compares with the last release, before there is one."""
    return (Verdict(gate, Check(name, 0.0, "= 0", passed=True), "nothing was released yet"),)
