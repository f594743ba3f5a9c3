"""Airwars: incidents of civilian harm, from its tables of incidents or in the words of its pages.

Airwars, https://airwars.org, archives of civilian harm; use as its terms allow, with attribution.

===========================================  =========================================================================
in the file                                  in a record
===========================================  =========================================================================
civilian_non_combatants_killed_min, _max     low and high of civilians killed; one figure alone is both
Civilians reported killed                    the same as a text: ``3``, ``3–5``
children_killed_min, _max                    contained in civilians, so not read; with `children=apart` they and all
                                             other civilians are two classes of victims
civilian_non_combatants_injured_min, _max    low and high of civilians injured
grading                                      grade; ``Contested``: the attribution is contested; ``Discounted``: dropped
suspected and known belligerents             actors, all of them; unknown: nobody is named
region or governorate                        area; the country where the file has no such column
geolocation_accuracy                         kilometres by which the place may be off
sources                                      whom the record cites
===========================================  =========================================================================

The summary of an incident is not read: it names victims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import Draft, identifier
from undercount.data.schema import Kind, Source
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.incidents import Incidents

    type Numbers = NDArray[np.float64]
    type Span = tuple[Numbers, Numbers]

SOURCE: Final = Source(
    source="airwars",
    name="Airwars",
    kind=Kind.RECORDER,
    note="incidents of civilian harm, from reports in local media and networks",
)
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "victims": {"civilians": "civilians", "children": "children", "other-civilians": "civilians but children"},
    "quantity": {"killed": "killed", "injured": "injured"},
}
KILOMETRES: Final[Mapping[str, float]] = {
    "exact": 0.1, "100m": 0.1, "1m": 0.1, "landmark": 0.5, "street": 0.5, "neighbourhood": 1.0, "village": 2.0,
    "subdistrict": 15.0, "district": 30.0, "town": 5.0, "city": 10.0, "province": 100.0, "governorate": 100.0,
    "country": 500.0,
}  # fmt: skip
"""Word in the accuracy -> kilometres by which the place may be off; the first that it holds counts."""
_BELLIGERENTS: Final = tuple(f"belligerent_{number}" for number in range(1, 10))
_BETWEEN: Final = r"[;|,\n]"


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of the tables of incidents, old and new, and the words of the pages."""
    return (
        Field("code", ("unique_reference_code", "incident_code", "civcas_code", "new_civcas_code"), is_needed=True),
        Field("date", ("incident_date", "date_start"), is_needed=True),
        Field("grading", ("airwars_grading", "civilian_harm_status_name", "civilian_harm_status",
              "civilian_harm_status_slug"), is_needed=True),
        Field("date_end", ("incident_date_end",)),
        *_pair("killed", ("civilian_non_combatants_killed", "civilians_killed", "civilians_reported_killed",
               "civilian_harm_reported_killed")),
        *_pair("injured", ("civilian_non_combatants_injured", "civilians_injured", "civilians_reported_injured",
               "civilian_harm_reported_injured")),
        *_pair("children_killed", ("children_reported_killed",)),
        *_pair("children_injured", ("children_reported_injured",)),
        Field("killed", ("civilians_reported_killed", "civilians_killed", "civilian_non_combatants_killed")),
        Field("injured", ("civilians_reported_injured", "civilians_injured", "civilian_non_combatants_injured")),
        Field("area", ("region", "governorate", "province")),
        Field("country", ("country_name", "country_slug")),
        Field("place", ("location_name", "location", "location_name_arabic")),
        Field("latitude", ()),
        Field("longitude", ()),
        Field("accuracy", ("geolocation_accuracy", "geolocation_accuracy_name", "geolocation_accuracy_slug")),
        Field("suspected", ("suspected_belligerents", "suspected_belligerent", "suspected_attacker", "belligerents",
              "belligerent")),
        Field("known", ("known_belligerents", "known_belligerent", "known_attacker")),
        *(Field(name, (f"{name}_belligerent_name",)) for name in _BELLIGERENTS),
        Field("sources", ("cited_sources", "source_names")),
        Field("address", ("permalink", "url", "link")),
        Field("published", ("post_published", "date_published")),
    )  # fmt: skip


def _pair(name: str, stems: tuple[str, ...]) -> tuple[Field, Field]:
    """Two columns, of the least and the most."""
    least, most = (
        tuple(text for stem in stems for text in (f"{stem}_{end}", f"{long}_{stem}"))
        for end, long in (("min", "minimum"), ("max", "maximum"))
    )
    return Field(f"{name}_min", least), Field(f"{name}_max", most)


