"""What a notebook shows of a result: a title, small tables with captions, and every text of it escaped.

Colours are those of the page around it, light or dark, but for the alarm, which has a ground of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from undercount.report.text import count, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from undercount.estimators.gates import Checks

MOST_ROWS: Final = 60
ALARM: Final = "GATES FAILED: do not quote"
_LONGEST: Final = 1000
_TEMPLATE: Final = """\
<div>
{% if card.alarm %}
<p><strong style="background:#b00020;color:#ffffff;padding:0.1em 0.4em">{{ card.alarm | shown }}</strong></p>
{% endif %}
<p><strong><bdi>{{ card.title | shown }}</bdi></strong>
{% for line in card.lines %}
<br><bdi>{{ line | shown }}</bdi>
{% endfor %}
</p>
{% for grid in card.grids %}
<table>
<caption style="text-align:left;white-space:nowrap">{{ grid.caption | shown }}</caption>
<thead><tr>
{% for cell in grid.head %}
<th scope="col" style="{{ look(grid, loop.index0) }}">{{ cell | shown }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in grid.rows[:most] %}
<tr>
{% for cell in row %}
<td style="{{ look(grid, loop.index0) }}"><bdi>{{ cell | shown }}</bdi></td>
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
{% if grid.rows | length > most %}
<p>and {{ more(grid) }} more</p>
{% endif %}
{% endfor %}
{% if card.notes %}
<ul>
{% for note in card.notes %}
<li><bdi>{{ note | shown }}</bdi></li>
{% endfor %}
</ul>
{% endif %}
{% if card.foot %}
<small>{{ card.foot | shown }}</small>
{% endif %}
</div>
"""


class Grid(NamedTuple):
    """A table: texts only."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    """Places of the columns of figures, which stand on the right."""


@dataclass(frozen=True)
class Card:
    """What is shown of a result.

    Parameters
    ----------
    title : str
    lines : sequence of str
        Beneath the title.
    grids : sequence of Grid
    notes : sequence of str
        What a reader must know beside the figures.
    alarm : str
        Above everything; empty where all is well.
    foot : str
        Gates, seed, hash.
    """

    title: str
    lines: Sequence[str] = ()
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = field(default=())
    alarm: str = ""
    foot: str = ""

    def html(self) -> str:
        """Give it as a `div`; nothing in it can be a tag that the evidence brought along.

        Examples
        --------
        >>> Card("<b>", grids=[Grid("tolls", ["who"], [["A & B"]])]).html()
        '<div><p><strong><bdi>&lt;b&gt;</bdi>...<td style="text-align:left..."><bdi>A &amp; B</bdi></td>...</div>'
        """
        return _template().render(card=self, most=MOST_ROWS, more=_more, look=_look)


def _more(grid: Grid) -> str:
    return count(len(grid.rows) - MOST_ROWS)


def _look(grid: Grid, place: int) -> str:
    return f"text-align:{'right' if place in grid.numbers else 'left'};vertical-align:top;padding:0.1em 1em 0.1em 0"


def verdict(checks: Checks) -> str:
    """Say whether the gates passed, and which did not."""
    failed = ", ".join(check.name for check in checks.checks if not check.passed)
    number = len(checks.checks)
    return f"gates failed: {failed}" if failed else f"all {number} gates passed" if number > 1 else "its gate passed"


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["shown"] = lambda text: visible(str(text), _LONGEST)
    return environment.from_string("".join(_TEMPLATE.splitlines()))
