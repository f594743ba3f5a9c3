"""ACLED: political violence, event by event, with one number of fatalities.

Raleigh, Kishi and Linke 2023, "Political instability patterns are obscured by conflict dataset scope conditions,
sources, and coding choices", Humanities and Social Sciences Communications 10, 74. ACLED's terms of use hold: name it,
and do not pass its data on, in a case either.

======================  ==============================================================================================
in the file             in a record
======================  ==============================================================================================
fatalities              one number; where `notes` have it in words, the codebook sets 10 for tens, several or many, 12
                        (earlier 10) for dozens, 100 for hundreds, and so on: such a row is read as 10 to 99, 12 to 99,
                        100 to 999; unless the notes say the number itself of people
civilian_targeting,     victims: ``civilians`` where they were the target, all others ``unknown``, since the dead of a
event_type              clash are not told apart
actor1                  who killed, where the other side are civilians; nobody is named in a clash, or if unidentified
time_precision          2: any day of that week; 3: any day of that month
geo_precision           kilometres by which the place may be off
admin1                  area; the country where the file has no such column
source                  whom the record cites
timestamp               day of its publication: when ACLED last changed it
======================  ==============================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import DAY, MONTH, Draft, identifier
from undercount.data.imports.pools import places_of
from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.incidents import Incidents

    type Days = NDArray[np.datetime64]
    type Numbers = NDArray[np.float64]

SOURCE: Final = Source(
    source="acled",
    name="Armed Conflict Location and Event Data (ACLED)",
    kind=Kind.RECORDER,
    note="events of political violence, with the most conservative number of the dead that is reported",
)
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "victims": {"civilians": "civilians", "unknown": "people whose side is not known"},
    "quantity": {"killed": "killed"},
}
WORDS: Final[Mapping[int, tuple[str, str, int]]] = {
    10: ("tens|dozens|several|many|numerous|scores", "10|ten", 99),
    12: ("dozens", "12|twelve", 99),
    100: ("hundreds", "100|(a|one) hundred", 999),
    1000: ("thousands", "1,?000|(a|one) thousand", 9999),
}
"""Number that stands for a word -> the words, the number itself in notes, and the most that the words may mean."""
_DATES: Final = r"(?i)\b[0-9]{1,2} (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_PEOPLE: Final = (
    "people|persons?|civilians|men|women|children|fighters|soldiers|troops|militants|militiamen|insurgents|rebels|"
    "terrorists|gunmen|members|personnel|officers|policemen|police|villagers|residents|bodies|dead|deaths|killed|died|"
    "others|(were|was|had been) killed"
)
KILOMETRES: Final[Mapping[int, float]] = {1: 5.0, 2: 25.0, 3: 100.0}
"""`geo_precision` -> kilometres by which the place may be off: 1 is a town, 2 near one, 3 a region."""
ONE_SIDED: Final = "violence-against-civilians"


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of the exports, from 2016 on."""
    return (
        Field("event_id_cnty", ("event_id", "data_id"), is_needed=True),
        Field("event_date", (), is_needed=True),
        Field("event_type", (), is_needed=True),
        Field("fatalities", (), is_needed=True),
        Field("country", (), is_needed=True),
        Field("time_precision", ("time_prec",)),
        Field("geo_precision", ("geo_prec",)),
        *(Field(name, ()) for name in ("civilian_targeting", "actor1", "actor2", "inter1", "inter2", "admin1",
          "location", "latitude", "longitude", "source", "notes", "timestamp")),
    )  # fmt: skip


