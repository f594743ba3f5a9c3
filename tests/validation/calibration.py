"""Simulation-based calibration of the fusion model: draw from the prior, simulate reports, fit, rank.

Talts et al. 2018, Validating Bayesian inference algorithms with simulation-based calibration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tests.builders import INCIDENT, case_fields, make_case, make_evidence, make_report, make_source, make_sources
from undercount.compiled import compiled_callback
from undercount.data.schema import Attribution, Kind, Lag, PriorChange, Qualifier
from undercount.estimators.forecast import prior_values
from undercount.estimators.samplers import CoreSampler, Sampled, named, target_of
from undercount.models.anchors import Anchors
from undercount.models.design import Design, design
from undercount.models.intensity import evaluate
from undercount.models.kernel.density import log_density
from undercount.models.kernel.deviations import anchored
from undercount.models.kernel.unpack import unpack, unpack_work
from undercount.models.lags import log_lags
from undercount.models.negative_binomial import draw
from undercount.models.priors import PriorTable
from undercount.sampling.batch import sample
from undercount.sampling.draws import Plan
from undercount.sampling.target import SIGNATURE

Array = NDArray[np.float64]
Index = NDArray[np.int64]
PLAN = Plan(draws=500, tune=500, chains=2, cores=2)
KEPT = 99
BINS = np.array([0.0, 30.0, 100_000.0, 1e7])
WIDE_BINS = np.array([0.0, 1.0, 100_000.0, 1e9])
RANGED = ("ngo", "paper", "radio")
"""Sources that say between which of these the count lies."""
THRESHOLD = 2000.0
"""The press says whether at least so many were killed."""
NEAR = 25_000.0
"""A threshold that a loud toll reaches about half of the time: how far beyond it lies is told by its prior alone."""

NARROWED = {
    "rate": PriorChange(location=np.log(2.0), scale=0.5, reason="keeps simulated tolls within what a test can hold"),
    "smooth_shared": PriorChange(location=np.log(0.12), scale=0.3, reason="likewise"),
    "incident_toll": PriorChange(location=np.log(30.0), scale=0.5, reason="likewise"),
    "daily_toll": PriorChange(location=np.log(40.0), scale=0.5, reason="likewise"),
}


LOUD = {
    **NARROWED,
    "rate": PriorChange(location=np.log(10.0), scale=0.5, reason="counts so large that a bug has something to bias"),
    "dispersion": PriorChange(location=0.0, scale=0.3, reason="likewise"),
}


def calibration_design(
    priors: Mapping[str, PriorChange] = NARROWED, *, two_days: bool = False, is_populated: bool = True
) -> Design:
    """A case with nested, short, ranged, one-sided and contested reports, and a belligerent.

    With `two_days` no window but the incident's is longer, so that a lost day is half of what anybody saw. Where it is
    not populated, nobody knows the people at risk, and a clinic counts children.
    """
    sources = [
        *make_sources(),
        make_source(source="ngo", name="Monitors", kind=Kind.RECORDER),
        make_source(source="paper", name="Paper", kind=Kind.CLAIMANT),
        make_source(source="radio", name="Radio", kind=Kind.CLAIMANT),
        make_source(source="gazette", name="Gazette", kind=Kind.CLAIMANT),
    ]
    start, end = (date(2020, 1, 14), date(2020, 1, 15)) if two_days else (date(2020, 1, 1), date(2020, 3, 31))
    everywhere: dict[str, Any] = {
        "areas": ("north", "south"), "published": date(2020, 4, 20), "window_start": start, "window_end": end
    }  # fmt: skip
    unattributed: dict[str, Any] = {"actors": (), "attribution": Attribution.UNATTRIBUTED}
    days = {"window_start": date(2020, 1, 14), "window_end": date(2020, 1, 16)}
    short = {"window_start": date(2020, 1, 20), "window_end": date(2020, 1, 21)}
    market = {"window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "incident": INCIDENT}
    reports = [
        make_report(report="un-jan", value=100, **unattributed, **days),
        make_report(report="un-short", value=20, **unattributed, **short),
        make_report(report="un-market", value=30, within="un-jan", **unattributed, **market),
        make_report(report="red-own", source="red-army", value=12, **everywhere),
        *(
            make_report(
                report=f"{source}-all", source=source, value=None, low=30, high=99_999,
                qualifier=Qualifier.RANGE, **unattributed, **everywhere,
            )
            for source in RANGED
        ),
        make_report(
            report="press-all", source="press", value=int(THRESHOLD), qualifier=Qualifier.AT_LEAST,
            **unattributed, **everywhere,
        ),
        make_report(
            report="gazette-red", source="gazette", value=111, attribution=Attribution.CONTESTED,
            **everywhere,
        ),
    ]  # fmt: skip
    if is_populated:
        return design(make_evidence(reports, case=make_case(), sources=sources), PriorTable(priors))
    fields = case_fields()
    fields["dimensions"]["victims"] = {"levels": {"civilians": "Civilians", "children": "Children"}}
    clinic = make_source(source="clinic", name="Clinic")
    reports += [
        make_report(report=f"{area}-child", source="clinic", value=5, victims="children", areas=(area,),
                    **unattributed, **short) for area in ("north", "south")
    ]  # fmt: skip
    case = make_case(**fields | {"population": ()})
    return design(make_evidence(reports, case=case, sources=[*sources, clinic]), PriorTable(priors))


def lag_design() -> Design:
    """A case whose recorders document with a lag: three vintages, an incident, a later window, and a range."""
    sources = [
        make_source(lag=Lag.FITTED),
        make_source(source="ngo", name="Monitors", lag=Lag.FITTED),
        *make_sources()[1:],
    ]
    nobody: dict[str, Any] = {"actors": (), "attribution": Attribution.UNATTRIBUTED}
    january = {"window_start": date(2020, 1, 1), "window_end": date(2020, 1, 21)}
    market = {"window_start": date(2020, 1, 15), "window_end": date(2020, 1, 15), "incident": INCIDENT}
    later = {"window_start": date(2020, 1, 22), "window_end": date(2020, 2, 20)}
    whole: dict[str, Any] = {
        "areas": ("north", "south"), "window_end": date(2020, 3, 31), "published": date(2020, 4, 20)
    }  # fmt: skip
    reports = [
        make_report(report="un-1", value=20, published=date(2020, 1, 23), **nobody, **january),
        make_report(report="un-2", value=40, published=date(2020, 2, 10), **nobody, **january),
        make_report(report="un-3", value=50, published=date(2020, 3, 21), **nobody, **january),
        make_report(report="un-market", value=15, published=date(2020, 1, 23), **nobody, **market),
        make_report(report="un-later", value=30, published=date(2020, 2, 25), **nobody, **later),
        make_report(report="ngo-all", source="ngo", value=None, low=30, high=99_999, qualifier=Qualifier.RANGE,
                    **nobody, **whole),
        make_report(report="red-own", source="red-army", value=12, **whole),
        make_report(report="press-all", source="press", value=int(THRESHOLD), qualifier=Qualifier.AT_LEAST,
                    **nobody, **whole),
    ]  # fmt: skip
    return design(make_evidence(reports, case=make_case(), sources=sources), PriorTable(NARROWED))


def published_later(arrays: Design, days: int) -> Design:
    """The planted bug that takes each publication for one of so many days later."""
    pieces = arrays.terms.pieces
    names = ("cell_after", "cell_by", "event_after", "event_by")
    moved = {name: getattr(pieces, name) + days * (getattr(pieces, name) >= 0) for name in names}
    return replace(arrays, terms=replace(arrays.terms, pieces=replace(pieces, **moved)))


def simulate(
    arrays: Design, values: Mapping[str, Array], rng: np.random.Generator, bins: Array, threshold: float
) -> tuple[Array, Array]:
    """Ends of the exact terms, for one draw of the prior (leading axis of length one)."""
    terms = arrays.terms
    mean = evaluate(np, arrays, values, values["own"]).mean[0]
    theta = np.exp(values["log_dispersion"][0])[terms.pieces.stream]
    low = draw(rng, mean, theta).astype(float)
    chance = np.exp(terms.reading_log_probability)
    blocks = [np.flatnonzero(terms.reading_block == block) for block in range(terms.block_stream.size)]
    true = [int(rng.choice(readings, p=chance[readings])) for readings in blocks]
    return in_range(arrays, read_as(arrays, low, true), bins, threshold)


def read_as(arrays: Design, counts: Array, true: Sequence[int]) -> Array:
    """The counts of each block's true reading, in all of its readings."""
    terms, read = arrays.terms, counts.copy()
    for reading, block in enumerate(terms.reading_block):
        read[terms.term_reading == reading] = counts[terms.term_reading == true[block]]
    return read


