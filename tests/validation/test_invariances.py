"""The eight invariances of the fusion model, exactly where the design shows them, else by sampling."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.builders import case_fields, make_case, make_evidence, make_report, make_reports, make_source, make_sources
from tests.data.imports.imported import written
from tests.validation.accuracy import errors_apart, joint_error
from undercount.data import Evidence
from undercount.data.imports.casework import How, into_case
from undercount.data.imports.registry import read_file
from undercount.data.schema import Attribution, Kind, Qualifier
from undercount.estimators.fitting import Fit
from undercount.estimators.samplers import CoreSampler
from undercount.models.anchors import Anchors
from undercount.models.design import Design, design
from undercount.models.intensity import log_intensity
from undercount.models.sameness import same
from undercount.sampling.draws import Plan

LAST = date(2020, 3, 31)
OUTLIER_BOUND = 0.3
"""Largest change of the median that one claim of 40 times the toll may cause."""


def likelihood(arrays: Design) -> Design:
    """The part of a design that the likelihood reads, without the names of reports left out."""
    return replace(arrays, dropped={})


def test_a_relayed_copy_changes_nothing() -> None:
    evidence = make_evidence()
    without = evidence.with_reports(evidence.to_frame().query("report != 'un-copy'"))
    assert design(evidence).dropped == {"un-copy": "derived from un-jan"}
    assert same(likelihood(design(evidence)), likelihood(design(without)))


def test_the_sum_of_disjoint_reports_changes_nothing() -> None:
    halves = [
        make_report(report="a", value=60, window_end=date(2020, 1, 20)),
        make_report(report="b", value=40, window_start=date(2020, 1, 21)),
    ]
    whole = make_report(report="c", value=100)
    apart, joined = (design(make_evidence(rows)).terms for rows in (halves, [*halves, whole]))
    assert sorted(apart.low) == sorted(joined.low) == [40, 60]
    assert same(
        (apart.pieces.cell_start, apart.pieces.cell_end, apart.low),
        (joined.pieces.cell_start, joined.pieces.cell_end, joined.low),
    )


@pytest.mark.parametrize("order", [[5, 3, 1, 0, 2, 4], [2, 0, 4, 1, 5, 3]], ids=["one", "another"])
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    reports = make_reports()
    shuffled = make_evidence([reports[i] for i in order], sources=reversed(make_sources()))
    assert shuffled.sha256 == make_evidence().sha256
    assert same(design(shuffled), design(make_evidence()))


def test_renaming_changes_only_names() -> None:
    frame = make_evidence().to_frame()
    for column in ("report", "within", "derived_from"):
        frame[column] = frame[column].where(
            frame[column].isna() | (frame[column] == ""), "z-" + frame[column].fillna("")
        )
    renamed, evidence = design(make_evidence().with_reports(frame)), design(make_evidence())
    assert renamed.reports == tuple(f"z-{name}" for name in evidence.reports)
    assert same(renamed.terms, evidence.terms)


def test_what_is_published_later_changes_nothing() -> None:
    evidence = make_evidence()
    later = make_report(report="later", source="press", value=5000, window_end=LAST, published=date(2021, 1, 1))
    more = make_evidence([*make_reports(), later])
    when = date(2020, 12, 31)
    assert more.as_of(when).sha256 == evidence.as_of(when).sha256


def sampled_evidence() -> Evidence:
    """Reports of which sources can be left out in turn, so that one compilation serves every comparison."""
    sources = [
        *make_sources(),
        make_source(source="split", name="The same recorder, in two windows"),
        make_source(source="vacuous", name="Nothing at all", kind=Kind.CLAIMANT),
        make_source(source="outlier", name="Far off", kind=Kind.CLAIMANT),
    ]
    unattributed: dict[str, Any] = {
        "actors": (), "attribution": Attribution.UNATTRIBUTED, "areas": ("north", "south"), "published": LAST
    }  # fmt: skip
    reports = [
        make_report(report="un-all", value=300, window_end=LAST - timedelta(days=1), **unattributed),
        make_report(report="split-1", source="split", value=130, window_end=date(2020, 2, 10), **unattributed),
        make_report(
            report="split-2", source="split", value=170, window_start=date(2020, 2, 11),
            window_end=LAST - timedelta(days=1), **unattributed,
        ),
        make_report(report="press-all", source="press", value=911, window_end=LAST, **unattributed),
        make_report(report="red-own", source="red-army", value=33, window_end=LAST, areas=("north",), published=LAST),
        make_report(
            report="vacuous", source="vacuous", value=10_000_000, qualifier=Qualifier.UP_TO, window_end=LAST,
            **unattributed,
        ),
        make_report(
            report="outlier", source="outlier", value=40_000, qualifier=Qualifier.MORE_THAN, window_end=LAST,
            **unattributed,
        ),
    ]  # fmt: skip
    return make_evidence(reports, case=make_case(incidents=()), sources=sources)


Sampled = Callable[..., NDArray[np.float64]]


@pytest.fixture(scope="module")
def log_toll() -> Sampled:
    """Draws (chain, draw) of the log toll, with sources left out and counts and people scaled."""
    fit = Fit(sampled_evidence(), {}, Plan(chains=4, draws=750, tune=500, cores=2))

    def run(*without: str, scale: float = 1.0, seed: int = 1) -> NDArray[np.float64]:
        terms = replace(fit.design.terms, low=fit.design.terms.low * scale, high=fit.design.terms.high * scale)
        scaled = replace(
            fit.design,
            terms=terms,
            anchors=Anchors.of(terms, fit.design.rates.is_recorder),
            log_exposure=fit.design.log_exposure + np.log(scale),
        )
        sampled = CoreSampler(scaled).sample(fit.plan, seed, None, without)
        values = {name: drawn.reshape(-1, *drawn.shape[2:]) for name, drawn in sampled.values.items()}
        deaths = np.exp(log_intensity(np, scaled, values)).sum(axis=(1, 2))
        draws: NDArray[np.float64] = np.log(deaths).reshape(4, -1)
        return draws

    return run


def test_splitting_a_window_leaves_the_toll(log_toll: Sampled) -> None:
    others = ("vacuous", "outlier")
    whole, split = log_toll("split", *others), log_toll("un", *others, seed=2)
    assert abs(np.median(whole) - np.median(split)) < 0.1 * whole.std() + 4 * joint_error(whole, split)


def test_a_vacuous_report_changes_nothing(log_toll: Sampled) -> None:
    assert errors_apart(log_toll("outlier", "vacuous", "split"), log_toll("outlier", "split", seed=3)) < 4


def test_doubling_people_and_counts_doubles_the_toll(log_toll: Sampled) -> None:
    others = ("vacuous", "outlier", "split")
    once, twice = log_toll(*others), log_toll(*others, scale=2.0, seed=4)
    assert abs(np.median(twice) - np.median(once) - np.log(2)) < 0.05 + 4 * joint_error(once, twice)


def test_an_outlier_moves_the_median_little(log_toll: Sampled) -> None:
    others = ("vacuous", "split")
    before, after = log_toll("outlier", *others), log_toll(*others, seed=5)
    change = np.expm1(np.median(after) - np.median(before))
    assert -0.05 < change < OUTLIER_BOUND, pd.Series({"before": np.median(before), "after": np.median(after)})


DEAD = 12_000


def divided(areas: int) -> Design:
    """So many documented deaths in a land without known people at risk, cut into so many areas."""
    fields = case_fields() | {"population": (), "incidents": ()}
    names = [f"area-{a:02d}" for a in range(areas)]
    fields["dimensions"] = {
        "actor": {"levels": {"red": "Red army"}}, "area": {"levels": {name: name for name in names}}
    }  # fmt: skip
    reports = [
        make_report(report=name, value=DEAD // areas, areas=(name,), window_end=LAST, published=LAST) for name in names
    ]
    return design(make_evidence(reports, case=make_case(**fields), sources=[make_source()]))


def sampled_log_toll(arrays: Design, seed: int) -> NDArray[np.float64]:
    """Draws (chain, draw) of the log toll."""
    values = CoreSampler(arrays).sample(Plan(chains=4, draws=1500, tune=500, cores=2), seed, None).values
    flat = {name: drawn.reshape(-1, *drawn.shape[2:]) for name, drawn in values.items()}
    draws: NDArray[np.float64] = np.log(np.exp(log_intensity(np, arrays, flat)).sum(axis=(1, 2))).reshape(4, -1)
    return draws


def test_cutting_an_area_into_many_leaves_the_toll() -> None:
    whole, cut = (sampled_log_toll(divided(areas), areas) for areas in (1, 24))
    assert abs(np.median(whole) - np.median(cut)) < 0.1 * whole.std() + 4 * joint_error(whole, cut)
    assert cut.std() == pytest.approx(whole.std(), rel=0.1)


def test_windows_that_events_are_added_up_to_leave_the_toll(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    lines = [
        f"V{n},2031-{day // 28 + 1:02d}-{day % 28 + 1:02d},{area},Fair,{dead},{dead}"
        for n, (day, area, dead) in enumerate(
            zip(
                rng.integers(0, 330, 80), rng.choice(["Marun", "Sahla", "Tirsa"], 80), 1 + rng.poisson(3, 80),
                strict=True,
            )
        )
    ]  # fmt: skip
    columns = "code,date,region,grading,civilians_killed_min,civilians_killed_max"
    events = read_file(written(tmp_path / "events.csv", columns, lines))
    whole, *short = (
        sampled_log_toll(design(into_case(events, tmp_path / window, How(window, date(2032, 1, 1))).evidence), n)
        for n, window in enumerate(("all", "month", "week"))
    )
    for cut in short:
        assert abs(np.median(whole) - np.median(cut)) < 0.1 * whole.std() + 4 * joint_error(whole, cut)
