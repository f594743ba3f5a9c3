"""A small case in a folder, and runs of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.builders import FIRST, make_case, make_evidence, make_report, make_source
from undercount.data.schema import Attribution, Kind, Qualifier
from undercount.report.files import figures
from undercount.runs.run import Runner

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.schema import Report
    from undercount.estimators import Estimate
    from undercount.runs.store import Store

LAST = date(2020, 2, 9)
WHOLE: dict[str, Any] = {
    "actors": (),
    "attribution": Attribution.UNATTRIBUTED,
    "areas": ("north", "south"),
    "window_end": LAST,
}
JANUARY: dict[str, Any] = {**WHOLE, "window_end": date(2020, 1, 31)}


def some_reports() -> tuple[Report, ...]:
    """Two tallies of a recorder and a claim."""
    return (
        make_report(report="un-jan", value=120, published=date(2020, 2, 3), **JANUARY),
        make_report(report="un-feb", value=160, published=date(2020, 2, 12), **WHOLE),
        make_report(report="press", source="press", value=600, qualifier=Qualifier.ABOUT, published=date(2020, 2, 15),
                    **WHOLE),
    )  # fmt: skip


def new_report(**changes: Any) -> Report:
    """A report that arrives later."""
    return make_report(**{"report": "hospital-1", "source": "press-2", "value": 650, "qualifier": Qualifier.ABOUT,
                          "published": date(2020, 2, 20), **WHOLE, **changes})  # fmt: skip


def small_case(reports: tuple[Report, ...] | None = None) -> Evidence:
    """Testland over 40 days."""
    window = {"start": FIRST, "end": LAST}
    sources = (
        make_source(),
        make_source(source="press", name="Press", kind=Kind.CLAIMANT),
        make_source(source="press-2", name="Another press", kind=Kind.CLAIMANT),
    )
    case = make_case(
        timeline=window, estimand={"quantity": "killed", "victims": "civilians", "window": window}, incidents=()
    )
    return make_evidence(some_reports() if reports is None else reports, case=case, sources=sources)


def write_small(estimate: Estimate, folder: Path) -> None:
    """The files of a run, without pictures, which take long."""
    estimate.save(folder / "estimate.nc")
    for name, text in figures(estimate).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def case_folder(folder: Path, evidence: Evidence | None = None) -> Path:
    """The small case on disk."""
    return (small_case() if evidence is None else evidence).write(folder / "testland")


def runner(store: Store, **changes: Any) -> Runner:
    """Runs without pictures."""
    return Runner(store, write_small, **changes)
