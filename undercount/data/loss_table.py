"""Tables of losses in the form of Radford et al. (2023): one row for each figure of the war in Ukraine.

J. Radford, Y. Dai, N. Stoehr, A. Schein, M. Fernandez, H. Sajid, "Estimating conflict losses and reporting biases",
PNAS 120, e2307372120 (2023), https://doi.org/10.1073/pnas.2307372120; replication table under the MIT licence.

======================  ==========================================================================================
in the table            in the evidence
======================  ==========================================================================================
row                     one report, named by its place: ``row-00001`` is the first below the header
days                    day 1 is `start`: the invasion. The General Staff's 145,060 of Wednesday 22 February 2023
                        stands on day 364
time_frame              Day: the window is that day; Cumulative: from day 1 to that day
category, loss_country  victims (``russian-military``, ``ukrainian-civilians``, …) and quantity (``killed``,
                        ``wounded``, ``casualties``, ``tanks``, …); equipment is its army's
minimum, maximum        ``at_least``, ``up_to``; neither ``exact``, and both together too
claim_source            source: the United Nations tally cases (a recorder), all others state figures: claimants, the
                        two armies too (the only actor is the war, for which no side speaks), and OSI, whose
                        figures of the dead lie far above what anybody has documented name by name
loss_type               the category and the country once more; source_target likewise
======================  ==========================================================================================

A source of the table is a circle of speakers: it may give several figures for the same losses on one day, and
silently take back others. Every row is used, with an error of its own; none is chosen over another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from undercount.data.cells import CellFault, choice, parse_row, whole_number
from undercount.data.evidence import Evidence
from undercount.data.files import read_table
from undercount.data.problems import Problem, raise_problems, shown
from undercount.data.rules_figures import LONGEST_TIMELINE
from undercount.data.schema import (
    Attribution,
    Case,
    Count,
    Dimension,
    Estimand,
    Kind,
    Qualifier,
    Report,
    Source,
    Speakers,
    Window,
    _Record,
)
from undercount.data.tables import MOST_PROBLEMS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from undercount.data.tables import Row, Table

COLUMNS: Final = tuple(
    "days loss_count loss_type claim_source time_frame loss_country minimum maximum category source_target".split()
)
CITATION: Final = "Radford et al. 2023, PNAS 120, e2307372120, https://doi.org/10.1073/pnas.2307372120"
RECORDERS: Final = frozenset({"united-nations"})
INVASION: Final = date(2022, 2, 24)
_ESTIMAND: Final = ("russian-military", "killed")
_QUANTITIES: Final = {"deaths": "killed", "injuries": "wounded"}
_LONGEST_NAME: Final = 80


class _Frame(StrEnum):
    DAY = "Day"
    CUMULATIVE = "Cumulative"


class _Country(StrEnum):
    RUSSIA = "Russia"
    UKRAINE = "Ukraine"


class _Loss(_Record):
    """A row of the table."""

    days: int
    loss_count: Count
    loss_type: str
    claim_source: str
    time_frame: _Frame
    loss_country: _Country
    minimum: bool
    maximum: bool
    category: str
    source_target: str

    @property
    def stratum(self) -> tuple[str, str]:
        """Victims and quantity."""
        people = re.fullmatch(r"(Military|Civilian) (\S.*)", self.category)
        who, what = (people[1], slug(people[2])) if people else ("Military", slug(self.category))
        adjective = "russian" if self.loss_country is _Country.RUSSIA else "ukrainian"
        return f"{adjective}-{'civilians' if who == 'Civilian' else 'military'}", _QUANTITIES.get(what, what)

    @property
    def qualifier(self) -> Qualifier:
        """What the two flags say."""
        if self.minimum == self.maximum:
            return Qualifier.EXACT
        return Qualifier.AT_LEAST if self.minimum else Qualifier.UP_TO


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row as a figure about known deaths or things."""

    name: str
    line: int
    text: str
    loss: _Loss
    source: str
    stratum: tuple[str, str]
    window: Window