def in_range(arrays: Design, counts: Array, bins: Array = BINS, threshold: float = THRESHOLD) -> tuple[Array, Array]:
    """What the sources say of the counts of the exact terms: the count, a range, or whether it reaches a threshold."""
    source, low = np.array([stream.source for stream in arrays.streams])[arrays.terms.pieces.stream], counts.copy()
    high = low.copy()
    ranged, press = np.isin(source, RANGED), source == "press"
    place = np.searchsorted(bins, np.minimum(low[ranged], bins[-1] - 1), side="right")
    low[ranged], high[ranged] = bins[place - 1], bins[place] - 1
    is_more = low[press] >= threshold
    low[press], high[press] = np.where(is_more, threshold, 0.0), np.where(is_more, np.inf, threshold - 1)
    return low, high


def with_counts(arrays: Design, low: Array, high: Array) -> Design:
    """The design with simulated counts in place of its own."""
    terms, before = arrays.terms, arrays.anchors
    counted = np.isin(terms.term_reading, terms.stated) & before.is_counted[: low.size]
    stream, count = terms.pieces.stream[: low.size][counted], len(arrays.streams)
    least, most = (np.bincount(stream, ends[counted], count) for ends in (low, high))
    anchors = replace(Anchors.at(before.places, least, most, before.is_mixed), is_counted=before.is_counted)
    return replace(arrays, anchors=anchors, terms=replace(terms, low=low, high=high))


