"""The charts of a report, each wide and for a telephone, with the words that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from undercount.report.charts.glyphs import any_script
from undercount.report.charts.look import NARROW, WIDE, Look
from undercount.report.charts.svg import svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from undercount.report.page.findings import Findings
    from undercount.report.words import Words


@dataclass(frozen=True, eq=False)
class Charts:
    """Draws the charts of a report.

    Parameters
    ----------
    findings : Findings
    words : Words
    """

    findings: Findings
    words: Words

    def timeline(self, title: str, description: str) -> Markup:
        """Deaths per week, incidents and every report over its window."""
        from undercount.report.charts.timeline import figure

        return self._both("timeline", title, description, lambda look: figure(self.findings.estimate, look))

    def toll_by(self, key: str, title: str, description: str) -> Markup:
        """Toll by actor or area."""
        from undercount.report.charts.toll_by import figure

        return self._both(f"by-{key}", title, description, lambda look: figure(self.findings.estimate, look, by=key))

    def sources(self, title: str, description: str) -> Markup:
        """Reporting rates, prior beside posterior."""
        from undercount.report.charts.sources import figure

        return self._both("sources", title, description, lambda look: figure(self.findings.estimate, look))

    def what_if(self, title: str, description: str) -> Markup:
        """The toll without each source and under other assumptions."""
        from undercount.report.charts.what_if import figure

        found = self.findings.sensitivity
        if found is None:
            return Markup()
        return self._both("what-if", title, description, lambda look: figure(self.findings.estimate, found, look))

    def vintages(self, title: str, description: str) -> Markup:
        """The estimate over the day on which it could have been made."""
        from undercount.report.charts.vintages import figure

        series = self.findings.vintages
        if series is None:
            return Markup()
        return self._both("vintages", title, description, lambda look: figure(series, look))

    def _both(self, name: str, title: str, description: str, draw: Callable[[Look], Figure]) -> Markup:
        """Draw a chart twice; the page shows the one that fits, and reads out one."""
        drawn = [
            Markup('<div class="{}">{}</div>').format(kind, self._svg(f"{name}-{kind}", title, description, draw, look))
            for kind, look in (("wide", Look(WIDE, self.words, False)), ("narrow", Look(NARROW, self.words, False)))
        ]
        return Markup("").join(drawn)

    def _svg(self, prefix: str, title: str, description: str, draw: Callable[[Look], Figure], look: Look) -> Markup:
        with any_script():
            drawn = draw(look)
        text = svg(drawn, title=title, description=description, prefix=prefix)
        return Markup(text)  # noqa: S704 - an XML writer escaped every text of it
