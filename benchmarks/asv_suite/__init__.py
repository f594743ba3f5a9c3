"""Benchmarks for airspeed velocity: `uv run --group bench asv run --environment existing:same --quick`."""

import sys
from pathlib import Path

# asv imports this folder by itself; what it calls lies beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
