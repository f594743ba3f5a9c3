"""Re-estimate my-case every night: a DAG for Airflow 3.3, with undercount in an environment of its own."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

COMMAND = ["/opt/undercount/bin/undercount", "run", "/srv/undercount/my-case", "--time-budget", "2h", "--quiet"]


@dag(
    schedule="17 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # one run takes in all that is new
    max_active_runs=1,
)
def undercount():
    # Above the time budget. The worker must see the case folder; its ledger holds log.jsonl and metrics.prom.
    @task(retries=2, retry_delay=timedelta(minutes=5), execution_timeout=timedelta(hours=3))
    def run():
        code = subprocess.run(COMMAND, check=False).returncode
        if code == 4:
            raise AirflowSkipException("another run works on the case")
        if code in (1, 2, 3, 6):
            raise AirflowFailException(f"exit code {code}: a person must look; no retry mends it")
        if code != 0:
            raise AirflowException(f"exit code {code}: interrupted, out of time or killed; it is tried again")

    run()


undercount()
