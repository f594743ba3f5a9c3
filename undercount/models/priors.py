"""The prior table of the fusion model: every prior has a name, numbers, unit, reason and reference.

The level of a reporting rate is not identified by counts alone; its prior is therefore explicit,
printed beside the posterior and swept by `Estimate.sensitivity()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.coverage import recorder_prior
from undercount.data.problems import write_one_of
from undercount.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.schema import PriorChange


@dataclass(frozen=True)
class Prior:
    """One row of the prior table, normal (or Student t) in `location` and `scale` on the scale of `link`."""

    name: str
    link: str
    """`log`, `logit`, `identity` or `probability` (a fixed number)."""
    location: float
    scale: float
    unit: str
    reason: str
    reference: str
    tail: float | None = None
    """Degrees of freedom where the prior is Student t; normal otherwise."""
    is_default: bool = True

    def inverse(self, value: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """From the scale of the link to that of the unit."""
        x = np.asarray(value, dtype=float)
        if self.link == "logit":
            return np.asarray(1.0 / (1.0 + np.exp(-x)))
        return np.exp(x) if self.link == "log" else x

    @property
    def interval(self) -> tuple[float, float]:
        """Central 95 % on the scale of the unit."""
        from scipy.special import ndtri, stdtrit

        tails = np.array([0.025, 0.975])
        ends = self.location + self.scale * (ndtri(tails) if self.tail is None else stdtrit(self.tail, tails))
        low, high = self.inverse(ends)
        return float(low), float(high)


_EMERGENCY = (
    "Checchi and Roberts 2005, Interrogating mortality data in humanitarian emergencies (HPN 52): 1 per 10,000 per day"
)
_RECORDER = recorder_prior()
_LISTS = (
    f"meta-analysis of {_RECORDER.lists} lists and of all lists together in {len(_RECORDER.conflicts)} conflicts: "
    "docs/reporting_rates.md, made by python -m undercount.estimators.recorder_prior"
)
_STRIKES = (
    "Khan and Gopal 2017, The Uncounted (NYT Magazine): one in five Coalition strikes killed civilians, "
    "31 times the rate acknowledged"
)
_DELAYS = (
    "judgement on Iraq Body Count 2007 (iraqbodycount.org/analysis/qa/assessment/16: analysed within one month but for "
    "a tenth) and on the UN in Ukraine, whose reports were delayed and pending corroboration for months; swept in "
    "sensitivity()"
)
_JUDGEMENT = "judgement, swept in sensitivity()"

DEFAULTS: Final[tuple[Prior, ...]] = (
    Prior("rate", "log", log(0.5), 1.5, "deaths per 10,000 persons per day",
          "half the emergency threshold, within a factor of 19", _EMERGENCY),
    Prior("daily_toll", "log", log(3.0), 3.0, "deaths per day in all areas together where no population is known",
          "of the mean class of victims, 0.008 (three a year) to 1,100 a day", _JUDGEMENT),
    Prior("class_effect", "identity", 0.0, 1.5, "log daily toll of a class of victims and quantity, sum to zero",
          "where no population is known, classes differ by a factor of up to 20 from their mean", _JUDGEMENT),
    Prior("area_share", "identity", 0.0, 1.5, "log share of an area where no population is known, sum to zero",
          "areas differ in people and in danger, by a factor of up to 20 from their mean", _JUDGEMENT),
    Prior("actor_effect", "identity", 0.0, 1.0, "log share of an actor, sum to zero",
          "an actor's share is within a factor of 7 of an equal one", _JUDGEMENT),
    Prior("area_effect", "identity", 0.0, 0.7, "log rate of an area with known population, sum to zero",
          "rates of areas differ by a factor of up to 4", _JUDGEMENT),
    Prior("share_effect", "identity", 0.0, 0.5, "log share of an actor in one area, victim class and quantity",
          "who kills differs moderately from place to place", _JUDGEMENT),
    Prior("smooth_shared", "log", log(0.12), 0.5, "log rate per square root of a day",
          "the common rate changes by a factor of 1.4 in a week, 1.8 in a month", _JUDGEMENT),
    Prior("smooth_own", "log", log(0.06), 0.5, "log rate per square root of a day",
          "a stratum departs from the common course by half as much", _JUDGEMENT),
    Prior("incident_toll", "log", log(30.0), 1.2, "deaths in a named incident",
          "incidents that get a name are large, and some far larger", _JUDGEMENT, tail=4.0),
    Prior("incident_share", "identity", 0.0, 1.0, "log share of an actor in a disputed incident",
          "around the expected shares that the case states", _JUDGEMENT),
    Prior("recorder", "log", _RECORDER.location, _RECORDER.own_scale, "reporting rate",
          "what a new list holds of the dead of a new conflict, with the common part: "
          f"median {_RECORDER.median:.2g}, 95 % {_RECORDER.lower:.2g} to {_RECORDER.upper:.2g}", _LISTS),
    Prior("recorder_common", "identity", 0.0, _RECORDER.common_scale, "log rate, shared by the recorders",
          "how well the dead of a conflict are recorded, and how little a few conflicts say of the next", _LISTS),
    Prior("recorder_incident", "log", log(0.9), 0.3, "reporting rate of a recorder for a named incident",
          "an incident gets a name because it was investigated: most of its dead are counted", _JUDGEMENT),
    Prior("claimant", "log", 0.0, 0.4, "reporting rate",
          "a figure stated about the dead is right to a factor of 3 four times in five, now and then wildly off",
          _JUDGEMENT, tail=4.0),
    Prior("belligerent", "log", log(0.15), 1.0, "reporting rate for deaths that its own side caused",
          "sides acknowledge few of the deaths that they cause", _STRIKES),
    Prior("common", "identity", 0.0, 0.45, "log rate, shared by the claimants, or by the belligerents",
          "sources of a kind face the same access, phone bans and fear", _JUDGEMENT),
    Prior("same_source", "probability", 0.5, 0.0, "share of the variance of a source's own deviation",
          "what its victim classes and quantities have in common, where it counts several", _JUDGEMENT),
    Prior("by_actor", "identity", 0.0, 0.3, "log rate of a source for one actor's deaths",
          "a source sees one side's victims somewhat better than the other's", _JUDGEMENT),
    Prior("lag", "log", log(20.0), 0.7, "days, time constant of the documentation, shared by the recorders",
          "half of what is ever documented of a day is after two weeks, 4 to 55 days", _DELAYS),
    Prior("lag_own", "identity", 0.0, 0.7, "log days, time constant of one recorder beside that of the others",
          "a count from the press is ready in weeks, one that verifies each death takes months", _DELAYS),
    Prior("lag_incident", "log", log(4.0), 0.7, "days, time constant of a named incident",
          "an incident gets a name because it was investigated: most of its dead are counted within two weeks",
          _JUDGEMENT),
    Prior("dispersion", "log", log(6.0), 0.6, "variance of a tally over its mean, less one",
          "of a compound Poisson count, the size of the incident that a victim died in, less one: 2 to 20", _JUDGEMENT),
    Prior("revision", "log", log(0.03), 1.0, "relative error of a tally that contradicts itself, beyond 0.05",
          "running tallies are revised by a few per cent", _JUDGEMENT),
    Prior("misread", "logit", -3.0, 1.0, "share of figures far off, of 10 or more of a stream with errors",
          "another speaker, another day, a fault of coding: 1 to 26 in 100", _JUDGEMENT),
    Prior("contested", "probability", 0.7, 0.0, "probability that a contested attribution is right",
          "'probably' as a rule; a case can state its own for a report", _JUDGEMENT),
)  # fmt: skip


class PriorTable(Mapping[str, Prior]):
    """Priors by name, in the order of the table; immutable.

    Examples
    --------
    >>> PriorTable()["rate"].unit
    'deaths per 10,000 persons per day'
    """

    def __init__(self, changes: Mapping[str, PriorChange] | None = None) -> None:
        self._rows = {prior.name: prior for prior in DEFAULTS}
        for name, change in (changes or {}).items():
            self._rows[name] = _changed(self._find(name), change)

    def _find(self, name: str) -> Prior:
        if name not in self._rows:
            raise ModelError(
                f"there is no prior named '{name}'",
                code="model-unknown-prior",
                where="priors",
                hint=f"{write_one_of(name, list(self._rows))}; `undercount priors CASE` prints all",
            )
        return self._rows[name]

    def __getitem__(self, name: str) -> Prior:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"PriorTable({', '.join(p.name for p in self.values() if not p.is_default) or 'defaults'})"


def _changed(prior: Prior, change: PriorChange) -> Prior:
    if prior.link == "probability" and not 0 < change.location <= 1:
        raise ModelError(
            f"a probability of {change.location:g} is not in (0, 1]",
            code="model-prior-range",
            where=f"priors.{prior.name}",
            hint="give a location in (0, 1]",
        )
    return replace(
        prior,
        location=change.location,
        scale=change.scale,
        reason=change.reason,
        reference="case.toml or CountFusion(priors=...)",
        is_default=False,
    )


__all__ = ["DEFAULTS", "Prior", "PriorTable"]
