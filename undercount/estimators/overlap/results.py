"""What an estimator of overlapping lists says of one table: draws, figures, gates and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from undercount.estimators.gates import Check
from undercount.estimators.quantity import Figures, Quantity, StatedQuantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNIT: Final = "persons"
"""Not all lists are of the dead."""


@dataclass(frozen=True, eq=False)
class TableResult:
    """Result for one table: one stratum in one replicate.

    Parameters
    ----------
    draws : ndarray, shape (chain, draw)
        Draws of the toll: of its posterior, or replicates of a bootstrap.
    checks : sequence of Check
        The gates of this table.
    figures : Figures, optional
        Where they are known better than the draws show them.
    stats : mapping of str to ndarray, shape (chain, draw)
        What the sampler says of each draw, under arviz's names.
    notes : mapping
        What else a reader should know, ready for JSON: the chosen model, its probability.
    acceleration : float, optional
        Of a bootstrap: a of its BCa interval (Efron 1987).
    """

    draws: NDArray[Any]
    checks: Sequence[Check]
    figures: Figures | None = None
    stats: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    acceleration: float | None = None

    @property
    def toll(self) -> Quantity:
        """The toll of this table."""
        if self.figures is None:
            return Quantity(self.draws, unit=UNIT)
        return StatedQuantity(self.draws, unit=UNIT, figures=self.figures)

    def content(self) -> dict[str, Any]:
        """All but draws and stats, ready for JSON."""
        return {
            "checks": [asdict(check) for check in self.checks],
            "figures": None if self.figures is None else self.figures._asdict(),
            "notes": dict(self.notes),
            "acceleration": self.acceleration,
        }

    @classmethod
    def of_content(
        cls, content: Mapping[str, Any], draws: NDArray[Any], stats: Mapping[str, NDArray[Any]]
    ) -> TableResult:
        """Make a result of its content, draws and stats."""
        figures = content["figures"]
        return cls(
            draws=draws,
            checks=tuple(Check(**check) for check in content["checks"]),
            figures=None if figures is None else Figures(**figures),
            stats=stats,
            notes=content["notes"],
            acceleration=content["acceleration"],
        )


def merged(results: Sequence[Sequence[Check]]) -> tuple[Check, ...]:
    """One gate of each name: the worst of all tables.

    Examples
    --------
    >>> short = Check("smallest bulk ESS", 300.0, "> 400", False)
    >>> merged([[Check("smallest bulk ESS", 900.0, "> 400", True)], [short]]) == (short,)
    True
    """
    by_name: dict[str, list[Check]] = {}
    for checks in results:
        for check in checks:
            by_name.setdefault(check.name, []).append(check)
    return tuple(max(found, key=_badness) for found in by_name.values())


def _badness(check: Check) -> tuple[bool, float]:
    """Whether it failed, and how far it is on the side on which gates fail."""
    return not check.passed, -check.value if check.limit.startswith(">") else check.value
