"""UCDP Georeferenced Event Dataset: one row for each event, whoever was killed in it.

Sundberg and Melander 2013, "Introducing the UCDP Georeferenced Event Dataset", Journal of Peace Research 50, 523;
codebook 24.1: Högbladh 2024, Department of Peace and Conflict Research, Uppsala University. CC BY 4.0.

A row gives `best`, `low` and `high` for the whole event and splits `best` into deaths of side A, of side B, of
civilians and unknown. Each part that is not zero becomes a record of its own class of victims; `low` and `high` are
split as `best` is, to whole persons, so that the parts add up to the whole. Of an event without a split all are
`unknown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import Draft, identifier
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
KILOMETRES: Final[Mapping[int, float]] = {1: 1.0, 2: 25.0, 3: 50.0, 4: 150.0, 5: 100.0, 6: 500.0, 7: 1000.0}
"""`where_prec` -> kilometres by which the place may be off: 1 is exact, 2 near a place, 3 a district, 4 a province."""
DAYS: Final[Mapping[int, str]] = {2: "a day within some days", 3: "a week", 4: "a month", 5: "more than a month"}
"""`date_prec` beyond 1, an exact day -> what is known."""


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of versions 5 to 24.1."""
    return (
        Field("id", ("relid",), is_needed=True),
        Field("date_start", (), is_needed=True),
        Field("date_end", (), is_needed=True),
        Field("best", ("best_est", "best_estimate"), is_needed=True),
        Field("low", ("low_est", "low_estimate"), is_needed=True),
        Field("high", ("high_est", "high_estimate"), is_needed=True),
        Field("country", (), is_needed=True),
        *(Field(name, (), is_needed=True) for name in PARTS),
        *(Field(name, ()) for name in ("adm_1", "where_coordinates", "latitude", "longitude", "where_prec", "date_prec",
          "side_a", "side_b", "source_office", "source_article", "source_headline", "type_of_violence", "code_status",
          "event_clarity")),
    )  # fmt: skip


def read(columns: Columns, _: Asked) -> Incidents:
    """Read events into records."""
    draft = Draft(columns)
    start, end = draft.dates("date_start", "ymd"), draft.dates("date_end", "ymd")
    draft.drop(np.isnat(start) | np.isnat(end), "no day")
    best, low, high = (draft.numbers(name) for name in ("best", "low", "high"))
    parts = {name: np.nan_to_num(draft.numbers(name)) for name in PARTS}
    draft.drop(np.nan_to_num(high) <= 0, "nobody was killed, by its own figures")
    draft.drop(low > high, "low is larger than high")
    total = np.sum([*parts.values()], axis=0)
    draft.doubt((total != best) & draft.kept, "its parts do not add up to best: the rest is read as unknown")
    parts["deaths_unknown"] = parts["deaths_unknown"] + np.maximum(np.nan_to_num(best) - total, 0.0)
    _doubt_dates(draft)
    area, place = draft.texts("adm_1"), draft.texts("where_coordinates")
    country = draft.texts("country")
    printed = np.where(area == "", country, area)
    side_a, side_b = draft.texts("side_a"), draft.texts("side_b")
    shares = _shares(parts)
    lows, highs = _split(np.nan_to_num(low), shares), _split(np.nan_to_num(high), shares)
    for name, victims in PARTS.items():
        draft.add(
            (shares[name] > 0) & (highs[name] > 0),
            record=draft.texts("id"), source=SOURCE.source, start=start, end=end, low=lows[name], best=parts[name],
            high=highs[name], actors="", attribution="unattributed", victims=victims, quantity="killed",
            area=_identifiers(printed), place=place, latitude=_optional(draft, "latitude"),
            longitude=_optional(draft, "longitude"), place_error=_kilometres(draft), grade=draft.texts("event_clarity"),
            cites=draft.texts("source_office"), quote=draft.texts("source_headline"),
            document=draft.texts("source_article"),
        )  # fmt: skip
    draft.note(f"sides: {', '.join(sorted({*side_a, *side_b} - {''})[:20])}; who of them killed is not in the file")
    names = {
        "area": dict(zip(_identifiers(printed), printed, strict=True)),
        "victims": {"civilians": "civilians", "side-a": "people of side A", "side-b": "people of side B",
                    "unknown": "people whose side is not known"},
        "quantity": {"killed": "killed"},
    }  # fmt: skip
    return draft.finish("ged", (SOURCE,), names)


def _doubt_dates(draft: Draft) -> None:
    if "date_prec" in draft.columns:
        precision = draft.numbers("date_prec")
        for code, words in DAYS.items():
            draft.doubt((precision == code) & draft.kept, f"its day is only known to {words}")


def _optional(draft: Draft, name: str) -> Numbers:
    return draft.numbers(name) if name in draft.columns else np.full(draft.rows.size, np.nan)


def _kilometres(draft: Draft) -> Numbers:
    codes = _optional(draft, "where_prec")
    found = np.full(codes.size, np.nan)
    for code, kilometres in KILOMETRES.items():
        found[codes == code] = kilometres
    return found


def _identifiers(names: NDArray[np.object_]) -> NDArray[np.object_]:
    distinct, places = np.unique(names.astype(str), return_inverse=True)
    return np.array([identifier(name) or "unknown" for name in distinct], dtype=object)[places]


def _shares(parts: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Part of an event that each class of victims is; all unknown where nothing is split."""
    total = np.sum([*parts.values()], axis=0)
    shares = {name: np.divide(part, total, out=np.zeros_like(part), where=total > 0) for name, part in parts.items()}
    shares["deaths_unknown"] = np.where(total > 0, shares["deaths_unknown"], 1.0)
    return shares


def _split(whole: Numbers, shares: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Split whole numbers by shares into whole numbers that add up to them."""
    edges = np.rint(whole * np.cumsum([*shares.values()], axis=0))
    return dict(zip(shares, np.diff(edges, axis=0, prepend=np.zeros((1, whole.size))), strict=True))


FORMAT: Final = Format(
    name="ged",
    title="UCDP GED (georeferenced events)",
    about="deaths in organised violence, event by event: civilians, both sides and unknown, with low and high",
    licence="CC BY 4.0",
    citation="Sundberg and Melander 2013, Journal of Peace Research 50, 523; Uppsala Conflict Data Program",
    fields=fields,
    read=read,
)
