"""Any table, described in a mapping: a TOML file that says which column is which field (see `mapping`).

``undercount formats --template mapped`` prints a mapping to start from. The licence and the citation are those of the
data that it describes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import Columns, Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import Draft, identifier
from undercount.data.imports.mapping import ATTRIBUTIONS, FIGURE, KILOMETRES, Description, read_description
from undercount.data.schema import Kind, Source
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from undercount.data.imports.incidents import Incidents

    type Texts = NDArray[np.object_]
    type Numbers = NDArray[np.float64]

TEMPLATE: Final = Path(__file__).with_name("mapped.toml")
_TEXTS: Final = ("place", "grade", "document", "quote")


def fields(asked: Asked) -> tuple[Field, ...]:
    """Columns that the mapping names; none where there is no mapping."""
    if "mapping" not in asked.options:
        return ()
    one = _description(asked)
    named = [name for key in one.columns for name in one.columns_of(key)]
    return tuple(Field(name, (), is_needed=True) for name in dict.fromkeys((*named, *one.rules.drop)))


def read(columns: Columns, asked: Asked) -> Incidents:
    """Read rows into records, as the mapping says."""
    return _Reader(columns, _description(asked), asked).read()


def _description(asked: Asked) -> Description:
    if "mapping" not in asked.options:
        raise EvidenceError(
            "the format mapped reads what a mapping describes, and none is given",
            code="import-no-mapping",
            where="--mapping",
            hint="write one with `undercount formats --template mapped`, and name it with --mapping FILE",
        )
    return read_description(Path(asked.options["mapping"]))


class _Reader:
    """One table, under one mapping."""

    def __init__(self, columns: Columns, one: Description, asked: Asked) -> None:
        self.one = one
        self.order = asked.order or one.rules.order
        keys = {_place(key, place): name for key in one.columns for place, name in enumerate(one.columns_of(key))}
        printed = {**keys, **{f"drop {name}": name for name in one.rules.drop}}
        self.draft = Draft(Columns(columns.raw, {key: columns.printed[name] for key, name in printed.items()}))

    def read(self) -> Incidents:
        """Read every row."""
        draft, one = self.draft, self.one
        self._drop()
        start, end = draft.days("start", "end", self.order)
        low, best, high = self._figures()
        attribution, actors = self._who()
        told = one.source
        source = Source(source=told.source, name=told.name, kind=Kind(told.kind), note=told.note)
        draft.add(
            ~np.isnan(low),
            record=self._joined("record"), source=source.source, start=start, end=end, low=low, best=best, high=high,
            actors=actors, attribution=attribution, **draft.degrees("latitude", "longitude"),
            place_error=self._kilometres(), cites=self._cites(),
            published=draft.published("published", start, self.order),
            **{key: self._level(key) for key in ("victims", "quantity", "area")},
            **{key: self._translated(key, self._joined(key)) for key in _TEXTS},
        )  # fmt: skip
        return replace(draft.finish("mapped", (source,), self._names()), lists_events=one.rules.lists_events)

    def _drop(self) -> None:
        for name, values in self.one.rules.drop.items():
            cells = self.draft.texts(f"drop {name}")
            for value in values:
                self.draft.drop(cells == value, f"{plain(name)} is {plain(value)}: dropped by the mapping")
        for key in self.one.rules.required:
            self.draft.drop(self._joined(key) == "", f"it has no {key}, which the mapping requires")
        self.draft.drop(self._joined("record") == "", "it has no record, which tells it from others")

    def _figures(self) -> tuple[Numbers, Numbers, Numbers]:
        """Low, best and high; of those that are not there, the others tell."""
        if FIGURE in self.one.columns:
            low, high = self.draft.spans(FIGURE)
            return low, self.draft.counts("best"), high
        low, best, high = (self.draft.counts(key) for key in ("low", "best", "high"))
        self.draft.drop((low > high) | (low > best) | (best > high), "low, best and high are not in order")
        return _first(low, best, high), best, _first(high, best, low)

    def _joined(self, key: str) -> Texts:
        """The columns of a key as one text."""
        columns = [self.draft.texts(_place(key, place)) for place in range(len(self.one.columns_of(key)))]
        if len(columns) == 1:
            return columns[0]
        rows = zip(*columns, strict=True) if columns else [()] * self.draft.rows.size
        return np.array([" ".join(filter(None, row)) for row in rows], dtype=object)

    def _translated(self, key: str, printed: Texts) -> Texts:
        values = self.one.values.get(key, {})
        return self.draft.each(printed, lambda text: values.get(text, text)) if values else printed

    def _level(self, key: str) -> Texts:
        """Identifiers of a dimension: of a column, or of the constant."""
        constant = self.one.constants.get(key, "" if key == "area" else "unknown")
        return self.draft.named(key, self._translated(key, self._joined(key)), constant)

    def _actors(self) -> Texts:
        values, between = self.one.values.get("actors", {}), self.one.rules.between_actors
        printed = self._joined("actors")
        if "actors" not in self.one.columns:
            printed = np.full(printed.size, self.one.constants.get("actors", ""), dtype=object)

        def translated(text: str) -> str:
            parts = [part.strip() for part in re.split(between, values.get(text, text))]
            return ";".join(values.get(part, part) for part in parts)

        return self.draft.actors(self.draft.each(printed, translated), ";")

    def _who(self) -> tuple[Texts, Texts]:
        """Attribution and actors: where nobody is named it is unattributed, and the other way round."""
        actors = self._actors()
        printed = self._translated("attribution", self._joined("attribution"))
        given = np.where(printed == "", self.one.constants.get("attribution", "stated"), printed)
        wrong = ~np.isin(given, ATTRIBUTIONS)
        if wrong.any():
            example = f'{plain(min({*given[wrong]}))} = "contested"'
            self.draft.drop(wrong, f"its attribution has no meaning yet; write {example} in [values.attribution]")
        given = np.where(actors == "", "unattributed", given)
        return given, np.where(given == "unattributed", "", actors)

    def _kilometres(self) -> Numbers:
        if "place_error" not in self.one.columns:
            return np.full(self.draft.rows.size, np.nan)
        return self.draft.numbers("place_error") * KILOMETRES[self.one.rules.place_error_in]

    def _cites(self) -> Texts:
        between = self.one.rules.between_cites
        return self.draft.each(
            self._joined("cites"), lambda text: ";".join(filter(None, map(str.strip, re.split(between, text))))
        )

    def _names(self) -> dict[str, dict[str, str]]:
        """Names that the mapping gives to identifiers, before those that are printed."""
        given = {
            dimension: {identifier(one): name for one, name in names.items()}
            for dimension, names in self.one.names.items()
        }
        return {dimension: {**known, **given.get(dimension, {})} for dimension, known in self.draft.names.items()}


def _place(key: str, place: int) -> str:
    return f"{key} {place + 1}" if place else key


def _first(*columns: Numbers) -> Numbers:
    """The first that is not empty."""
    found = columns[0]
    for other in columns[1:]:
        found = np.where(np.isnan(found), other, found)
    return found


FORMAT: Final = Format(
    name="mapped",
    title="any table, described in a mapping",
    about="what the mapping says: see `undercount formats --template mapped`",
    licence="that of the data",
    citation="that of the data",
    fields=fields,
    read=read,
    template=TEMPLATE,
)