def read(columns: Columns, asked: Asked) -> Incidents:
    """Read incidents into records."""
    draft = Draft(columns)
    start, end = draft.days("date", "date_end", asked.order)
    grading = draft.texts("grading")
    grades = draft.each(grading, identifier)
    draft.drop(grades == "discounted", "discounted by Airwars: the dead were combatants, or others killed them")
    draft.doubt((grades == "") & draft.kept, "it has no grading")
    figures = {name: _span(draft, name) for name in ("killed", "injured")}
    is_none = np.all([(high == 0) | np.isnan(low) for low, high in figures.values()], axis=0)
    is_told = np.any([~np.isnan(low) for low, _ in figures.values()], axis=0)
    draft.drop(is_none & is_told, "nobody was killed or injured, by its own figures")
    actors = _actors(draft)
    told_of = {
        "record": draft.cells("code"), "source": SOURCE.source, "start": start, "end": end, "actors": actors,
        "attribution": np.where(actors == "", "unattributed", np.where(grades == "contested", "contested", "stated")),
        "area": draft.areas("area", "country"),
        "place": draft.cells("place"), **draft.degrees("latitude", "longitude"), "place_error": _kilometres(draft),
        "grade": grading, "cites": draft.listed("sources"), "document": draft.cells("address"),
        "published": draft.published("published", start, asked.order),
    }  # fmt: skip
    is_apart = asked.choice("children", ("within", "apart")) == "apart"
    for quantity, span in figures.items():
        for victims, (low, high) in _classes(draft, quantity, span, is_apart).items():
            draft.add(~np.isnan(low) & (high != 0), low=low, high=high, victims=victims, quantity=quantity, **told_of)
    return draft.finish("airwars", (SOURCE,), NAMES)


def _span(draft: Draft, name: str) -> Span:
    """Least and most; one that stands alone is both."""
    least, most = f"{name}_min", f"{name}_max"
    if least not in draft.columns and most not in draft.columns and name in draft.columns:
        return draft.spans(name)
    low, high = draft.counts(least), draft.counts(most)
    if name == "killed" and least not in draft.columns and most not in draft.columns:
        raise _no_figure(draft)
    draft.drop(low > high, f"its least number of civilians {name} is larger than its most")
    return np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)


def _no_figure(draft: Draft) -> EvidenceError:
    raw = draft.columns.raw
    return EvidenceError(
        "this is no file of Airwars: it lacks a column of civilians killed",
        code="import-missing-column",
        where=plain(raw.file),
        hint="such as civilians_killed_min and civilians_killed_max, or civilians_reported_killed; it has "
        f"{', '.join(plain(one) for one in raw.columns[:40])}",
    )


def _classes(draft: Draft, quantity: str, whole: Span, is_apart: bool) -> Mapping[str, Span]:
    """Civilians as one class, or children and all others: together never more than the whole."""
    if not is_apart:
        return {"civilians": whole}
    low, high = (np.nan_to_num(draft.counts(f"children_{quantity}_{end}")) for end in ("min", "max"))
    high = np.maximum(low, high)
    draft.doubt((high > whole[1]) & draft.kept, f"more children {quantity} than civilians: cut to their number")
    low, high = np.minimum(low, whole[0]), np.minimum(high, whole[1])
    return {"children": (low, high), "other-civilians": (np.maximum(whole[0] - high, 0.0), whole[1] - low)}


def _actors(draft: Draft) -> NDArray[np.object_]:
    """Known and suspected belligerents."""
    named = [draft.texts(name) for name in ("known", "suspected", *_BELLIGERENTS) if name in draft.columns]
    printed = [";".join(filter(None, row)) for row in zip(*named, strict=True)] or [""] * draft.rows.size
    return draft.actors(np.array(printed, dtype=object), _BETWEEN)


def _kilometres(draft: Draft) -> Numbers:
    def error(text: str) -> float:
        words = identifier(text).replace("-", " ")
        return next((kilometres for word, kilometres in KILOMETRES.items() if word in words), np.nan)

    return draft.each(draft.texts("accuracy"), error).astype(np.float64)


FORMAT: Final = Format(
    name="airwars",
    title="Airwars (incidents of civilian harm)",
    about="civilians killed and injured, incident by incident, with least and most, grading and belligerents",
    licence="terms of Airwars; name it as the source",
    citation="Airwars, https://airwars.org",
    fields=fields,
    lists_events=True,
    read=read,
    options={"children": "within (the default): children are civilians; apart: a class of victims of their own"},
)
