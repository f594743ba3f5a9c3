"""A process that takes many reports in, one at a time.

python -m tests.runs.writer CASE NAME COUNT
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.runs.cases import new_report
from tests.runs.test_ingest import write_reports
from undercount.runs.ingest import ingest
from undercount.runs.store import Store


def main(case: str, name: str, count: int) -> None:
    """Print each report's name once it is acknowledged."""
    with tempfile.TemporaryDirectory() as place, Store.of(case) as store:
        for number in range(count):
            report = new_report(report=f"{name}-{number}", note=f"{name} {number}", used=False, reason="not counted")
            ingest(store, [write_reports(Path(place) / "one.csv", report)])
            print(report.report, flush=True)  # noqa: T201 - to the test


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
