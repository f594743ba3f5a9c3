"""What would change the toll: without each source in turn, another prior of recorders, contested attributions."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING, Any

from undercount.report.charts import key, style
from undercount.report.charts.forest import AXIS, Forest, Glyph, Row
from undercount.report.charts.intervals import Interval, of_draws, of_row
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.sources import intervals_entry
from undercount.report.charts.toll_by import draw_toll_axis, toll_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from undercount.estimators import Estimate
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.report.charts.look import Look
    from undercount.report.words import Words


def figure(estimate: Estimate, found: Sensitivity, look: Look = WIDE_ENGLISH) -> Figure:
    """Draw the toll as it would be.

    Parameters
    ----------
    estimate : Estimate
    found : Sensitivity
        Of this estimate.
    look : Look

    Returns
    -------
    matplotlib.figure.Figure
        The toll, the toll without each source (the one that moves it most first), under the prior of recorders as it
        was judged before past lists were analysed, and by contested attributions; behind them the interval of the toll
        as a band.
    """
    w = look.words
    headline = of_draws(estimate.toll().draws)
    rows = list(_rows(estimate, found, headline, w))
    made = Forest(look, rows, (w("median and 95 %"), w("ratio")))
    start, _ = made.inner
    entries = [
        intervals_entry(w, estimate.toll().ci_kind),
        key.patch(w("95 % interval of the toll with all of it"), style.BANDS[95]),
    ]
    room = look.width.inches - start - EDGE
    below = key.key_height(look, entries, room) + 0.1
    page = Page(look, made.height + AXIS + below, Heading(
        estimate,
        w("what would change the toll"),
        w("Of {estimand}. Each row is a fit of its own, without one source, with another prior or with other "
          "attributions; the ratio is that of its median to the median of the toll.", estimand=estimate.estimand),
    ))  # fmt: skip
    axes = made.draw(page, below + AXIS)
    for top, end in made.spans():
        axes.fill_betweenx([top, end], *headline.widest, color=style.BANDS[95], linewidth=0, zorder=0, gid="headline")
        axes.vlines(headline.median, top, end, color=style.INK, linewidth=0.9, linestyle=style.DASHES, zorder=1)
    draw_toll_axis(page, made, axes, w("toll: number killed"))
    key.draw_key(page, entries, start, below - 0.02, room)
    return page.figure


def _rows(estimate: Estimate, found: Sensitivity, headline: Interval, w: Words) -> Iterator[Row]:
    names = {source.source: source for source in estimate.evidence.sources}
    yield _row(w("all sources, prior of past lists"), headline, 1.0, style.INK, "headline", w)
    left: list[Any] = found.leave_one_out.to_dict("records")
    for row in sorted(left, key=lambda row: (-abs(_log(row)), str(row["source"]))):
        source = names.get(str(row["source"]))
        name = w("without {source}", source=w.name(source.name)) if source else w("without the matched lists")
        colour = style.KIND_COLOURS[str(source.kind)] if source else style.INK
        yield _row(name, of_row(row), row["ratio"], colour, f"without-{row['source']}", w)
    swapped: list[Any] = found.recorder_prior.to_dict("records")
    for row in swapped:
        if row["prior"] == "judgement":
            yield _row(w("prior of recorders by judgement"), of_row(row), row["ratio"], style.PRIOR, "judgement", w)
    held: list[Any] = found.attributions.to_dict("records")
    for row in held:
        all_hold = row["contested"] == "all hold"
        name = w("if all contested attributions hold") if all_hold else w("if no contested attribution holds")
        yield _row(name, of_row(row), row["ratio"], style.PRIOR, "all-hold" if all_hold else "none-holds", w)


def _row(name: str, interval: Interval, ratio: float, colour: str, what: str, w: Words) -> Row:
    return Row(
        name=name,
        colour=style.INK if colour == style.PRIOR else colour,
        glyphs=(Glyph(interval, colour, f"toll-{what}"),),
        figures=(toll_told(w, interval), w.rate(ratio)),
    )


def _log(row: Mapping[str, float]) -> float:
    return log(row["ratio"]) if row["ratio"] > 0 else inf
