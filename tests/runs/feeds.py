"""A feed of counts week by week, its vintages, and an estimator that remembers what it fitted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.builders import case_fields, make_case, make_evidence, make_report, make_source
from undercount.data.schema import Attribution, Kind, Report
from undercount.estimators import CountFusion
from undercount.runs.gates import Candidate, Verdicts, apply_gates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from undercount.data import Evidence
    from undercount.data.schema import Case, Source
    from undercount.estimators import Estimate

FIRST = date(2020, 1, 1)
COUNTS = (31, 44, 28, 39, 52, 33, 41, 36, 47, 30)
"""By "un", of ten weeks."""
SEED = 7


def case(**changes: Any) -> Case:
    """One actor, one area, thirteen weeks, no incident."""
    fields = case_fields()
    levels = {
        "actor": {"levels": {"red": "Red army"}},
        "area": {"levels": {"north": "North"}},
        "quantity": {"levels": {"killed": "killed"}, "outside": {"killed-and-wounded": "killed or wounded"}},
    }
    people = ({"area": "north", "date": FIRST, "people": 100_000, "basis": "census"},)
    return make_case(**{"dimensions": fields["dimensions"] | levels, "incidents": (), "population": people} | changes)


def sources() -> tuple[Source, ...]:
    return (
        make_source(),
        make_source(source="clinic", name="Clinics"),
        make_source(source="press", name="Press", kind=Kind.CLAIMANT),
        make_source(source="wire", name="News agency", kind=Kind.RELAY),
    )


def report(**changes: Any) -> Report:
    """A count of the whole area, given to nobody."""
    start, end = changes["window_start"], changes["window_end"]
    told = {"published": end + timedelta(days=2), "actors": (), "attribution": Attribution.UNATTRIBUTED}
    return make_report(**(told | {"report": f"r-{start}-{end}"} | changes))


def week(number: int, value: int | None, source: str = "un", **changes: Any) -> Report:
    """The count of one week, from 1."""
    start = FIRST + timedelta(days=7 * (number - 1))
    name = f"{source}-w{number:02}"
    span = {"window_start": start, "window_end": start + timedelta(days=6)}
    return report(**({"report": name, "source": source, "value": value} | span | changes))


def weeks(count: int, source: str = "un", scale: float = 1.0) -> list[Report]:
    """The first weeks of a source."""
    return [week(n + 1, round(scale * COUNTS[n]), source) for n in range(count)]


def total(weeks_: int, value: int | None, source: str, **changes: Any) -> Report:
    """A running total from the first day."""
    end = FIRST + timedelta(days=7 * weeks_ - 1)
    fields = {"report": f"{source}-t{weeks_:02}", "source": source, "value": value}
    return report(**(fields | {"window_start": FIRST, "window_end": end} | changes))


def feed(*parts: Report | Iterable[Report], **changes: Any) -> Evidence:
    """Evidence of reports and lists of reports."""
    reports = [one for part in parts for one in ([part] if isinstance(part, Report) else part)]
    fields: dict[str, Any] = {"case": case(), "sources": sources()}
    return make_evidence(reports, **(fields | changes))


class Remembering:
    """Fits each evidence once."""

    def __init__(self, **settings: Any) -> None:
        self._estimator = CountFusion(draws=400, tune=300, retry=False, cores=1, **settings)
        self._known: dict[str, Estimate] = {}

    def fit(self, evidence: Evidence, *, seed: int = SEED, progress: Any = None) -> Estimate:
        assert seed == SEED
        if evidence.sha256 not in self._known:
            self._known[evidence.sha256] = self._estimator.fit(evidence, seed=seed, progress=progress)
        return self._known[evidence.sha256]


ESTIMATOR = Remembering()


def judged(after: Evidence, before: Evidence | None = None, estimator: Remembering = ESTIMATOR) -> Verdicts:
    """What the gates say of a vintage, given the one of the last release."""
    released = None if before is None else ESTIMATOR.fit(before)
    return apply_gates(Candidate.of(estimator, estimator.fit(after), released))