def read_loss_table(path: str | os.PathLike[str], *, start: date = INVASION) -> Evidence:
    """Read a table of losses in the form of Radford et al. (2023).

    Parameters
    ----------
    path : path
        A csv with the columns days, loss_count, loss_type, claim_source, time_frame, loss_country, minimum,
        maximum, category, source_target.
    start : date
        Day 1 of the table.

    Returns
    -------
    Evidence
        One report for each row. The timeline ends on the last day of the table; the estimand is the Russian
        military dead of all of it.

    Raises
    ------
    EvidenceError
        If anything is wrong; one error that lists every problem, by line of the file.

    References
    ----------
    J. Radford et al., PNAS 120, e2307372120 (2023), https://doi.org/10.1073/pnas.2307372120.
    """
    table = read_table(Path(path), COLUMNS, COLUMNS)
    entries, problems = _entries(table, start)
    if not entries and not problems:
        rule, hint = "the table has no row", "give a table with at least one figure"
        problems = [Problem(table.file, None, None, "", "", rule, hint, "evidence-none-usable")]
    if problems:
        raise_problems(problems)
    names = {entry.source: entry.loss.claim_source for entry in reversed(entries)}
    return Evidence(_case(entries, start), _sources(names), tuple(_report(entry, table.file) for entry in entries))


