"""What the tests of charts look at: artists by name, texts, and estimates of what would change a toll."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.text import Text

from undercount.estimators.sensitivity import Sensitivity
from undercount.report.charts.look import NARROW, WIDE, Look
from undercount.report.charts.plots import Plots
from undercount.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate

CHARTS = ("timeline", "sources", "prior_posterior", "toll", "sensitivity")
LOOKS = {
    "wide": Look(),
    "narrow": Look(NARROW),
    "page": Look(NARROW, has_heading=False),
    "arabic": Look(WIDE, words("ar")),
    "kurdish": Look(NARROW, words("ckb"), has_heading=False),
}


def artists(figure: Figure, prefix: str) -> dict[str, Any]:
    """Artists by what follows the prefix in their name."""
    found = figure.findobj(lambda artist: str(artist.get_gid() or "").startswith(prefix))
    return {str(artist.get_gid()).removeprefix(prefix): artist for artist in found}


def texts(figure: Figure) -> list[str]:
    """What is written."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def draw(figure: Figure) -> bytes:
    """The chart as PNG, small."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=40)
    return stream.getvalue()


@cache
def charted(estimate: Estimate, name: str, look: Look = LOOKS["wide"]) -> Figure:
    """One of `CHARTS`, drawn once for all tests that only look at it."""
    return anew(estimate, name, look)


def anew(estimate: Estimate, name: str, look: Look) -> Figure:
    """One of `CHARTS`, drawn again."""
    plots = Plots(estimate, look)
    figure: Figure = plots.sensitivity(changed(estimate)) if name == "sensitivity" else getattr(plots, name)()
    return figure


def changed(estimate: Estimate) -> Sensitivity:
    """Tolls without each source, each a little larger than the one before; and under the prior by judgement."""
    toll = estimate.toll()
    levels = {"lower": 0.025, "lower_80": 0.1, "lower_50": 0.25, "median": 0.5}
    levels |= {"upper_50": 0.75, "upper_80": 0.9, "upper": 0.975}
    ends = {name: toll.quantiles(level, level)[0] for name, level in levels.items()}

    def row(ratio: float) -> dict[str, Any]:
        return {name: ratio * end for name, end in ends.items()} | {"ratio": ratio, "ci_prob": 0.95, "ci_kind": "eti"}

    left = [{"source": source} | row(0.8 + 0.1 * place) for place, source in enumerate(estimate.design.sources)]
    priors = [{"prior": "past lists"} | row(1.0), {"prior": "judgement"} | row(1.3)]
    empty = pd.DataFrame()
    held = [{"contested": "all hold"} | row(1.1), {"contested": "none holds"} | row(0.9)]
    return Sensitivity(empty, pd.DataFrame(left), empty, pd.DataFrame(priors), pd.DataFrame(held), empty)
