"""Several estimates of a toll beneath each other: models, sources, vintages, or anything that has a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undercount.estimators.comparing import NamedTolls
from undercount.estimators.quantity import Quantity
from undercount.report.charts import key, style
from undercount.report.charts.forest import AXIS, Forest, Glyph, Mark, Row
from undercount.report.charts.intervals import Interval, of_quantity
from undercount.report.charts.look import WIDE_ENGLISH
from undercount.report.charts.page import EDGE, Heading, Page
from undercount.report.charts.sources import intervals_entry
from undercount.report.charts.toll_by import draw_toll_axis, toll_told

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.figure import Figure

    from undercount.estimators.comparing import Compared
    from undercount.estimators.overlap import Comparison
    from undercount.report.charts.look import Look
    from undercount.report.words import Words


@dataclass(frozen=True)
class _Together:
    """What a page says of several estimates; of one evidence, if all have it."""

    title: str
    estimand: str
    versions: Mapping[str, str]
    passed: bool
    sha256: str = ""
    seed: int = 0

    def check(self) -> _Together:
        """Whether all of them passed: `passed`."""
        return self


def figure(subject: Comparison | Mapping[str, Compared], look: Look = WIDE_ENGLISH, *, title: str = "") -> Figure:
    """Draw several estimates of a toll.

    Parameters
    ----------
    subject : Comparison or mapping of str to Estimate, OverlapEstimate or Quantity
        By name, in the order in which they are drawn.
    look : Look
    title : str
        By default that of the case or the lists, if all have the same.

    Returns
    -------
    matplotlib.figure.Figure
        A row for each, with intervals of 50, 80 and 95 % where there are draws, else with the stated one; under a
        comparison of lists the sweep of the highest-order odds ratio.

    Raises
    ------
    ModelError
        If there is nothing to compare.
    """
    if isinstance(subject, Mapping):
        rows, heading = _named_rows(subject, look.words), _heading(subject, look.words, title)
        return draw_tolls(rows, heading, look, {toll.ci_kind for toll in NamedTolls(subject).tolls.values()})
    return _lists_figure(subject, look)


def draw_tolls(
    rows: Sequence[Row], heading: Heading, look: Look, kinds: Collection[str], entries: Sequence[key.Entry] = ()
) -> Figure:
    """Draw rows of tolls, whose intervals are of these kinds, under a heading, with a key."""
    w = look.words
    made = Forest(look, rows, (w("median and interval"),))
    start, _ = made.inner
    room = look.width.inches - start - EDGE
    known = [_intervals(rows, kinds, w), *entries]
    below = key.key_height(look, known, room) + 0.1
    page = Page(look, made.height + AXIS + below, heading)
    draw_toll_axis(page, made, made.draw(page, below + AXIS), w("toll: number of victims"))
    key.draw_key(page, known, start, below - 0.02, room)
    return page.figure


def _intervals(rows: Sequence[Row], kinds: Collection[str], w: Words) -> key.Entry:
    """Explain the lines that there are; the kinds of several estimators' intervals stand in their own tables."""
    if any(50 in glyph.interval.ends for row in rows for glyph in row.glyphs) and set(kinds) == {"eti"}:
        return intervals_entry(w, "eti")
    name = w.interval_name(0.95, *kinds) if len(set(kinds)) == 1 else w.percent(0.95)
    return key.interval(w("median; {name} interval, thicker where it is of 80 % or 50 %", name=name), style.INK)


def toll_row(name: str, interval: Interval, w: Words, documented: int = 0, note: str = "") -> Row:
    """Make a row of a toll, with what was documented of it."""
    marks = (Mark(documented, "|", style.KIND_COLOURS["recorder"], f"documented-{name}"),) if documented else ()
    return Row(
        name=name, note=note, glyphs=(Glyph(interval, style.INK, f"toll-{name}"),), figures=(toll_told(w, interval),),
        marks=marks,
    )  # fmt: skip


def documented_entry(w: Words) -> key.Entry:
    """Explain the mark of what was documented."""
    return key.mark(w("documented"), "|", style.KIND_COLOURS["recorder"])


def _named_rows(subject: Mapping[str, Compared], w: Words) -> list[Row]:
    rows = []
    for (name, toll), one in zip(NamedTolls(subject).tolls.items(), subject.values(), strict=True):
        if isinstance(one, Quantity):
            rows.append(toll_row(name, of_quantity(toll), w))
        else:
            note = "" if one.check().passed else w("gates failed: do not quote")
            rows.append(toll_row(name, of_quantity(toll), w, one.documented(), note))
    return rows


def _heading(subject: Mapping[str, Compared], w: Words, title: str) -> Heading:
    estimates = [one for one in subject.values() if not isinstance(one, Quantity)]
    titles, estimands = {one.title for one in estimates}, {one.estimand for one in estimates}
    shown = _Together(
        title=title or (titles.pop() if len(titles) == 1 else w("several tolls")),
        estimand=estimands.pop() if len(estimands) == 1 else "",
        versions=estimates[0].versions if estimates else {},
        passed=all(one.check().passed for one in estimates),
    )
    return Heading(shown, w("estimates compared"), shown.estimand)


def _lists_figure(comparison: Comparison, look: Look) -> Figure:
    w, first = look.words, comparison.estimates[0]
    rows = [
        toll_row(str(row["label"]), of_quantity(one.toll()), w, first.documented())
        for row, one in zip(comparison.rows(), comparison.estimates, strict=True)
    ]
    for row in comparison.sweep:
        name = w("saturated, odds ratio {ratio}", ratio=w.number(row["odds_ratio"]))
        interval = Interval(row["toll"], {95: (row["toll"], row["toll"])})
        rows.append(Row(
            name, (Glyph(interval, style.INK, f"saturated-{row['odds_ratio']:g}"),), figures=(w.count(row["toll"]),)
        ))  # fmt: skip
    subtitle = w(
        "{estimand}. Each estimator is right under an assumption of its own. Last rows: the saturated log-linear "
        "model, if the odds ratio of its highest-order interaction were another than 1.", estimand=first.estimand,
    )  # fmt: skip
    heading = Heading(first, w("what each estimator makes of it"), subtitle)
    kinds = {str(row["ci_kind"]) for row in comparison.rows()}
    return draw_tolls(rows, heading, look, kinds, [documented_entry(w)])
