"""Pictures of estimates from lists: tolls as a forest, lists and what they share, several estimators side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.report.charts import key, style
from undercount.report.charts.comparison import documented_entry, draw_tolls, toll_row
from undercount.report.charts.forest import AXIS, Forest, Glyph, Row
from undercount.report.charts.intervals import of_quantity, of_row
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.sources import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from undercount.estimators.overlap import OverlapEstimate
    from undercount.report.charts.look import Look

_PATTERN: Final = 0.26
_MOST_ROWS: Final = 40
_MOST_PATTERNS: Final = 32


@dataclass(frozen=True)
class Plots:
    """Draw an estimate; every method gives a new figure that no other code holds on to.

    Parameters
    ----------
    estimate : OverlapEstimate
    look : Look
        Width and language.
    """

    estimate: OverlapEstimate
    look: Look = WIDE_ENGLISH

    def toll(self) -> Figure:
        """Toll of all, and of each stratum, with what was documented."""
        estimate, w = self.estimate, self.look.words
        rows = [toll_row(w("all"), of_quantity(estimate.toll()), w, estimate.documented())]
        strata = list(estimate.tolls.items()) if len(estimate.tolls) > 1 else []
        rows += [toll_row(name, of_quantity(one), w, estimate.documented(name)) for name, one in strata[:_MOST_ROWS]]
        subtitle = w("{estimator}: {assumption}", estimator=estimate.estimator, assumption=estimate.assumption)
        if len(strata) > _MOST_ROWS:
            subtitle += " " + w("The first {count} strata of {all}.", count=_MOST_ROWS, all=len(strata))
        heading = Heading(estimate, w("how many there were"), subtitle)
        return draw_tolls(rows, heading, self.look, [estimate.toll().ci_kind], [documented_entry(w)])

    def lists(self) -> Figure:
        """Patterns of the lists by the number of victims, and the share of the toll on each list."""
        estimate, look = self.estimate, self.look
        w = look.words
        shares, patterns = self._shares(), self._patterns()
        start, inner = shares.inner
        name = w.interval_name(0.95, str(estimate.rows.reporting_rates()[0]["ci_kind"]))
        entries = [key.interval(w("median; line: {name}", name=name), style.INK)]
        below = key.key_height(look, entries, inner) + 0.1 + AXIS
        above = len(patterns) * _PATTERN + 0.1
        page = Page(look, below + shares.height + 0.3 + AXIS + above, Heading(
            estimate,
            w("what the lists share"),
            w("Above: victims by the lists that they are on, and on no other. Below: list size / toll."),
        ))  # fmt: skip
        axes = shares.draw(page, below)
        low = min(row.glyphs[0].interval.widest[0] for row in shares.rows)
        high = max(row.glyphs[0].interval.widest[1] for row in shares.rows)
        shares.scale(axes, low / 1.15, high * 1.15, is_rate=True)
        style.label(axes, look, x=w("share of the toll that is on each list"))
        key.draw_key(page, entries, start, below - AXIS - 0.02, inner)
        self._bars(page, below + shares.height + 0.3 + AXIS, above, patterns)
        return page.figure

    def _shares(self) -> Forest:
        w = self.look.words
        rows = []
        for row in self.estimate.rows.reporting_rates():
            interval = of_row(row)
            glyph = Glyph(interval, style.INK, f"share-{row['list']}")
            rows.append(Row(str(row["list"]), (glyph,), figures=(told(w, interval),)))
        return Forest(self.look, rows, (w("median and 95 %"),))

    def _patterns(self) -> list[tuple[str, float]]:
        """Patterns that hold victims, the largest first, summed over the strata; of replicates the mean."""
        lists = self.estimate.lists
        found: dict[tuple[str, ...], float] = {}
        for table in lists.tables:
            for pattern in np.flatnonzero(table.counts):
                on = tuple(name for j, name in enumerate(table.names) if pattern >> j & 1)
                found[on] = found.get(on, 0.0) + float(table.counts[pattern]) / lists.replicates
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [(" + ".join(on), victims) for on, victims in ordered[:_MOST_PATTERNS]]

    def _bars(self, page: Page, bottom: float, height: float, patterns: Sequence[tuple[str, float]]) -> None:
        look = self.look
        names = look.width.inches * 0.34 if look.is_narrow else 2.95
        axes = page.axes(EDGE + names + 0.1, bottom, look.width.inches - names - 2 * EDGE - 0.5, height)
        strip = page.strip(EDGE, bottom, names, height)
        places = [(number + 0.5) * height / len(patterns) for number in range(len(patterns))]
        axes.barh(places, [victims for _, victims in patterns], color=style.KIND_COLOURS["recorder"], height=0.17)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        if look.is_mirrored:
            axes.invert_xaxis()
        style.count_axis(axes.xaxis, look)
        w = look.words
        style.label(axes, look, x=w("victims on these lists and on no other"))
        for place, (name, victims) in zip(places, patterns, strict=True):
            page.write(strip, names, place, style.wrapped(name, look.columns(names), 2), va="center", ha=look.end)
            axes.annotate(
                w.count(victims), xy=(victims, place), xytext=(3 * look.onward, 0), ha=look.start,
                textcoords="offset points", va="center", fontsize=look.width.small, color=style.INK,
            )  # fmt: skip
