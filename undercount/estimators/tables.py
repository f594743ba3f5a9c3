"""Tables of an estimate as plain rows: tolls by level and time, reporting rates, reports beside their prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import Case, Estimand, Kind, Qualifier, Report
from undercount.estimators.deaths import LEVELS, Deaths
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity
from undercount.models.lags import log_lags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence
    from undercount.estimators.draws import Draws
    from undercount.models.design import Design
    from undercount.models.streams import Stream

BANDS = (50, 80, 95)
REPORTS_AT_ONCE = 256
Row = Mapping[str, Any]


def toll_rows(case: Case, deaths: Deaths, by: str | Sequence[str]) -> list[Row]:
    """Toll by every combination of levels and periods."""
    keys = [by] if isinstance(by, str) else list(by)
    rows: list[Row] = []
    for labels, draws in deaths.parts(keys):
        found = dict(zip(keys, labels, strict=True))
        names = [case.dimension(key).levels[label] for key, label in found.items() if key in LEVELS]
        rows.append(found | {"name": ", ".join(names)} | spread(draws))
    return rows


def spread(draws: NDArray[Any]) -> dict[str, Any]:
    """Median, mean, sd and interval, with the probability and the kind of the interval."""
    return Quantity(np.asarray(draws, dtype=float)).describe()


def timeline_rows(case: Case, deaths: Deaths) -> list[Row]:
    """Deaths per week with the intervals that charts draw."""
    bands = [_bands(draws) for _, draws in deaths.parts(["week"])]
    return [{**row, **band} for row, band in zip(toll_rows(case, deaths, ["week"]), bands, strict=True)]


def _bands(draws: NDArray[np.int64]) -> dict[str, float]:
    quantity = Quantity(draws.astype(float))
    ends = {band: quantity.quantiles(0.5 - band / 200, 0.5 + band / 200) for band in BANDS}
    return {
        f"{side}_{band}": end for band, both in ends.items() for side, end in zip(("lower", "upper"), both, strict=True)
    }


def documented(evidence: Evidence, arrays: Design, question: Estimand) -> int:
    """Most deaths that one recorder documented inside a scope, from tallies that share none; or matched lists did."""
    return max(tallied(evidence, arrays, question).values(), default=0)


def tallied(evidence: Evidence, arrays: Design, question: Estimand) -> dict[str, int]:
    """Deaths that each recorder documented inside a scope, from tallies that share none; under "" those on lists."""
    kinds = {source.source: source.kind for source in evidence.sources}
    inside: dict[str, list[tuple[int, Report]]] = {}
    claims = zip(arrays.scopes.pieces.report, arrays.scopes.low, strict=True)
    standing = {arrays.reports[place]: int(low) for place, low in claims}
    wanted = arrays.strata.select(question.actors, question.areas, question.victims, question.quantity)
    for report in evidence.reports:
        is_open = report.qualifier in (Qualifier.UP_TO, Qualifier.WORDS)
        if report.report not in standing or kinds[report.source] is not Kind.RECORDER or is_open:
            continue
        actors = () if report.attribution.value == "unattributed" else report.actors
        strata = arrays.strata.select(actors, report.areas, report.victims, report.quantity)
        if question.window.contains(report.window) and strata <= wanted:
            inside.setdefault(report.source, []).append((standing[report.report], report))
    found = {source: _disjoint_sum(arrays, tallies) for source, tallies in inside.items()}
    return found | ({"": _listed(arrays, question, wanted)} if arrays.overlap.count else {})


def _listed(arrays: Design, question: Estimand, wanted: frozenset[int]) -> int:
    """Victims on any of the matched lists whose scope is inside the one that is asked."""
    overlap, days = arrays.overlap, arrays.day_slice(question.window)
    is_inside = [
        days.start <= start and end <= days.stop and wanted.issuperset(strata.tolist())
        for start, end, strata in zip(overlap.start, overlap.end, overlap.strata, strict=True)
    ]
    return int(overlap.observed[np.array(is_inside, dtype=bool)].sum())


def _disjoint_sum(arrays: Design, tallies: Sequence[tuple[int, Report]]) -> int:
    """Add tallies from the largest down, leaving out those that share deaths with one already counted.

    Two incidents share deaths if they are the same; otherwise tallies do that have a day in common.
    """
    by_window, by_any = np.zeros((2, arrays.strata.count, arrays.days), dtype=bool)
    by_incident: set[tuple[str, int]] = set()
    total = 0
    for count, report in sorted(tallies, key=lambda item: (-item[0], item[1].report)):
        strata = sorted(arrays.strata.select(report.actors, report.areas, report.victims, report.quantity))
        place = strata, arrays.day_slice(report.window)
        named = {(report.incident, stratum) for stratum in strata} if report.incident else set[tuple[str, int]]()
        if (by_window if report.incident else by_any)[place].any() or not named.isdisjoint(by_incident):
            continue
        by_any[place] = True
        by_window[place] |= not report.incident
        by_incident |= named
        total += count
    return total


def rate_rows(evidence: Evidence, arrays: Design, draws: Draws) -> list[Row]:
    """Prior and posterior of the reporting rate of each stream."""
    sources = {source.source: source for source in evidence.sources}
    rows: list[Row] = []
    for place, (stream, name) in enumerate(zip(arrays.streams, arrays.stream_names, strict=True)):
        before = Quantity(draws["prior"].at("reporting_rate", source=name))
        after = Quantity(draws["posterior"].at("reporting_rate", source=name))
        (low, high), (lower, upper) = before.interval, after.interval
        rows.append({
            "stream": name,
            "source": stream.source,
            "name": _stream_name(evidence.case, sources[stream.source].name, stream, is_only=name == stream.source),
            "kind": sources[stream.source].kind.value,
            "victims": stream.victims,
            "quantity": stream.quantity,
            "reports": int((arrays.report_stream == place).sum()),
            "prior_median": before.median, "prior_lower": low, "prior_upper": high,
            "median": after.median, "lower": lower, "upper": upper,
            "contraction": float(1 - np.log(upper / lower) / np.log(high / low)),
            "ci_prob": CI_PROB, "ci_kind": CI_KIND,
        })  # fmt: skip
    return rows


def lag_rows(arrays: Design, draws: Draws) -> list[Row]:
    """Prior and posterior of the days τ of each source with a lag, and of named incidents."""
    if not arrays.lags.count:
        return []
    posterior, common, own = draws["posterior"], arrays.priors["lag"], arrays.priors["lag_own"]
    logs = log_lags(arrays, {name: posterior.values(name) for name in ("log_lag", "lag_z")})
    both = replace(common, scale=float(np.hypot(common.scale, own.scale)))
    found = [(source, both, logs[..., k]) for k, source in enumerate(arrays.lags.sources)]
    if arrays.lags.has_incidents:
        found.append(("named incidents", arrays.priors["lag_incident"], posterior.values("log_lag_incident")))
    rows: list[Row] = []
    for source, prior, log_days in found:
        after, (low, high) = Quantity(np.exp(log_days)), prior.interval
        lower, upper = after.interval
        rows.append({
            "source": source,
            "prior_median": float(np.exp(prior.location)), "prior_lower": low, "prior_upper": high,
            "median": after.median, "lower": lower, "upper": upper,
            "contraction": float(1 - np.log(upper / lower) / np.log(high / low)),
            "ci_prob": CI_PROB, "ci_kind": CI_KIND,
        })  # fmt: skip
    return rows


def _stream_name(case: Case, source: str, stream: Stream, *, is_only: bool) -> str:
    if is_only:
        return source
    told = (case.dimension(key).levels[level] for key, level in zip(("victims", "quantity"), stream[1:], strict=True))
    return f"{source}: {', '.join(told)}"


def report_rows(evidence: Evidence, arrays: Design, draws: Draws) -> list[Row]:
    """Each report in the likelihood beside its posterior prediction."""
    by_id = {report.report: report for report in evidence.reports}
    low, high = (draws["observed_data"].values(end) for end in ("low", "high"))
    again = draws["posterior_predictive"].values("reported")
    told, rows = np.flatnonzero(~np.isnan(low)), list[Row]()
    for first in range(0, told.size, REPORTS_AT_ONCE):
        here = told[first : first + REPORTS_AT_ONCE]
        drawn = np.ascontiguousarray(again[..., here].reshape(-1, here.size).T)
        tails = np.minimum(np.mean(drawn >= low[here, None], axis=1), np.mean(drawn <= high[here, None], axis=1))
        ends = np.quantile(drawn.astype(float), [(1 - CI_PROB) / 2, (1 + CI_PROB) / 2], axis=1)
        columns = zip(here.tolist(), np.median(drawn, axis=1), *ends, tails, strict=True)
        for place, median, lower, upper, tail in columns:
            report = by_id[arrays.reports[place]]
            rows.append({
                "report": report.report, "source": report.source, "low": float(low[place]), "high": float(high[place]),
                "window_start": report.window_start, "window_end": report.window_end,
                "predicted_median": float(median), "predicted_lower": float(lower), "predicted_upper": float(upper),
                "tail": float(tail),
            })  # fmt: skip
    return rows
