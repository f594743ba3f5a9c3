"""All formats by name: those of this package, and those of others behind the entry point `undercount.formats`."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import columns_of, flat, recognise
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.opening import open_table
from undercount.data.imports.pools import one_pool, places_of
from undercount.errors import EvidenceError
from undercount.errors.naming import plain, write_one_of

if TYPE_CHECKING:
    from pathlib import Path

    from undercount.data.imports.incidents import Incidents
    from undercount.data.imports.opening import Raw

GROUP: Final = "undercount.formats"
OWN: Final = ("airwars", "ged", "acled", "ibc", "monthly", "radford", "mapped")
AUTO: Final = "auto"


def formats() -> dict[str, Format]:
    """Every format by its name, this package's first."""
    found = {name: import_module(f"undercount.data.imports.formats.{name}").FORMAT for name in OWN}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in found:
            found[point.name] = point.load()
    return found


def format_named(name: str) -> Format:
    """Give a format.

    Raises
    ------
    EvidenceError
        If there is none of that name.
    """
    known = formats()
    if name not in known:
        raise EvidenceError(
            f"{plain(name)} is not a format",
            code="import-unknown-format",
            where="--format",
            hint=write_one_of(name, tuple(known)),
        )
    return known[name]


def template_of(name: str) -> str:
    """Give a file to start from, for a format that needs one.

    Raises
    ------
    EvidenceError
        If there is none.
    """
    form = format_named(name)
    if form.template is None:
        having = ", ".join(one.name for one in formats().values() if one.template is not None)
        raise EvidenceError(
            f"the format {form.name} needs no file beside the export",
            code="import-no-template",
            where="--template",
            hint=f"there is one for {having}",
        )
    return form.template.read_text(encoding="utf-8")


def read_file(path: Path, name: str = AUTO, asked: Asked | None = None, **how: str | None) -> Incidents:
    """Read a file in a format.

    Parameters
    ----------
    path : Path
    name : str
        Of the format; by default the one whose columns the file has.
    asked : Asked, optional
    **how
        Of `open_table`: sheet, encoding, delimiter.

    Raises
    ------
    EvidenceError
        If the file cannot be opened, is in no such format, or no or several formats may be meant.
    """
    return incidents_of(*opened(path, name, asked, **how))


def incidents_of(raw: Raw, form: Format, asked: Asked) -> Incidents:
    """Read what `opened` gives."""
    incidents = form.read(columns_of(raw, form.fields(asked), form.title), asked)
    if form.lists_events:
        incidents = replace(incidents, lists_events=True)
    return _asked_for(incidents, raw, asked.where)


def opened(path: Path, name: str = AUTO, asked: Asked | None = None, **how: str | None) -> tuple[Raw, Format, Asked]:
    """Open a file, and find its format; see `read_file`."""
    wanted = asked or Asked()
    raw = open_table(path, **how)
    found = _recognised(raw, wanted) if name == AUTO else format_named(name)
    unknown = sorted({*wanted.options} - {*found.options, "mapping"})
    if unknown:
        known = ", ".join(found.options) or "none"
        raise EvidenceError(
            f"the format {found.name} has no option {plain(unknown[0])}",
            code="import-unknown-option",
            where="--option",
            hint=f"it has {known}: see `undercount formats`",
        )
    return raw, found, wanted


def _asked_for(incidents: Incidents, raw: Raw, where: tuple[tuple[str, str], ...]) -> Incidents:
    """Keep the rows that have the values which were asked for."""
    known = {flat(printed): printed for printed in raw.columns}
    asked: dict[str, list[str]] = {}
    for column, value in where:
        if flat(column) not in known:
            raise EvidenceError(
                f"there is no column {plain(column)}",
                code="import-unknown-column",
                where="--where",
                hint=write_one_of(column, raw.columns),
            )
        asked.setdefault(known[flat(column)], []).append(value)
    rows = raw.rows.to_numpy()
    for column, values in asked.items():
        whole = one_pool(raw.held[column])
        # The last stands for an empty cell, whose place is -1.
        is_asked = np.array([text in values for text in (*whole.dictionary.to_pylist(), "")])
        wanted = rows[is_asked[places_of(whole)]]
        told = " or ".join(plain(value) if value else "empty" for value in values)
        kept = np.isin(incidents.records["row"].to_numpy(), wanted)
        incidents = incidents.only(kept, f"not asked for: {plain(column)} is not {told}")
    return incidents


def _recognised(raw: Raw, asked: Asked) -> Format:
    """The format of which the file has every needed column, and the most columns."""
    scored = []
    for one in formats().values():
        known = one.fields(asked)
        columns, missing = recognise(raw, known)
        if any(field.is_needed for field in known) and not missing:
            scored.append((len(columns), one))
    best = max((score for score, _ in scored), default=0)
    chosen = [one for score, one in scored if score == best]
    if len(chosen) != 1:
        raise EvidenceError(
            "the columns are those of no format" if not chosen else
            f"the columns may be those of {' and of '.join(one.name for one in chosen)}",
            code="import-unrecognised",
            where=plain(raw.file),
            hint="name it with --format, see `undercount formats`; `mapped` reads any table that you describe",
        )  # fmt: skip
    return chosen[0]
