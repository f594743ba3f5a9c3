"""A million events of UCDP GED, imported as a case: time and memory of the whole process, beside pandas.

The peer reads the same file with pandas and adds the events of a week, a province and a class of victims up: what
anybody would write in five lines. It checks nothing, keeps no trace and writes one csv.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.ged_file import write_ged
from benchmarks.rows import Row
from benchmarks.timing import Spread, answer, interleaved, peak_megabytes, ratios

GROUP: Final = "imports"
EVENTS: Final = 1_000_000
MOST_SECONDS: Final = 60.0
MOST_MEGABYTES: Final = 2048.0
_PARTS: Final = ("deaths_civilians", "deaths_a", "deaths_b", "deaths_unknown")


def rows(rounds: int, events: int = EVENTS) -> Iterator[Row]:
    """Time and memory of an import, and its ratio to pandas alone."""
    with tempfile.TemporaryDirectory(prefix="undercount-") as folder:
        path = Path(folder) / "events.csv"
        write_ged(path, events)
        code = "from benchmarks.events import tell_{}; tell_{}({!r})"
        runs = {
            name: lambda _, name=name: answer(["-c", code.format(name, name, str(path))])
            for name in ("import", "pandas")
        }
        found = interleaved(runs, rounds)
    seconds = {name: [one["seconds"] for one in told] for name, told in found.items()}
    spent, memory = Spread.of(seconds["import"]), Spread.of([one["megabytes"] for one in found["import"]])
    what = f"{events:,} events of UCDP GED read, checked, added up by week and written as a case"
    note = "imports: {reports:,} reports of {records:,} records".format(**found["import"][0])
    goal = f"<= {MOST_SECONDS:g}"
    yield Row.of(GROUP, what, spent, "s", goal=goal, met=spent.median <= MOST_SECONDS, note=note)
    yield Row.of(GROUP, "processor time of it, all threads: what else runs hardly touches it",
                 Spread.of([one["cpu"] for one in found["import"]]), "s")  # fmt: skip
    yield Row.of(GROUP, "most memory of it", memory, "MiB", goal=f"<= {MOST_MEGABYTES:g}",
                 met=memory.high <= MOST_MEGABYTES)  # fmt: skip
    yield Row.of(GROUP, "its time over that of pandas, which reads and adds up, and checks nothing",
                 ratios(seconds["import"], seconds["pandas"]), "x")  # fmt: skip


def tell_import(path: str) -> None:
    """Import, and print what it took as JSON."""
    begun = time.perf_counter()
    from datetime import date

    from undercount.data.imports.casework import How, into_case
    from undercount.data.imports.registry import read_file

    folder = Path(path).with_name("case")
    shutil.rmtree(folder, ignore_errors=True)
    found = into_case(read_file(Path(path), "ged"), folder, How(published=date(2024, 12, 31)))
    _tell(begun, reports=len(found.evidence.reports), records=found.records)


def tell_pandas(path: str) -> None:
    """Read and add up with pandas alone, and print what it took as JSON."""
    begun = time.perf_counter()
    import pandas as pd

    events = pd.read_csv(path, parse_dates=["date_start"])
    long = events.melt(["date_start", "adm_1"], list(_PARTS), "victims", "deaths")
    week = long["date_start"].dt.to_period("W").dt.start_time
    sums = long[long["deaths"] > 0].groupby([week, "adm_1", "victims"])["deaths"].sum()
    sums.to_csv(Path(path).with_name("sums.csv"))
    _tell(begun, reports=len(sums), records=int((long["deaths"] > 0).sum()))


def _tell(begun: float, **more: int) -> None:
    spent = {"seconds": time.perf_counter() - begun, "cpu": time.process_time()}
    print(json.dumps({**spent, "megabytes": peak_megabytes(), **more}))
