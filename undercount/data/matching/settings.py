"""What matching of incidents is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from undercount.errors import EvidenceError


@dataclass(frozen=True)
class MatchSettings:
    """What is matched, how far apart two records of one incident may be, and when they count as one.

    Parameters
    ----------
    victims, quantity : str
        The class of records that are compared: numbers of others cannot be held against them.
    days : int
        Days that may lie between the windows of two records of one incident.
    kilometres : float
        Kilometres between their places, beyond the errors of both.
    place_error : float
        Kilometres by which a place may be off whose record does not say it.
    longest : int
        Days; a record with a longer window is of no single incident, and is left out.
    threshold : float
        Probability from which a pair is one incident in the clusters. Linkages that are drawn need none.
    one_per_source : bool
        Whether a source has each incident once, so that no cluster holds two of its records.
    seed : int
        Of drawn linkages.

    Raises
    ------
    EvidenceError
        If a setting makes no sense.
    """

    victims: str = "civilians"
    quantity: str = "killed"
    days: int = 7
    kilometres: float = 20.0
    place_error: float = 5.0
    longest: int = 31
    threshold: float = 0.9
    one_per_source: bool = True
    seed: int = 2017

    def __post_init__(self) -> None:
        rules = (
            ("days", 0 <= self.days <= 366, "from 0 to 366"),
            ("kilometres", 0 < self.kilometres <= 500, "above 0, to 500"),
            ("place_error", 0 < self.place_error <= 500, "above 0, to 500"),
            ("longest", 1 <= self.longest <= 366, "from 1 to 366"),
            ("threshold", 0 < self.threshold < 1, "between 0 and 1"),
        )
        for name, holds, rule in rules:
            check_matching("MatchSettings", name, getattr(self, name), holds, f"a number {rule}")


def check_matching(where: str, name: str, value: object, holds: bool, rule: str) -> None:
    """Refuse a setting that makes no sense.

    Raises
    ------
    EvidenceError
        If the rule does not hold.
    """
    if not holds:
        raise EvidenceError(f"{name} is {value}", code="import-bad-matching", where=where, hint=f"give {rule}")
