"""Monthly tables of the United Nations and others: killed and injured by month, and by governorate or another area.

As OHCHR and UNAMI publish them; the terms of the United Nations hold, name the office as the source.

==========================  ==========================================================================================
in the file                 in a record
==========================  ==========================================================================================
month, with a year in it    the window: all of the month; names of months in English, Arabic or Kurdish, or numbers
or in a column of its own
killed, injured             civilians: ``3``, ``3-5``, ``at least 3``; 0 is a figure, too
men, women, children        not read: they are the parts of killed, and a row says so where they do not add up to it
area                        the area; else that of the option `area`, or all of the case
==========================  ==========================================================================================

With `form=wide` each row is an area and each column a month: its heading names the month, and `injured` or `wounded`
where it counts those. A row of totals is dropped; a figure is doubted where the rows do not add up to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from undercount.data.imports.columns import Columns, Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import DAY, MONTH, Draft, identifier
from undercount.data.imports.texts import dates
from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from undercount.data.imports.incidents import Incidents

    type Months = NDArray[np.datetime64]
    type Span = tuple[NDArray[np.float64], NDArray[np.float64]]

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "victims": {"civilians": "civilians"},
    "quantity": {"killed": "killed", "injured": "injured"},
}
TOTALS: Final = frozenset("sum overall all المجموع مجموع الاجمالي الإجمالي کۆ کۆی-گشتی".split())
"""Identifiers of what stands where a row adds up others."""
_TOTAL: Final = frozenset("total totals subtotal subtotals المجموع مجموع الاجمالي الإجمالي".split())
"""First or last words of such an identifier: grand-total, sub-total, total-2024."""
_YEAR: Final = re.compile(r"\b(19|20)[0-9]{2}\b")
_INJURED: Final = re.compile(r"(?i)injur|wound|جرحى|بریندار|جريح")
_MONTHS: Final[tuple[str, ...]] = ("month", "period", "date", "الشهر", "شهر", "مانگ")
_AREAS: Final = ("area", "governorate", "province", "district", "region", "المحافظة", "محافظة", "پارێزگا")
_PARTS: Final = ("men", "women", "children")


def fields(asked: Asked) -> tuple[Field, ...]:
    """Columns of the long form, or of the wide one, whose months are headings."""
    if asked.choice("form", ("long", "wide")) == "wide":
        return (Field("area", _AREAS, is_needed=True),)
    return (
        Field("month", _MONTHS, is_needed=True),
        Field(
            "killed",
            (
                "civilians_killed",
                "killed_total",
                "total_killed",
                "civilians_killed_total",
                "deaths",
                "fatalities",
                "القتلى",
                "قتلى",
                "کوژراو",
            ),
            is_needed=True,
        ),
        Field(
            "injured",
            (
                "civilians_injured",
                "injured_total",
                "total_injured",
                "civilians_injured_total",
                "wounded",
                "injuries",
                "الجرحى",
                "جرحى",
                "بریندار",
            ),
        ),
        Field("year", ("السنة", "سنة", "ساڵ")),
        Field("area", _AREAS),
        *(Field(name, (f"{name}_killed", f"killed_{name}")) for name in _PARTS),
    )


def read(columns: Columns, asked: Asked) -> Incidents:
    """Read months into records."""
    is_wide = asked.choice("form", ("long", "wide")) == "wide"
    headings = _headings(columns) if is_wide else {}
    draft = Draft(Columns(columns.raw, {**columns.printed, **{name: name for name in headings}}))
    name = asked.text("source", "United Nations")
    source = Source(source=identifier(name) or "united-nations", name=name, kind=Kind.RECORDER, note="monthly figures")
    printed = draft.texts("area")
    area = draft.named("area", printed, asked.text("area", ""))
    is_total = draft.each(printed, _is_total).astype(bool)
    blocks = list(_wide(draft, headings) if is_wide else _long(draft, is_total))
    _check_totals(draft, blocks, is_total, area)
    draft.drop(is_total, "a total of other rows")
    for quantity, month, _, (low, high) in blocks:
        start = month.astype("datetime64[D]")
        draft.add(
            ~np.isnan(low) & ~np.isnat(month),
            record=np.array([f"{when}-{where}" for when, where in zip(month, area, strict=True)], dtype=object),
            source=source.source, start=start, end=(month + MONTH).astype("datetime64[D]") - DAY, low=low, high=high,
            actors="", attribution="unattributed", victims="civilians", quantity=quantity, area=area,
            place=printed,
        )  # fmt: skip
    return draft.finish("monthly", (source,), NAMES)


def months(printed: Sequence[str]) -> Months:
    """Read months; NaT where a text is none.

    Examples
    --------
    >>> months(["January 2017", "2017-02", "كانون الثاني ٢٠١٧", "12/2016", "Total"]).astype(str).tolist()
    ['2017-01', '2017-02', '2017-01', '2016-12', 'NaT']
    """
    import pyarrow as pa

    found = np.full(len(printed), np.datetime64("NaT", "M"))
    # The first day of the month is written in, in the three places where one may stand.
    for first, last in (("", ""), ("1 ", ""), ("", "-01"), ("1/", "")):
        texts = pa.array([f"{first}{text}{last}" for text in printed], pa.string())
        read_ = dates(texts, "dmy").values.to_numpy(zero_copy_only=False).astype("datetime64[M]")
        found = np.where(np.isnat(found), read_, found)
    return found


def _is_total(printed: str) -> bool:
    """Whether a text is what stands in the place of an area or a month where others are added up."""
    name = identifier(printed)
    words = name.split("-")
    return name in TOTALS or words[0] in _TOTAL or words[-1] in _TOTAL


class Block(NamedTuple):
    """Figures of one quantity, row by row.

    Attributes
    ----------
    quantity : str
    month : ndarray of datetime64[M], shape (rows,)
        NaT where a row is of no month.
    year : ndarray of int, shape (rows,)
        0 where a row names none.
    span : tuple of two ndarrays of float, shape (rows,)
    """

    quantity: str
    month: Months
    year: NDArray[np.int64]
    span: Span


def _long(draft: Draft, is_total: NDArray[np.bool_]) -> Iterator[Block]:
    """Figures of a row, and its month; rows that add up months are totals, too."""
    printed, year = draft.texts("month"), draft.texts("year")
    is_total |= draft.each(printed, _is_total).astype(bool)
    whole = draft.each(np.array([f"{m} {y}".strip() for m, y in zip(printed, year, strict=True)], dtype=object), str)
    distinct = sorted({*whole})
    month = dict(zip(distinct, months([_with_year(text) for text in distinct]), strict=True))
    when = np.array([month[text] for text in whole], dtype="datetime64[M]")
    draft.drop(np.isnat(when) & ~is_total, "no month")
    killed = draft.spans("killed")
    parts = np.sum([draft.counts(name) for name in _PARTS], axis=0)
    draft.doubt((parts != killed[0]) & ~np.isnan(parts), "men, women and children do not add up to its killed")
    years = draft.each(whole, _year).astype(np.int64)
    yield Block("killed", when, years, killed)
    yield Block("injured", when, years, draft.spans("injured"))


def _year(text: str) -> int:
    found = _YEAR.search(text)
    return int(found[0]) if found else 0


def _with_year(text: str) -> str:
    """A month by its number, and a year, as one text."""
    found = re.fullmatch(r"(\d{1,2}) (\d{4})", text)
    return f"{found[1]}/{found[2]}" if found else text


def _headings(columns: Columns) -> dict[str, tuple[str, np.datetime64]]:
    """Columns that are months -> quantity and month."""
    wanted = [name for name in columns.raw.columns if name not in columns.printed.values()]
    bare = [re.sub(r"(?i)killed|injured|wounded|deaths|القتلى|الجرحى|قتلى|جرحى|[/:]\s*$|^\s*[/:]", "", one).strip(" /:")
            for one in wanted]  # fmt: skip
    found = zip(wanted, months(bare), strict=True)
    return {
        name: ("injured" if _INJURED.search(name) else "killed", month) for name, month in found if not np.isnat(month)
    }


def _wide(draft: Draft, headings: Mapping[str, tuple[str, np.datetime64]]) -> Iterator[Block]:
    for name, (quantity, month) in headings.items():
        months_ = np.full(draft.rows.size, month, dtype="datetime64[M]")
        yield Block(quantity, months_, np.zeros(draft.rows.size, dtype=np.int64), draft.spans(name))


def _check_totals(
    draft: Draft, blocks: Sequence[Block], is_total: NDArray[np.bool_], area: NDArray[np.object_]
) -> None:
    """Doubt the rows that do not add up to the total that stands beside them."""
    is_row = draft.kept & ~is_total
    for quantity, month, year, (low, _) in blocks:
        for place in np.flatnonzero(is_total & draft.kept & ~np.isnan(low)):
            own = year == year[place] if year[place] else np.ones_like(is_row)
            if not np.isnat(month[place]):
                own = np.isnat(month) | (month == month[place])
            if area[place] and not _is_total(area[place]) and np.isnat(month[place]):
                own = own & (area == area[place])
            parts = is_row & own
            if np.nansum(low[parts]) != low[place]:
                draft.doubt(parts, f"rows do not add up to the total of {quantity} that the table gives")


FORMAT: Final = Format(
    name="monthly",
    title="OHCHR and UNAMI (monthly tables)",
    about="civilians killed and injured by month and area",
    licence="terms of the United Nations; name the office as the source",
    citation="Office of the High Commissioner for Human Rights; UN Assistance Mission for Iraq",
    fields=fields,
    read=read,
    window="month",
    options={
        "form": "long (the default): a row for each month; wide: a column for each",
        "source": "whose figures they are, such as UNAMI [United Nations]",
        "area": "where a row names none [all of the case]",
    },
)
