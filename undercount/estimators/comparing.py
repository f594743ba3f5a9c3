"""Several tolls by name, side by side: estimates from counts or from lists, of other models, sources or vintages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from undercount.errors import ModelError
from undercount.estimators.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from undercount.estimators.estimate import Estimate
    from undercount.estimators.overlap.estimate import OverlapEstimate

    type Compared = Estimate | OverlapEstimate | Quantity


@dataclass(frozen=True, eq=False, repr=False)
class NamedTolls:
    """Tolls by name, in the order in which they are given.

    Parameters
    ----------
    subjects : mapping of str to Estimate, OverlapEstimate or Quantity

    Raises
    ------
    ModelError
        If there are none.
    """

    subjects: Mapping[str, Compared]

    def __post_init__(self) -> None:
        if not self.subjects:
            raise ModelError(
                "there is nothing to compare",
                code="model-compare",
                where="compare",
                hint="give estimates or quantities by name, such as {'all reports': estimate}",
            )

    @property
    def tolls(self) -> Mapping[str, Quantity]:
        """The toll of each."""
        return {name: one if isinstance(one, Quantity) else one.toll() for name, one in self.subjects.items()}

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row for each, as `frame` has them."""
        return [
            {"label": name, **toll.describe(), "passed": None if isinstance(one, Quantity) else one.check().passed}
            for (name, toll), one in zip(self.tolls.items(), self.subjects.values(), strict=True)
        ]

    def frame(self) -> pd.DataFrame:
        """One row for each.

        Returns
        -------
        pandas.DataFrame
            label, median, mean, sd, lower, upper, ci_prob, ci_kind, passed (None where there is no gate).
        """
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows()])

    def plot(self) -> Any:
        """Forest plot of the tolls."""
        return import_module("undercount.report.charts.comparison").figure(self.subjects)

    def __repr__(self) -> str:
        lines = [f"  {name}: {toll!r}" for name, toll in self.tolls.items()]
        return "\n".join(["NamedTolls(", *lines, ")"])