def quantities(arrays: Design, values: Mapping[str, Array], own: Array | None) -> dict[str, Array]:
    """What is ranked, for draws of the parameters."""
    state = evaluate(np, arrays, values, own)
    toll = state.deaths.sum(axis=(-2, -1)) + state.events.sum(axis=-1)
    actor, area, kind = arrays.strata.place
    found = {"toll": toll, "red": state.deaths[..., actor == 1].sum(axis=(-2, -1)), "market": state.events.sum(axis=-1)}
    if "log_daily_toll" in values:
        found["north"] = state.deaths[..., area == 0].sum(axis=(-2, -1))
        child = kind == arrays.strata.kinds.index(("children", "killed"))
        found["children"] = state.deaths[..., child].sum(axis=(-2, -1))
    first = np.unique(arrays.terms.reading_stream, return_index=True)[1]
    for s, name in enumerate(arrays.stream_names):
        if name != "gazette":  # its deviation depends on the reading
            found[f"rate of {name}"] = state.own[..., first[s]]
    for k, source in enumerate(arrays.lags.sources):
        found[f"lag of {source}"] = log_lags(arrays, values)[..., k]
    found["dispersion of un"] = values["log_dispersion"][..., arrays.stream_names.index("un")]
    return found


@dataclass(frozen=True)
class Calibration:
    """Ranks of the true values among `KEPT` draws."""

    ranks: Mapping[str, Array]
    divergences: float

    def p_value(self, name: str, bins: int = 10) -> float:
        """Of uniform ranks: the smaller p of a test of their shape and one of their mean, doubled."""
        ranks = self.ranks[name]
        counts, _ = np.histogram(ranks, bins=bins, range=(-0.5, KEPT + 0.5))
        centred = (ranks.mean() - KEPT / 2) / np.sqrt(((KEPT + 1) ** 2 - 1) / 12 / ranks.size)
        return float(min(1.0, 2 * min(stats.chisquare(counts).pvalue, 2 * stats.norm.sf(abs(centred)))))

    @property
    def smallest(self) -> tuple[str, float]:
        """The least uniform quantity, with a p-value for the smallest of them all (Bonferroni)."""
        values = {name: self.p_value(name) for name in self.ranks}
        worst = min(values, key=lambda name: values[name])
        return worst, min(1.0, values[worst] * len(values))


