"""A case as large as registers of a long war are: counts of several sources by week, area and class of victims.

The deaths of ten years follow courses that rise and fall by orders of magnitude, and differ from area to area; each
source documents its own share of them as the model has it. The truth is known. The case is read, fitted and held
against every gate in a process of its own, as `undercount estimate` would.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from benchmarks.rows import Row
from benchmarks.timing import answer, peak_megabytes
from undercount.data.evidence import Evidence
from undercount.data.schema import Attribution, Case, Kind, Qualifier, Report, Source
from undercount.models.basis import walk_basis
from undercount.models.negative_binomial import draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

GROUP: Final = "large case"
FIRST_DAY: Final = date(2014, 1, 6)
WEEK: Final = 7
VICTIMS: Final = ("civilians", "side-a", "side-b")
MEMBERS: Final[tuple[tuple[str, Kind, float, float], ...]] = (
    ("archive", Kind.RECORDER, 0.5, 4.0),
    ("events", Kind.RECORDER, 0.35, 6.0),
    ("monitor", Kind.RECORDER, 0.2, 5.0),
    ("ministry", Kind.CLAIMANT, 1.1, 8.0),
)
"""Sources with their kind, reporting rate and dispersion."""
RANGES: Final = "events"
"""The source that states a lower and an upper number, as UCDP GED does."""
SMOOTH: Final = (0.06, 0.03)
"""Of the common course and of the departures from it, per square root of a day."""
COSINES: Final = 20
CHAINS: Final = 4
TUNE: Final = 200
DRAWS: Final = 400
"""Of each chain: where the counts leave so little open, half of the default is enough for every gate."""
MOST_SECONDS: Final = 1800.0
MOST_GIGABYTES: Final = 8.0
SEED: Final = 1


class Size(NamedTuple):
    """Weeks, areas and sources; classes of victims are three."""

    weeks: int
    areas: int
    sources: int


LARGE: Final = Size(520, 17, 4)
"""106,080 weekly counts."""
SMALL: Final = Size(104, 5, 2)


def weekly_case(size: Size = LARGE, seed: int = SEED) -> tuple[Evidence, int]:
    """Evidence and the number of civilians who died."""
    rng = np.random.default_rng([seed, *size])
    areas = [f"area-{a:02d}" for a in range(size.areas)]
    deaths = expected_deaths(rng, size).reshape(size.areas, len(VICTIMS), size.weeks, WEEK).sum(axis=-1)
    window = {"start": FIRST_DAY, "end": FIRST_DAY + timedelta(days=WEEK * size.weeks - 1)}
    case = Case.model_validate({
        "case": f"weekly-{size.weeks}-{size.areas}-{size.sources}",
        "title": "What several sources counted week by week",
        "timezone": "UTC",
        "timeline": window,
        "dimensions": {
            "actor": {"levels": {"unknown": "not known"}},
            "area": {"levels": {area: area for area in areas}},
            "victims": {"levels": {victims: victims for victims in VICTIMS}},
        },
        "estimand": {"window": window, "victims": VICTIMS[0]},
    })  # fmt: skip
    members = MEMBERS[: size.sources]
    sources = tuple(Source(source=name, name=name, kind=kind) for name, kind, _, _ in members)
    reports = [
        _report(member, (areas[a], victims, w), int(count))
        for member in members
        for (a, (v, victims)) in product(range(size.areas), enumerate(VICTIMS))
        for w, count in enumerate(_documented(rng, member, deaths[a, v]))
    ]
    return Evidence(case=case, sources=sources, reports=tuple(reports)), int(rng.poisson(deaths[:, 0].sum()))


def expected_deaths(rng: np.random.Generator, size: Size) -> Array:
    """Expected deaths of each stratum (area, victims) and day."""
    basis = walk_basis(WEEK * size.weeks, COSINES)
    strata = size.areas * len(VICTIMS)
    common = basis @ (SMOOTH[0] * rng.standard_normal(COSINES))
    own = (SMOOTH[1] * rng.standard_normal((strata, COSINES))) @ basis.T
    return np.asarray(np.exp(np.log(8.0) + 0.7 * rng.standard_normal((strata, 1)) + common + own))


def _documented(rng: np.random.Generator, member: tuple[str, Kind, float, float], deaths: Array) -> NDArray[np.int64]:
    _, _, rate, dispersion = member
    return draw(rng, rate * deaths, np.full(deaths.shape, dispersion))


def _report(member: tuple[str, Kind, float, float], of: tuple[str, str, int], count: int) -> Report:
    (name, *_), (area, victims, week) = member, of
    start = FIRST_DAY + timedelta(days=WEEK * week)
    claim: dict[str, Any] = {"value": count, "qualifier": Qualifier.EXACT}
    if name == RANGES:
        claim = {"low": count - count // 8, "high": count + count // 6, "qualifier": Qualifier.RANGE}
    return Report.model_validate({
        "report": f"{name}-{area}-{victims}-{week:03d}",
        "source": name,
        "quote": "weekly",
        "published": start + timedelta(days=10),
        "quantity": "killed",
        "victims": victims,
        "actors": (),
        "attribution": Attribution.UNATTRIBUTED,
        "areas": (area,),
        "window_start": start,
        "window_end": start + timedelta(days=WEEK - 1),
        "used": True,
        **claim,
    })  # fmt: skip


def rows(size: Size = LARGE) -> Iterator[Row]:
    """Fit the case once, in a process of its own."""
    evidence, toll = weekly_case(size)
    with tempfile.TemporaryDirectory(prefix="undercount-") as folder:
        evidence.write(Path(folder) / "case")
        begun = time.perf_counter()
        found = answer(["-m", "benchmarks.weekly", str(Path(folder) / "case")])
        seconds = time.perf_counter() - begun
    what = f"{found['reports']:,} weekly counts of {found['streams']} streams in {found['strata']} strata"
    yield Row(GROUP, f"{what}: read, fitted, checked", seconds, "s", goal=f"<= {MOST_SECONDS:g}",
              met=seconds <= MOST_SECONDS, note=f"{GROUP}: {CHAINS} chains of {TUNE} + {DRAWS} draws")  # fmt: skip
    yield Row(GROUP, "the same, CPU time", found["cpu"], "s")
    yield Row(GROUP, "peak memory", found["gigabytes"], "GB", goal=f"<= {MOST_GIGABYTES:g}",
              met=found["gigabytes"] <= MOST_GIGABYTES)  # fmt: skip
    yield Row(GROUP, "gates that failed", len(found["failed"]), "", goal="0", met=not found["failed"],
              note="; ".join(found["figures"]))  # fmt: skip
    yield Row(
        GROUP, "effective draws of the toll, each second of the whole process", found["effective"] / seconds, "/s"
    )
    low, high = found["interval"]
    yield Row(GROUP, f"the toll that it was made with, {toll:,}, over the median", toll / found["median"], "x",
              low=low / found["median"], high=high / found["median"], spread="95 % of the posterior",
              goal="inside", met=low <= toll <= high)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Fit the case of one folder and print what came of it, as JSON."""
    import undercount as uc
    from undercount.sampling.diagnostics import convergence

    evidence = uc.read_case(arguments[0])
    estimate = uc.CountFusion(chains=CHAINS, draws=DRAWS, tune=TUNE).fit(evidence, seed=SEED)
    checks, toll = estimate.check(), estimate.toll()
    _, bulk, tail = convergence(np.asarray(estimate.rows.deaths.total(), dtype=float)[None])
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "reports": len(evidence.used), "streams": len(estimate.design.stream_names),
        "strata": estimate.design.strata.count, "cpu": spent.ru_utime + spent.ru_stime,
        "gigabytes": peak_megabytes() / 1024, "failed": [check.name for check in checks.failed],
        "figures": [f"{check.name} {check.value:.4g} ({check.limit})" for check in checks.checks],
        "effective": float(min(bulk[0], tail[0])), "median": float(toll.median),
        "interval": [float(end) for end in toll.interval],
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
