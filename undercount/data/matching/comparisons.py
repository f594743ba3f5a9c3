"""What is compared of two records, in levels, and how often true and false pairs reach each: the model of splink.

The figures are where training starts, and what is used where there are too few pairs to train on. Levels are looked at
from the first; a pair reaches the first whose rule holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Level:
    """One degree of likeness.

    Parameters
    ----------
    name : str
        In words.
    rule : str
        Condition in SQL on the facts of a pair; empty for the last level, which all others reach.
    true, false : float
        Share of the pairs that are the same, and of those that are not, which reach it.
    """

    name: str
    rule: str
    true: float
    false: float


@dataclass(frozen=True)
class Comparison:
    """The levels of one thing that is compared.

    Parameters
    ----------
    name : str
    levels : tuple of Level
        The shares of each column add up to 1.
    unknown : str
        Condition on which nothing can be compared; such a pair is neither more nor less likely for it.
    is_likeness : bool
        Whether the first level must speak for a match.
    """

    name: str
    levels: tuple[Level, ...]
    unknown: str = ""
    is_likeness: bool = True

    @property
    def rules(self) -> tuple[str, ...]:
        """All conditions."""
        return tuple(filter(None, (self.unknown, *(level.rule for level in self.levels))))


INCIDENTS: Final = (
    Comparison("days", (
        Level("the same day", "days = 0 AND span <= 1", 0.70, 0.10),
        Level("windows of up to a week that overlap", "days = 0 AND span <= 7", 0.12, 0.10),
        Level("longer windows that overlap", "days = 0", 0.06, 0.10),
        Level("a day apart", "days <= 1", 0.09, 0.15),
        Level("two or three days apart", "days <= 3", 0.02, 0.20),
        Level("further apart", "", 0.01, 0.35),
    )),
    Comparison("place", (
        Level("the same spot, precisely known", "km <= 1 AND error <= 3", 0.25, 0.03),
        Level("within half the errors of the places", "km <= 0.5 * error", 0.30, 0.10),
        Level("within the errors of the places", "km <= error", 0.25, 0.15),
        Level("within twice the errors", "km <= 2 * error", 0.12, 0.20),
        Level("further apart", "km IS NOT NULL", 0.03, 0.42),
        Level("no coordinates, but one name of the place", "same_place", 0.04, 0.02),
        Level("no coordinates, and other names", "", 0.01, 0.08),
    ), "km IS NULL AND same_place IS NULL"),
    Comparison("size", (
        Level("within a half, of at least twenty", "ratio <= 1.5 AND size >= 20", 0.06, 0.004),
        Level("the same number, of at least five", "ratio = 1 AND same_size AND size >= 5", 0.16, 0.02),
        Level("numbers that agree, of at least five", "ratio = 1 AND size >= 5", 0.16, 0.06),
        Level("numbers that agree, below five", "ratio = 1", 0.40, 0.37),
        Level("within a half, of at least eight", "ratio <= 1.5 AND size >= 8", 0.06, 0.02),
        Level("within a half", "ratio <= 1.5", 0.06, 0.13),
        Level("within a factor of three, of at least twenty", "ratio <= 3 AND size >= 20", 0.02, 0.01),
        Level("within a factor of three", "ratio <= 3", 0.06, 0.236),
        Level("further apart", "", 0.02, 0.15),
    )),
    Comparison("actors", (
        Level("the same", "actors = 2", 0.75, 0.40),
        Level("some of them", "actors = 1", 0.17, 0.15),
        Level("others", "", 0.08, 0.45),
    ), "actors IS NULL"),
    Comparison("citations", (
        Level("one cites the other", "citations = 2", 0.15, 0.02),
        Level("both cite a third", "citations = 1", 0.25, 0.10),
        Level("none in common", "", 0.60, 0.88),
    ), "citations IS NULL"),
    Comparison("crowd", (
        Level("no other pair like it", "crowd <= 1", 0.35, 0.05),
        Level("two or three", "crowd <= 3", 0.30, 0.15),
        Level("four to ten", "crowd <= 10", 0.20, 0.30),
        Level("more", "", 0.15, 0.50),
    ), is_likeness=False),
)  # fmt: skip
"""Of incidents. The crowd is how many records of the other source may be meant: of many, few are."""

VICTIMS: Final = (
    Comparison("name", (
        Level("one name, which few have", "jaro = 1 AND bearers <= 3", 0.30, 0.01),
        Level("one name", "jaro = 1", 0.20, 0.02),
        Level("all words of the shorter, of at least two", "inside", 0.15, 0.01),
        Level("one or two letters apart", "letters <= 2", 0.15, 0.02),
        Level("very alike", "jaro >= 0.93", 0.10, 0.04),
        Level("alike", "jaro >= 0.85", 0.05, 0.15),
        Level("others", "", 0.05, 0.75),
    )),
    Comparison("age", (
        Level("the same", "years = 0", 0.60, 0.10),
        Level("a year apart", "years <= 1", 0.22, 0.10),
        Level("two to five years apart", "years <= 5", 0.14, 0.25),
        Level("further apart", "", 0.04, 0.55),
    ), "years IS NULL"),
    Comparison("date", (
        Level("the same day", "days = 0", 0.65, 0.25),
        Level("up to three days apart", "days <= 3", 0.20, 0.20),
        Level("up to a month apart", "days <= 31", 0.10, 0.20),
        Level("further apart", "", 0.05, 0.35),
    ), "days IS NULL"),
    Comparison("place", (
        Level("one name", "places = 1", 0.70, 0.30),
        Level("alike", "places >= 0.88", 0.15, 0.05),
        Level("others", "", 0.15, 0.65),
    ), "places IS NULL"),
    Comparison("sex", (
        Level("the same", "same_sex", 0.97, 0.75),
        Level("the other", "", 0.03, 0.25),
    ), "same_sex IS NULL"),
)  # fmt: skip
"""Of victims. How alike two names are is computed in the database; the names themselves are not kept."""


def of_sources(pairs: Sequence[str]) -> Comparison:
    """Compare nothing, but let each two sources have a share of true pairs of their own.

    Parameters
    ----------
    pairs : sequence of str
        Names of the pairs of sources, as `sources` numbers them.
    """
    share = 1 / len(pairs)
    levels = [Level(name, f"sources = {place}", share, share) for place, name in enumerate(pairs)]
    last = levels[-1]
    return Comparison("sources", (*levels[:-1], Level(last.name, "", share, share)), is_likeness=False)
