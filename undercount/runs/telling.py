"""What runs tell a machine: a log of JSON lines, and metrics for a collector."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, override

from undercount.errors import UndercountError
from undercount.runs.clock import now
from undercount.runs.objects import write_whole

if TYPE_CHECKING:
    from undercount.runs.outcome import Outcome
    from undercount.runs.store import Store

LOG: Final = "log.jsonl"
METRICS: Final = "metrics.prom"
LOGGER: Final = logging.getLogger("undercount.runs")


class _JsonLines(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        told: Mapping[str, Any] = getattr(record, "told", {})
        line = {"time": now(), "level": record.levelname.lower(), "event": record.getMessage(), **told}
        return json.dumps(line, ensure_ascii=False, default=str)


@contextmanager
def log_to(store: Store, case: str) -> Iterator[None]:
    """Log what happens in the block, its end and any error included, to the log of a store.

    Parameters
    ----------
    store : Store
    case : str
        As the command named it.
    """
    handler: logging.Handler
    try:
        handler = logging.FileHandler(store.folder / LOG, encoding="utf-8", delay=False)
    except OSError:
        handler = logging.NullHandler()  # a store that cannot be written is told of by whoever writes to it
    handler.setFormatter(_JsonLines())
    level, propagate = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    begun = time.monotonic()
    try:
        tell("begun", case=case)
        yield
        tell("ended", case=case, seconds=round(time.monotonic() - begun, 3))
    except BaseException as error:
        code = error.code if isinstance(error, UndercountError) else type(error).__name__
        told = {"case": case, "code": code, "why": str(error), "seconds": round(time.monotonic() - begun, 3)}
        LOGGER.error("failed", extra={"told": told})
        raise
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        LOGGER.propagate = propagate
        handler.close()


def tell(event: str, **told: Any) -> None:
    """Log an event."""
    LOGGER.info(event, extra={"told": told})


def write_metrics(store: Store, outcome: Outcome, seconds: float) -> None:
    """Write figures of the last run as an OpenMetrics text file, whole or not at all.

    Parameters
    ----------
    store : Store
    outcome : Outcome
    seconds : float
        That the run took.
    """
    from prometheus_client import CollectorRegistry, Gauge
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, words: str, value: float, **labels: str) -> None:
        found = Gauge(f"undercount_{name}", words, ["case", *labels], registry=registry)
        found.labels(case=store.name, **labels).set(value)

    gauge("run_finished_seconds", "When the last run ended, seconds since 1970", time.time())
    gauge("run_duration_seconds", "How long it took", seconds)
    gauge("run_held", "1 if a gate holds it", float(outcome.is_held))
    gauge("run_new", "1 if there was anything to do", float(outcome.is_new))
    if outcome.release is not None:
        gauge("release_number", "Number of the release that stands", float(outcome.release.release))
    if outcome.figure:
        gauge("toll_median", "Median of the toll of the last run", float(outcome.figure["median"]))
        for name, value in zip(("lower", "upper"), outcome.figure["interval"], strict=True):
            gauge(f"toll_{name}", f"The {name} end of its interval", float(value))
    # The run itself has ended well: a collector that misses a night is no reason to say otherwise.
    with suppress(OSError):
        write_whole(store.folder / METRICS, generate_latest(registry))  # type: ignore[no-untyped-call]
