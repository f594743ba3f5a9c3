"""One number with its posterior."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, override

import numpy as np

from undercount.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CI_PROB: Final = 0.95
CI_KIND: Final = "eti"
_COMPARISONS: Final = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, eq=False, repr=False)
class Quantity:
    """Posterior of a number: median, mean, sd, interval, and the draws behind them.

    Parameters
    ----------
    draws : ndarray
        Draws of shape (chain, draw), or any other.
    ci_prob : float
        Probability that the interval holds.
    unit : str
        Printed with the number.

    Examples
    --------
    >>> import numpy as np
    >>> Quantity(np.arange(1001.0)).probability(">", 900)
    0.0999000999000999
    """

    draws: NDArray[np.float64]
    ci_prob: float = CI_PROB
    unit: str = "deaths"

    @property
    def ci_kind(self) -> str:
        """Kind of the interval: equal-tailed."""
        return CI_KIND

    @cached_property
    def median(self) -> float:
        """Median of the draws."""
        return float(np.median(self.draws))

    @cached_property
    def mean(self) -> float:
        """Mean of the draws."""
        return float(np.mean(self.draws))

    @cached_property
    def sd(self) -> float:
        """Standard deviation of the draws."""
        return float(np.std(self.draws, ddof=1))

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Equal-tailed interval with probability `ci_prob`."""
        return self.quantiles((1 - self.ci_prob) / 2, (1 + self.ci_prob) / 2)

    def quantiles(self, low: float, high: float) -> tuple[float, float]:
        """Two quantiles of the draws."""
        first, second = np.quantile(self.draws, [low, high])
        return float(first), float(second)

    def probability(self, comparison: str, value: float) -> float:
        """Posterior probability that the number is, say, ``">"`` a value.

        Parameters
        ----------
        comparison : {">", ">=", "<", "<="}
        value : float

        Raises
        ------
        RunError
            If the comparison is another one.
        """
        if comparison not in _COMPARISONS:
            raise RunError(
                f"{comparison!r} is not a comparison",
                code="run-unknown-comparison",
                where="probability",
                hint=f"write one of: {', '.join(_COMPARISONS)}",
            )
        return float(np.mean(_COMPARISONS[comparison](self.draws, value)))

    def __sub__(self, number: float) -> Quantity:
        """The same posterior, less a fixed number."""
        return replace(self, draws=self.draws - number)

    def describe(self) -> dict[str, float | str]:
        """Figures of one row of a table: median, mean, sd, lower, upper, ci_prob, ci_kind."""
        lower, upper = self.interval
        return {
            "median": self.median, "mean": self.mean, "sd": self.sd, "lower": lower, "upper": upper,
            "ci_prob": self.ci_prob, "ci_kind": self.ci_kind,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.notebook").quantity_html(self)
        return html

    def __repr__(self) -> str:
        low, high = self.interval
        return f"{self.median:,.0f} {self.unit} [{low:,.0f} - {high:,.0f}] ({self.ci_prob:.0%} {self.ci_kind})"


class Figures(NamedTuple):
    """Figures of a number that are known better than its draws show them, or that no draws have."""

    median: float
    """Where there is no posterior, the estimate."""
    mean: float
    sd: float
    lower: float
    upper: float
    ci_kind: str


@dataclass(frozen=True, eq=False, repr=False)
class StatedQuantity(Quantity):
    """A number whose figures are stated; its draws serve what is summed or asked further."""

    figures: Figures = field(kw_only=True)

    @override
    def __sub__(self, number: float) -> Quantity:
        shifted = {name: getattr(self.figures, name) - number for name in ("median", "mean", "lower", "upper")}
        return replace(self, draws=self.draws - number, figures=self.figures._replace(**shifted))

    @property
    def ci_kind(self) -> str:
        """Kind of the interval."""
        return self.figures.ci_kind

    @property
    def median(self) -> float:
        """The median, or the estimate where there is no posterior."""
        return self.figures.median

    @property
    def mean(self) -> float:
        """The mean."""
        return self.figures.mean

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return self.figures.sd

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of kind `ci_kind` with probability `ci_prob`."""
        return self.figures.lower, self.figures.upper
