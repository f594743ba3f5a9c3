"""UCDP Georeferenced Event Dataset: one row for each event, whoever was killed in it.

Sundberg and Melander 2013, "Introducing the UCDP Georeferenced Event Dataset", Journal of Peace Research 50, 523;
codebook 24.1: Högbladh 2024, Department of Peace and Conflict Research, Uppsala University. CC BY 4.0.

==================================  ==================================================================================
in the file                         in a record
==================================  ==================================================================================
date_start, date_end                first and last day
deaths_civilians, _a, _b, _unknown  each that is not 0 is a record of its own, of its own class of victims
best, low, high                     split as those parts are, to whole persons, so that the parts add up to the whole
side_a, side_b                      read, and not used: a side is part of the violence, which does not say who killed
adm_1                               area; the country where the file has no such column
where_prec                          kilometres by which the place may be off
source_office                       whom the record cites: an event that cites nobody but a source of the case is its
==================================  ==================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import Draft
from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.incidents import Incidents

    type Numbers = NDArray[np.float64]

SOURCE: Final = Source(
    source="ucdp-ged",
    name="UCDP Georeferenced Event Dataset",
    kind=Kind.RECORDER,
    note="events with at least one death that a named or inferred source reports",
)
PARTS: Final[Mapping[str, str]] = {
    "deaths_civilians": "civilians", "deaths_a": "side-a", "deaths_b": "side-b", "deaths_unknown": "unknown",
}  # fmt: skip
"""Column -> class of victims."""
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "victims": {"civilians": "civilians", "side-a": "people of side A", "side-b": "people of side B",
                "unknown": "people whose side is not known"},
    "quantity": {"killed": "killed"},
}  # fmt: skip
KILOMETRES: Final[Mapping[int, float]] = {1: 1.0, 2: 25.0, 3: 50.0, 4: 150.0, 5: 100.0, 6: 500.0, 7: 1000.0}
"""`where_prec` -> kilometres by which the place may be off: 1 is exact, 2 near a place, 3 a district, 4 a province,
5 a line or an area without borders, 6 a country, 7 the sea."""
DAYS: Final[Mapping[int, str]] = {2: "some days", 3: "a week", 4: "a month", 5: "more than a month"}
"""`date_prec` beyond 1, an exact day -> what is known."""


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of versions 1.5 to 24.1, and of the candidate events."""
    return (
        Field("id", ("event_id", "relid"), is_needed=True),
        Field("date_start", ("event_date_start", "start_date"), is_needed=True),
        Field("date_end", ("event_date_end", "end_date"), is_needed=True),
        Field("best", ("best_est", "best_estimate"), is_needed=True),
        Field("low", ("low_est", "low_estimate"), is_needed=True),
        Field("high", ("high_est", "high_estimate"), is_needed=True),
        Field("country", ("country_name",), is_needed=True),
        *(Field(name, (), is_needed=True) for name in PARTS),
        Field("source_office", ("source_article_office",)),
        *(Field(name, ()) for name in ("adm_1", "where_coordinates", "latitude", "longitude", "where_prec", "date_prec",
          "side_a", "side_b", "source_article", "source_headline", "event_clarity")),
    )  # fmt: skip


def read(columns: Columns, _: Asked) -> Incidents:
    """Read events into records."""
    draft = Draft(columns)
    start, end = draft.days("date_start", "date_end", "ymd")
    low, high, parts = _figures(draft)
    _doubt_days(draft)
    told = {
        "record": draft.cells("id"), "source": SOURCE.source, "start": start, "end": end, "actors": "",
        "attribution": "unattributed", "quantity": "killed",
        "area": draft.areas("adm_1", "country"),
        "place": draft.cells("where_coordinates"), **draft.degrees("latitude", "longitude"),
        "place_error": draft.coded("where_prec", KILOMETRES), "grade": draft.cells("event_clarity"),
        "cites": draft.cells("source_office"), "quote": draft.cells("source_headline"),
        "document": draft.cells("source_article"),
    }  # fmt: skip
    lows, highs = _split(low, parts), _split(high, parts)
    for name, victims in PARTS.items():
        draft.add(highs[name] > 0, low=lows[name], best=parts[name], high=highs[name], victims=victims, **told)
    sides = sorted({*draft.texts("side_a"), *draft.texts("side_b")} - {""})
    if sides:
        more = f" and {len(sides) - 10:,} more" if len(sides) > 10 else ""
        draft.note(f"sides: {', '.join(sides[:10])}{more}; the file does not say who of them killed")
    return draft.finish("ged", (SOURCE,), NAMES)


def _figures(draft: Draft) -> tuple[Numbers, Numbers, dict[str, Numbers]]:
    """Low, high and the parts of best: low is at most their sum, and high at least."""
    best, low, high = (np.nan_to_num(draft.counts(name)) for name in ("best", "low", "high"))
    parts = {name: np.nan_to_num(draft.counts(name)) for name in PARTS}
    draft.drop((high <= 0) & (best <= 0), "nobody was killed, by its own figures")
    draft.drop(low > high, "low is larger than high")
    total = np.sum([*parts.values()], axis=0)
    draft.doubt((total < best) & draft.kept, "its parts do not add up to best: the rest is read as unknown")
    draft.doubt((total > best) & draft.kept, "its parts come to more than best: they stand")
    parts["deaths_unknown"] += np.maximum(best - total, 0.0)
    whole = np.maximum(best, total)
    outside = (low > whole) | (high < whole)
    draft.doubt(outside & draft.kept, "best does not lie between low and high: the range is widened to it")
    low, high = np.minimum(low, np.where(whole > 0, whole, low)), np.maximum(high, whole)
    return low, high, parts


def _doubt_days(draft: Draft) -> None:
    precision = draft.coded("date_prec", {code: float(code) for code in DAYS})
    for code, words in DAYS.items():
        draft.doubt((precision == code) & draft.kept, f"its day is known to {words} only")


def _split(whole: Numbers, parts: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Split whole numbers as parts are, into whole numbers that add up to them; all is unknown where no part is.

    A part of a smaller whole is never larger than that of a larger one if the parts add up to something between them.
    """
    sizes = np.array([*parts.values()], dtype=np.int64)
    total, wholes = sizes.sum(axis=0), whole.astype(np.int64)
    upto = np.cumsum(sizes, axis=0)
    edges = (2 * wholes * upto + total) // np.maximum(2 * total, 1)
    found = np.diff(edges, axis=0, prepend=np.zeros((1, wholes.size), dtype=np.int64)).astype(np.float64)
    return {
        name: np.where(total > 0, part, whole if name == "deaths_unknown" else 0.0)
        for name, part in zip(parts, found, strict=True)
    }


FORMAT: Final = Format(
    name="ged",
    title="UCDP GED (georeferenced events)",
    about="deaths in organised violence, event by event: civilians, both sides and unknown, with low and high",
    licence="CC BY 4.0",
    citation="Sundberg and Melander 2013, Journal of Peace Research 50, 523; Uppsala Conflict Data Program",
    fields=fields,
    lists_events=True,
    read=read,
)
