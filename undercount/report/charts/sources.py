"""What share of the toll each source reports: prior beside posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from undercount.report.charts import key, style
from undercount.report.charts.forest import AXIS, Forest, Glyph, Row
from undercount.report.charts.intervals import Interval, of_draws
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.words import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from undercount.estimators import Estimate
    from undercount.report.charts.look import Look
    from undercount.report.words import Words

_LOWEST: Final = 1e-3
KIND_NAMES: Final = {
    "recorder": message("recorder"),
    "claimant": message("claimant"),
    "belligerent": message("belligerent"),
    "relay": message("relay"),
}
_POSTERIORS: Final = {
    "recorder": message("posterior, recorder"),
    "claimant": message("posterior, claimant"),
    "belligerent": message("posterior, belligerent"),
    "relay": message("posterior, relay"),
}


@dataclass(frozen=True)
class Rate:
    """Reporting rate of one source.

    Attributes
    ----------
    contraction : float
        Share of the prior's width on the log scale that the evidence removed.
    """

    stream: str
    name: str
    kind: str
    reports: int
    prior: Interval
    posterior: Interval
    contraction: float


def source_rates(estimate: Estimate) -> list[Rate]:
    """Give the sources by kind and then by posterior rate.

    Returns
    -------
    list of Rate
    """

    def drawn(group: str, stream: str) -> Interval:
        return of_draws(estimate.sampled[group].at("reporting_rate", source=stream))

    rates = [
        Rate(
            stream=str(row["stream"]),
            name=str(row["name"]),
            kind=str(row["kind"]),
            reports=int(row["reports"]),
            prior=drawn("prior", row["stream"]),
            posterior=drawn("posterior", row["stream"]),
            contraction=float(row["contraction"]),
        )
        for row in estimate.rows.reporting_rates()
    ]
    order = list(KIND_NAMES)
    return sorted(rates, key=lambda rate: (order.index(rate.kind), -rate.posterior.median, rate.stream))


def figure(estimate: Estimate, look: Look = WIDE_ENGLISH) -> Figure:
    """Draw the reporting rates.

    Parameters
    ----------
    estimate : Estimate
    look : Look

    Returns
    -------
    matplotlib.figure.Figure
        One row for each source: prior in grey, posterior in the colour of its kind, on a logarithmic axis.
    """
    w = look.words
    rates = source_rates(estimate)
    forest = rates_forest(rates, look, has_figures=True)
    start, _ = forest.inner
    entries = rates_key(rates, look, estimate.toll().ci_kind)
    room = look.width.inches - start - EDGE
    columns = 1 if look.is_narrow else 2
    below = key.key_height(look, entries, room, columns) + 0.1
    page = Page(look, forest.height + AXIS + below, Heading(
        estimate,
        w("what share of the toll each source reports"),
        w("Reporting rate of each source for {estimand}. Where the two intervals are alike, the evidence has not moved "
          "what was assumed about that source. Contraction: share of the prior's width that it removed.",
          estimand=estimate.estimand),
    ))  # fmt: skip
    draw_rates(page, forest, below + AXIS)
    key.draw_key(page, entries, start, below - 0.02, room, columns)
    return page.figure


def rates_forest(rates: Sequence[Rate], look: Look, *, has_figures: bool) -> Forest:
    """Lay out prior and posterior of each source."""
    w = look.words
    titles = (w("posterior, 95 %"), w("contraction")) if has_figures else ()
    rows = [
        Row(
            name=w.name(rate.name),
            note=w("{kind}, {reports}", kind=w(KIND_NAMES[rate.kind]), reports=reports_told(w, rate.reports)),
            colour=style.KIND_COLOURS[rate.kind],
            glyphs=(
                Glyph(rate.prior, style.PRIOR, f"prior-{rate.stream}"),
                Glyph(rate.posterior, style.KIND_COLOURS[rate.kind], f"posterior-{rate.stream}"),
            ),
            figures=(told(w, rate.posterior), w.percent(rate.contraction)) if has_figures else (),
        )
        for rate in rates
    ]
    return Forest(look, rows, titles)


def draw_rates(page: Page, forest: Forest, bottom: float) -> Axes:
    """Draw prior and posterior of each source on a logarithmic axis, with a line where a source reports the toll."""
    w = page.look.words
    axes = forest.draw(page, bottom)
    found = [glyph.interval.widest for row in forest.rows for glyph in row.glyphs]
    low = max(min((low for low, _ in found), default=0.1) / 1.3, _LOWEST)
    high = max(max((high for _, high in found), default=1.0) * 1.3, 1.5)
    forest.scale(axes, low, high, is_rate=True)
    for top, end in forest.spans():
        axes.vlines(1.0, top, end, color=style.INK, linewidth=0.9, linestyle=style.DASHES, zorder=1)
    style.label(axes, page.look, x=w("reporting rate: expected count / toll (1 = as many as were killed)"))
    return axes


def rates_key(rates: Sequence[Rate], look: Look, ci_kind: str) -> list[key.Entry]:
    """Explain the intervals and their colours."""
    w = look.words
    kinds = [kind for kind in KIND_NAMES if any(rate.kind == kind for rate in rates)]
    return [
        intervals_entry(w, ci_kind),
        key.line(w("prior: what was assumed beforehand"), style.PRIOR, 4.0),
        *(key.line(w(_POSTERIORS[kind]), style.KIND_COLOURS[kind], 4.0) for kind in kinds),
    ]


def intervals_entry(w: Words, ci_kind: str) -> key.Entry:
    """Explain how thick which interval is drawn."""
    words = w("median; thick line 50 %, medium 80 %, thin {interval}", interval=w.interval_name(0.95, ci_kind))
    return key.interval(words, style.INK)


def told(w: Words, interval: Interval) -> str:
    """A rate in words: its median, and the widest interval."""
    return w("{median}  ({interval})", median=w.rate(interval.median), interval=w.between(*interval.widest, w.rate))


def reports_told(w: Words, number: int) -> str:
    """How many reports, in words."""
    return w.several("{count} report", "{count} reports", number)
