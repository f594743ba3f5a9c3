"""Stored figures of the two Mosul cases, and the tables of the README that are made from them.

`uv run python -m tests.validation.figures` fits both cases with long chains, writes `figures.json`
and puts the tables into README.md; do so only when the model or the evidence is meant to change the
results, and say it in CHANGELOG.md. With the word `tables` it only writes the tables again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import undercount as uc
from tests.validation.accuracy import standard_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASES = ("mosul-2017", "mosul-2017-extended")
STORED = Path(__file__).with_name("figures.json")
README = Path(__file__).parents[2] / "README.md"
LONG = 3000


def draws_of(estimate: Any) -> dict[str, NDArray[np.float64]]:
    """Draws (chain, draw) of the figures that are stored, on the log scale."""
    found = {"toll": estimate.toll().draws}
    for actor in estimate.design.strata.actors:
        found[f"toll by {actor}"] = estimate.toll(scope={"actor": actor}).draws
    rates = estimate.draws["posterior"]["reporting_rate"]
    for source in estimate.design.sources:
        found[f"rate of {source}"] = rates.sel(source=source).to_numpy()
    return {name: np.log(np.maximum(draws, 0.5) if name.startswith("toll") else draws) for name, draws in found.items()}


def figures_of(estimate: Any) -> dict[str, Any]:
    """What is stored of one case."""
    toll = estimate.toll()
    return {
        "evidence": estimate.evidence.sha256,
        "estimand": estimate.estimand,
        "toll": {"median": toll.median, "interval": list(toll.interval), "documented": estimate.documented()},
        "actors": {
            row["name"]: [row["median"], row["lower"], row["upper"]]
            for row in estimate.toll(by="actor").to_dict("records")
        },
        "mean_log": {
            name: {"mean": float(draws.mean()), "error": standard_error(draws)}
            for name, draws in draws_of(estimate).items()
        },
    }


def rounded(value: float) -> str:
    """A count to three figures, with thousands separators."""
    size = max(0, int(np.floor(np.log10(max(abs(value), 1)))) - 2)
    return f"{round(value, -size):,.0f}"


def estimate_block(stored: dict[str, Any]) -> str:
    """The README's table of both cases."""
    lines = [
        "| case | deaths, median | 95 % interval (equal-tailed) | documented by one recorder |",
        "|---|---|---|---|",
    ]
    for case in CASES:
        low, high = stored[case]["toll"]["interval"]
        lines.append(
            f"| `{case}`: {stored[case]['estimand']} | {rounded(stored[case]['toll']['median'])} "
            f"| {rounded(low)} – {rounded(high)} | {stored[case]['toll']['documented']:,} |"
        )
    return "\n".join(lines)


def validation_block(stored: dict[str, Any]) -> str:
    """The README's table of totals that were kept out of every likelihood."""
    case = stored["mosul-2017-extended"]
    low, high = case["toll"]["interval"]
    lines = ["| total | who | what it counts |", "|---|---|---|"]
    lines.append(
        f"| **{rounded(case['toll']['median'])} [{rounded(low)} – {rounded(high)}]** "
        f"| this model, `mosul-2017-extended` | {case['estimand']} |"
    )
    for row in uc.load_case("mosul-2017-extended").validation:
        ends = dict.fromkeys(f"{float(row[end]):,.0f}" for end in ("low", "high") if row[end])
        words = "" if row["qualifier"] in ("exact", "best") else row["qualifier"]
        lines.append(
            f"| {' '.join(filter(None, [words, ' – '.join(ends)]))} | {row['source']} "
            f"| {row['quantity']}, {row['area']}, {row['window_start']} to {row['window_end']} |"
        )
    return "\n".join(lines)


def with_block(text: str, name: str, block: str) -> str:
    """Put a block between its markers."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Fit, store, and write the README's tables."""
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    for case in () if sys.argv[1:] == ["tables"] else sys.argv[1:] or CASES:
        estimate = uc.CountFusion(draws=LONG).fit(uc.load_case(case))
        if not estimate.check().passed:
            raise SystemExit(f"{case}: gates failed: {estimate.check().failed}")
        stored[case] = figures_of(estimate)
    STORED.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
    text = with_block(README.read_text(), "estimate", estimate_block(stored))
    README.write_text(with_block(text, "validation", validation_block(stored)))


if __name__ == "__main__":
    main()