@compiled_callback(SIGNATURE)
def density_without_jacobian(position: Array, gradient: Array, reals: Array, integers: Index, workspace: Array) -> Any:
    """The planted bug that forgets the slope of the map from an anchored count's coordinate.

    Of a source with several readings the slope is the same in all. That of the monitors' count also changes, a
    little, with the toll of the incident that it holds: this part stays in the gradient, which costs the sampler some
    steps that it rejects, while its draws follow the value.
    """
    value = log_density(position, gradient, reals, integers, workspace)
    readings, beside = unpack(reals, integers)[5], unpack_work(workspace, integers).beside
    for k in range(readings.anchor.size):
        i = readings.anchor[k]
        if i >= 0 and (k == 0 or readings.anchor[k - 1] != i):
            at = readings.anchor_at[i]
            _, slope, _, by_x, _ = anchored(readings, i, position[at], beside[k])
            value -= np.log(slope)
            gradient[at] -= by_x
    return value


def fits_without_jacobian(fitted: Design, seed: int) -> Sampled:
    """The compiled core with the planted bug."""
    return named(fitted, sample(replace(target_of(fitted), density=density_without_jacobian), seed, PLAN))


def core_fits(fitted: Design, seed: int) -> Sampled:
    """The compiled core."""
    return CoreSampler(fitted).sample(PLAN, seed, None)


def calibrate(
    arrays: Design,
    fitted: Design,
    fits: int,
    *,
    seed: int,
    bins: Array = BINS,
    threshold: float = THRESHOLD,
    exact_bounds: bool = False,
    fit: Callable[[Design, int], Sampled] = core_fits,
) -> Calibration:
    """Simulate from `arrays` and fit the model of `fitted`; they differ only where a bug is planted.

    Parameters
    ----------
    arrays, fitted : Design
    fits : int
    seed : int
    bins : ndarray
        A range lies between two of these.
    threshold : float
        What the press knows a count to reach or not.
    exact_bounds : bool
        The planted bug that takes "at least" for an exact count.
    fit : callable
        Samples a design with simulated counts.
    """
    ranks: dict[str, list[float]] = {}
    divergences = 0.0
    for child in np.random.SeedSequence(seed).spawn(fits):
        rng = np.random.default_rng(child)
        truth = prior_values(arrays, 1, rng)
        low, high = simulate(arrays, truth, rng, bins, threshold)
        if exact_bounds:
            high = np.where(np.isinf(high), low, high)
        counted = with_counts(fitted, low, high)
        sampled = fit(counted, int(rng.integers(2**62)))
        pick = np.linspace(0, PLAN.chains * PLAN.draws - 1, KEPT).astype(int)
        values = {name: drawn.reshape(-1, *drawn.shape[2:])[pick] for name, drawn in sampled.values.items()}
        mine = quantities(counted, values, None)
        for name, true in quantities(arrays, truth, truth["own"]).items():
            ranks.setdefault(name, []).append(float((mine[name] < true).sum()))
        divergences += float(sampled.stats["diverging"].mean()) / fits
    return Calibration({name: np.array(r) for name, r in ranks.items()}, divergences)