def read(columns: Columns, asked: Asked) -> Incidents:
    """Read events into records."""
    draft = Draft(columns)
    start, end = _days(draft, asked)
    best = draft.counts("fatalities")
    draft.drop(best == 0, "nobody was killed, by its own figures")
    high = _highest(draft, best)
    is_civilian = _identified(draft, "event_type") == ONE_SIDED
    is_civilian |= _identified(draft, "civilian_targeting") == "civilian-targeting"
    actors = draft.actors(np.where(is_civilian & _is_one_sided(draft), draft.texts("actor1"), ""), r";")
    draft.add(
        best > 0,
        record=draft.cells("event_id_cnty"), source=SOURCE.source, start=start, end=end,
        low=best, best=best, high=high, actors=actors,
        attribution=np.where(actors == "", "unattributed", "stated"),
        victims=np.where(is_civilian, "civilians", "unknown"), quantity="killed",
        area=draft.areas("admin1", "country"),
        place=draft.cells("location"), **draft.degrees("latitude", "longitude"),
        place_error=draft.coded("geo_precision", KILOMETRES), cites=draft.cells("source"),
        published=_published(draft, start), quote=draft.cells("notes"),
    )  # fmt: skip
    draft.note("terms of ACLED: name it as the source, and do not pass its data on")
    return draft.finish("acled", (SOURCE,), NAMES)


def _days(draft: Draft, asked: Asked) -> tuple[Days, Days]:
    """The day, or all of its week or month where no more is known."""
    day, _ = draft.days("event_date", order=asked.order)
    precision = draft.coded("time_precision", {2: 2.0, 3: 3.0})
    draft.doubt((precision == 2) & draft.kept, "its day is known to a week only")
    draft.doubt((precision == 3) & draft.kept, "its day is known to a month only")
    # 1970-01-01 was a Thursday.
    monday = day - ((day.astype(np.int64) + 3) % 7) * DAY
    month = day.astype("datetime64[M]")
    last = (month + MONTH).astype("datetime64[D]") - DAY
    start = np.where(precision == 2, monday, np.where(precision == 3, month.astype("datetime64[D]"), day))
    return start, np.where(precision == 2, monday + 6 * DAY, np.where(precision == 3, last, day))


def _highest(draft: Draft, best: Numbers) -> Numbers:
    """The number itself, or the most that the word may mean for which it stands."""
    import pyarrow.compute as pc

    high, notes = best.copy(), draft.cells("notes")
    texts = pc.replace_substring_regex(notes.dictionary, _DATES, "")

    def has(pattern: str) -> NDArray[np.bool_]:
        return np.asarray(pc.match_substring_regex(texts, f"(?i){pattern}").to_numpy(zero_copy_only=False))

    for number, (words, printed, most) in WORDS.items():
        is_coded = has(rf"\bcoded (as|to|at) ({printed})\b|\b({printed}) fatalities (were )?coded\b")
        is_said = has(rf"\b({printed}) (\w+ ){{0,2}}({_PEOPLE})\b")
        is_told = is_coded | (has(rf"\b({words})\b") & ~is_said)
        is_word = (best == number) & is_told[places_of(notes)]
        draft.doubt(is_word & draft.kept, f"{number} stands for a word in its notes: read as {number} to {most}")
        high[is_word] = most
    return high


def _is_one_sided(draft: Draft) -> NDArray[np.bool_]:
    """Whether the first actor killed civilians: the other side are civilians, or there is no other side."""
    first, second = _identified(draft, "actor1"), _identified(draft, "actor2")
    is_known = np.array([not text.startswith(("unidentified", "civilians")) for text in first], dtype=bool)
    is_civilian = np.array([not text or text.startswith("civilians") for text in second], dtype=bool)
    return np.asarray(is_known & is_civilian)


def _identified(draft: Draft, name: str) -> NDArray[Any]:
    return draft.each(draft.texts(name), identifier)


def _published(draft: Draft, start: Days) -> Days | None:
    """Days of a column of seconds since 1970, or of dates."""
    if "timestamp" not in draft.columns:
        return None
    printed = draft.texts("timestamp")
    if any(text and not text.isdecimal() for text in printed):
        return draft.published("timestamp", start, "ymd")
    seconds = [np.datetime64(int(text), "s") if text else np.datetime64("NaT") for text in printed]
    return draft.not_before(np.array(seconds, dtype="datetime64[s]").astype("datetime64[D]"), start)


FORMAT: Final = Format(
    name="acled",
    title="ACLED (political violence, event by event)",
    about="fatalities as one number; of civilians where they were the target, else of unknown people",
    licence="terms of ACLED: name it, and do not pass its data on",
    citation="Raleigh, Kishi and Linke 2023, Humanities and Social Sciences Communications 10, 74; acleddata.com",
    fields=fields,
    lists_events=True,
    read=read,
)