@lru_cache(maxsize=1024)
def slug(text: str) -> str:
    """Make an identifier of a name.

    Examples
    --------
    >>> slug("Vehicles & Fuel Tanks"), slug("Aircraft (unspecified)")
    ('vehicles-and-fuel-tanks', 'aircraft-unspecified')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("&", " and ")).strip("-")


def _entries(table: Table, start: date) -> tuple[list[_Entry], list[Problem]]:
    entries: list[_Entry] = []
    problems = list(table.problems)
    parsers = _parsers(start)
    digits = max(5, len(str(len(table.rows))))
    spelt: dict[tuple[str, str], str] = {}
    for place, row in enumerate(table.rows, start=1):
        loss, found = parse_row(table.file, row, _Loss, parsers)
        if loss is not None:
            found = [*_said_twice(table.file, row, loss), *_spelt_anew(table.file, row, spelt)]
            text = ",".join(row.cells[column] for column in COLUMNS)
            name, window = f"row-{place:0{digits}}", _window(loss, start)
            entries.append(_Entry(name, row.number, text, loss, slug(loss.claim_source), loss.stratum, window))
        problems += found
        if len(problems) >= MOST_PROBLEMS:
            break
    return entries, problems


def _spelt_anew(file: str, row: Row, spelt: dict[tuple[str, str], str]) -> list[Problem]:
    found = []
    for field in ("claim_source", "category"):
        text = row.cells[field]
        first = spelt.setdefault((field, slug(text)), text)
        if text != first:
            rule, hint = f"spelt {shown(first)} before", "write one of the two throughout"
            found.append(Problem(file, row.number, None, field, text, rule, hint, "evidence-two-spellings"))
    return found


def _window(loss: _Loss, start: date) -> Window:
    day = start + timedelta(days=loss.days - 1)
    return Window(start=start if loss.time_frame is _Frame.CUMULATIVE else day, end=day)


def _said_twice(file: str, row: Row, loss: _Loss) -> list[Problem]:
    return [
        Problem(
            file,
            row.number,
            None,
            field,
            row.cells[field],
            f"not {first} and loss_country joined by '-'",
            f"write {expected}, or mend {first} or loss_country",
            "evidence-inconsistent",
        )
        for field, first, expected in (
            ("loss_type", "category", f"{loss.category}-{loss.loss_country}"),
            ("source_target", "claim_source", f"{loss.claim_source}-{loss.loss_country}"),
        )
        if row.cells[field] != expected
    ]


def _parsers(start: date) -> Mapping[str, Callable[[str], object]]:
    last = min(LONGEST_TIMELINE, (date.max - start).days + 1)

    def days(text: str) -> int:
        number = whole_number(text)
        if not 1 <= number <= last:
            raise CellFault("not a day of the table", f"write 1 for {start}, up to {last:,}", "evidence-out-of-range")
        return number

    return {
        "days": days,
        "loss_count": count,
        "time_frame": choice(_Frame, "time frame"),
        "loss_country": choice(_Country, "country"),
        "minimum": _flag,
        "maximum": _flag,
        "category": _name,
        "claim_source": _name,
    }


def count(text: str) -> int:
    """Read a count as R writes it: 100000 comes as ``1e+05``.

    Examples
    --------
    >>> count("1e+05"), count("145850")
    (100000, 145850)
    """
    if re.fullmatch(r"[1-9](?:\.[0-9]{1,15})?e\+?[0-9]{1,2}", text):
        number = Decimal(text)
        if number == int(number):
            return whole_number(str(int(number)))
    return whole_number(text)


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        raise CellFault("neither 0 nor 1", "write 1 for yes and 0 for no", "evidence-not-a-flag")
    return text == "1"


def _name(text: str) -> str:
    if not slug(text) or len(text) > _LONGEST_NAME:
        hint = f"write a name with Latin letters or digits, of at most {_LONGEST_NAME} characters"
        raise CellFault("not a name from which an identifier can be made", hint, "evidence-bad-identifier")
    return text


def _report(entry: _Entry, file: str) -> Report:
    loss, window = entry.loss, entry.window
    victims, quantity = entry.stratum
    printed = {Qualifier.AT_LEAST: "minimum", Qualifier.UP_TO: "maximum"}
    return Report.model_validate(
        {
            "report": entry.name,
            "source": entry.source,
            "quote": entry.text,
            "document": f"{file}, line {entry.line}; table in the form of {CITATION}",
            "published": window.end,
            "published_basis": "the day of the figure; the table gives no day of publication",
            "quantity": quantity,
            "victims": victims,
            "qualifier_printed": printed.get(loss.qualifier, ""),
            "actors": ("war",),
            "attribution": Attribution.STATED,
            "areas": ("ukraine",),
            "window_start": window.start,
            "window_end": window.end,
            "window_basis": f"{loss.time_frame}, day {loss.days}",
            "value": loss.loss_count,
            "qualifier": loss.qualifier,
            "used": True,
        }
    )


def _sources(names: Mapping[str, str]) -> tuple[Source, ...]:
    return tuple(
        Source(
            source=source,
            name=name,
            kind=Kind.RECORDER if source in RECORDERS else Kind.CLAIMANT,
            speakers=Speakers.SEVERAL,
        )
        for source, name in names.items()
    )


def _case(entries: Sequence[_Entry], start: date) -> Case:
    timeline = Window(start=start, end=max(entry.window.end for entry in entries))
    strata = {_ESTIMAND, *(entry.stratum for entry in entries)}
    levels = {
        "actor": {"war": "the war"},
        "area": {"ukraine": "Ukraine"},
        "victims": {victims: _title(victims) for victims, _ in sorted(strata)},
        "quantity": {quantity: _title(quantity) for quantity in sorted({quantity for _, quantity in strata})},
    }
    return Case(
        case="ukraine-losses",
        title="Reported losses of the war in Ukraine",
        timezone="Europe/Kyiv",
        description=f"A table in the form of {CITATION}",
        timeline=timeline,
        dimensions={name: Dimension(levels=named) for name, named in levels.items()},
        estimand=Estimand(victims=_ESTIMAND[0], quantity=_ESTIMAND[1], window=timeline),
    )


def _title(level: str) -> str:
    words = level.replace("-", " ")
    return words[:1].upper() + words[1:] if words.startswith(("russian", "ukrainian")) else words


__all__ = ["read_loss_table"]
