"""Frames of an estimate: tolls by level and time, reporting rates, reports beside their prediction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from undercount.data.schema import Case, Estimand, Kind, Qualifier, Report
from undercount.errors import ModelError
from undercount.estimators.quantity import CI_KIND, CI_PROB, Quantity

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from undercount.data.evidence import Evidence
    from undercount.models.design import Design

LEVELS = ("actor", "area")
TIMES = ("day", "week", "month")
BANDS = (50, 80, 95)


def toll_table(case: Case, deaths: xr.DataArray, by: Sequence[str]) -> pd.DataFrame:
    """Toll by every combination of levels and periods."""
    import pandas as pd

    unknown = [key for key in by if key not in (*LEVELS, *TIMES)]
    if unknown or sum(key in TIMES for key in by) > 1 or len(set(by)) < len(by):
        raise ModelError(
            f"the toll cannot be given by {', '.join(by)}",
            code="model-unknown-by",
            where="by",
            hint=f"name levels ({', '.join(LEVELS)}) and at most one of {', '.join(TIMES)}, each once",
        )
    rows = []
    for group in product(*(_groups(deaths, key) for key in by)):
        part = deaths
        for key, (_, where) in zip(by, group, strict=True):
            part = part.isel({"day" if key in TIMES else key: where})
        others = [dim for dim in part.dims if dim not in ("chain", "draw")]
        names = [case.dimension(key).levels[str(x)] for key, (x, _) in zip(by, group, strict=True) if key in LEVELS]
        labels: dict[str, Any] = {key: label for key, (label, _) in zip(by, group, strict=True)}
        rows.append(labels | {"name": ", ".join(names)} | spread(part.sum(others).to_numpy()))
    return pd.DataFrame(rows)


def _groups(deaths: xr.DataArray, key: str) -> list[tuple[Any, NDArray[np.int64]]]:
    if key in LEVELS:
        return [(str(level), np.array([i])) for i, level in enumerate(deaths[key].to_numpy())]
    days = [day.astype("datetime64[D]").item() for day in deaths["day"].to_numpy()]
    labels = [period_start(day, key, days[0]) for day in days]
    return [(label, np.flatnonzero([x == label for x in labels])) for label in sorted(set(labels))]


def parts(deaths: xr.DataArray, key: str) -> list[tuple[Any, xr.DataArray]]:
    """Draws of the deaths, cut by a level or a period, each with its label."""
    dim = "day" if key in TIMES else key
    return [(label, deaths.isel({dim: where})) for label, where in _groups(deaths, key)]


def period_start(day: date, period: str, first: date) -> date:
    """First day of the ISO week, month or day that `day` is in, not before `first`."""
    if period == "week":
        return max(first, day - timedelta(days=day.weekday()))
    return max(first, day.replace(day=1)) if period == "month" else day


def spread(draws: NDArray[Any]) -> dict[str, Any]:
    """Median, mean, sd and interval, with the probability and the kind of the interval."""
    quantity = Quantity(np.asarray(draws, dtype=float))
    lower, upper = quantity.interval
    return {
        "median": quantity.median, "mean": quantity.mean, "sd": quantity.sd, "lower": lower, "upper": upper,
        "ci_prob": CI_PROB, "ci_kind": CI_KIND,
    }  # fmt: skip


def timeline_table(case: Case, deaths: xr.DataArray) -> pd.DataFrame:
    """Deaths per week with the intervals that charts draw."""
    table = toll_table(case, deaths, ["week"])
    bands: dict[str, list[float]] = {}
    for _, part in parts(deaths, "week"):
        quantity = Quantity(part.sum([d for d in part.dims if d not in ("chain", "draw")]).to_numpy().astype(float))
        for band in BANDS:
            lower, upper = quantity.quantiles(0.5 - band / 200, 0.5 + band / 200)
            bands.setdefault(f"lower_{band}", []).append(lower)
            bands.setdefault(f"upper_{band}", []).append(upper)
    return table.assign(**bands)


def documented(evidence: Evidence, arrays: Design, question: Estimand) -> int:
    """Most deaths that one recorder documented inside a scope, from tallies that share none."""
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
    return max((_disjoint_sum(arrays, tallies) for tallies in inside.values()), default=0)


def _disjoint_sum(arrays: Design, tallies: list[tuple[int, Report]]) -> int:
    """Add tallies from the largest down, leaving out those that share deaths with one already counted."""
    taken: list[Report] = []
    total = 0
    for count, report in sorted(tallies, key=lambda item: (-item[0], item[1].report)):
        if not any(_share(arrays, report, other) for other in taken):
            taken.append(report)
            total += count
    return total


def _share(arrays: Design, one: Report, other: Report) -> bool:
    meet = one.window_start <= other.window_end and other.window_start <= one.window_end
    if one.incident and other.incident:
        meet = one.incident == other.incident
    strata = [arrays.strata.select(r.actors, r.areas, r.victims, r.quantity) for r in (one, other)]
    return meet and bool(strata[0] & strata[1])


def rates_table(evidence: Evidence, arrays: Design, draws: xr.DataTree) -> pd.DataFrame:
    """Prior and posterior of each source's reporting rate."""
    import pandas as pd

    sources = {source.source: source for source in evidence.sources}
    rows = []
    for name in arrays.sources:
        before = Quantity(draws["prior"]["reporting_rate"].sel(source=name).to_numpy())
        after = Quantity(draws["posterior"]["reporting_rate"].sel(source=name).to_numpy())
        (low, high), (lower, upper) = before.interval, after.interval
        rows.append({
            "source": name,
            "name": sources[name].name,
            "kind": sources[name].kind.value,
            "reports": int((arrays.report_source == arrays.sources.index(name)).sum()),
            "prior_median": before.median, "prior_lower": low, "prior_upper": high,
            "median": after.median, "lower": lower, "upper": upper,
            "contraction": 1 - np.log(upper / lower) / np.log(high / low),
            "ci_prob": CI_PROB, "ci_kind": CI_KIND,
        })  # fmt: skip
    return pd.DataFrame(rows)


def reports_table(evidence: Evidence, arrays: Design, draws: xr.DataTree) -> pd.DataFrame:
    """Each report in the likelihood beside its posterior prediction."""
    import pandas as pd

    by_id = {report.report: report for report in evidence.reports}
    rows = []
    for name in arrays.reports:
        low, high = (float(draws["observed_data"][end].sel(report=name)) for end in ("low", "high"))
        if np.isnan(low):
            continue
        report = by_id[name]
        again = draws["posterior_predictive"]["reported"].sel(report=name).to_numpy()
        quantity = Quantity(again.astype(float))
        lower, upper = quantity.interval
        rows.append({
            "report": name, "source": report.source, "low": low, "high": high,
            "window_start": report.window_start, "window_end": report.window_end,
            "predicted_median": quantity.median, "predicted_lower": lower, "predicted_upper": upper,
            "tail": float(min(np.mean(again >= low), np.mean(again <= high))),
        })  # fmt: skip
    return pd.DataFrame(rows)
