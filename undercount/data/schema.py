"""The types of the evidence: case, source, report. Frozen and strict; rules that need one row only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

REPORT_COLUMNS: Final = tuple(
    "report source relay quote document published published_basis quantity victims value low high "
    "qualifier qualifier_printed qualifier_reason actors attribution areas window_start window_end "
    "window_basis window_uncertainty_days incident within derived_from disputed_by used reason note".split()
)
SOURCE_COLUMNS: Final = tuple("source name kind side speakers lag prior_median prior_scale prior_reason note".split())
NEEDED_SOURCE_COLUMNS: Final = tuple(name for name in SOURCE_COLUMNS if name not in {"speakers", "lag"})
"""Columns that a file of sources must have; the others are younger than the first cases."""
DIMENSIONS: Final[Mapping[str, str]] = {
    "actor": "actors",
    "area": "areas",
    "victims": "victims",
    "quantity": "quantity",
}
"""Dimension of a stratum -> the report field that names its levels."""
MAX_COUNT: Final = 10**9


class Qualifier(StrEnum):
    """How a figure bounds the count that it stands for (models.fusion says what each does)."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    UP_TO = "up_to"
    ABOUT = "about"
    RANGE = "range"
    PER_DAY = "per_day"
    WORDS = "words"


class Attribution(StrEnum):
    """Whether the report says who killed, somebody disputes it, or nobody is named."""

    STATED = "stated"
    CONTESTED = "contested"
    UNATTRIBUTED = "unattributed"


class Kind(StrEnum):
    """What a source does: tally cases, state a figure, speak for a side, or only pass on."""

    RECORDER = "recorder"
    CLAIMANT = "claimant"
    BELLIGERENT = "belligerent"
    RELAY = "relay"


_MULTILINE: Final = frozenset({"quote", "note", "description", "basis", "reason"})
_JOINERS: Final = "\u200c\u200d"


_IDENTIFIER: Final = re.compile(r"[^\s;,\x00-\x1f](?:[^;,\x00-\x1f]{0,118}[^\s;,\x00-\x1f])?")


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise PydanticCustomError(
            "bad_identifier", "an identifier has 1 to 120 printable characters, no ';' or ',' and no space at its ends"
        )
    # Two identifiers that look the same must be the same: nothing invisible or reordering, one form of each letter.
    if not text.isprintable() and any(
        unicodedata.category(c) in ("Cf", "Zl", "Zp", "Co", "Cn") and c not in _JOINERS for c in text
    ):
        raise PydanticCustomError("bad_identifier", "an identifier holds no invisible or text-direction character")
    if not unicodedata.is_normalized("NFC", text):
        raise PydanticCustomError("bad_identifier", "an identifier is written in composed letters (Unicode NFC)")
    return text


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(text: str) -> str:
    if text not in _timezones():
        raise PydanticCustomError("unknown_timezone", "not a time zone of the IANA database, such as 'Asia/Baghdad'")
    return text


def _list_item(text: str) -> str:
    if not text or text != text.strip() or ";" in text:
        raise PydanticCustomError("bad_list", "a part of a list is empty, has a space at its ends or holds ';'")
    return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, str))
    elif isinstance(value, dict):
        yield from (part for pair in value.items() for part in pair if isinstance(part, str))


Identifier = Annotated[str, AfterValidator(_identifier)]
ListItem = Annotated[str, AfterValidator(_list_item)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Probability = Annotated[float, Field(gt=0, le=1)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="after")
    @classmethod
    def _clean(cls, value: object, info: ValidationInfo) -> object:
        # Printable text, which nearly all is, holds no control character: a test at the speed of C.
        if isinstance(value, str) and value.isprintable():
            return value
        allowed = "\n\t" if info.field_name in _MULTILINE else ""
        for text in _texts(value):
            if not text.isprintable() and any(
                unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in text
            ):
                raise PydanticCustomError("control_character", "the text holds a control character")
        if isinstance(value, tuple) and all(isinstance(part, str) for part in value) and len({*value}) < len(value):
            raise PydanticCustomError("named_twice", "the list names a part twice")
        return value


class Window(_Record):
    """First and last day, both inclusive."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.end < self.start:
            raise PydanticCustomError(
                "window_reversed", f"the window ends ({self.end}) before it starts ({self.start})"
            )
        return self

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1

    def contains(self, other: Window) -> bool:
        """Whether every day of `other` is in this window."""
        return self.start <= other.start and other.end <= self.end


class Dimension(_Record):
    """The levels that are modelled, and values that reports may name but that lie outside the model."""

    levels: dict[Identifier, str] = Field(min_length=1)
    outside: dict[Identifier, str] = {}


class Estimand(_Record):
    """What the headline number is about; empty actors or areas mean all of them."""

    quantity: Identifier = "killed"
    victims: Identifier = "civilians"
    window: Window
    actors: tuple[Identifier, ...] = ()
    areas: tuple[Identifier, ...] = ()


class Population(_Record):
    """People at risk in an area on a date; log-linear between dates, constant beyond the last."""

    area: Identifier
    date: date
    people: Annotated[int, Field(ge=1, le=10**10)]
    basis: str
    reports: tuple[Identifier, ...] = ()


class Incident(_Record):
    """A single event with its own toll; several actors share it in unknown parts with these expected shares."""

    incident: Identifier
    title: str
    date: date
    area: Identifier
    actors: dict[Identifier, Probability] = Field(min_length=1)
    basis: str = ""
    reports: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _shares(self) -> Incident:
        if abs(sum(self.actors.values()) - 1) > 1e-6:
            raise PydanticCustomError(
                "bad_shares", f"the expected shares of the actors add up to {sum(self.actors.values()):g}, not 1"
            )
        return self


class PriorChange(_Record):
    """A prior of this case that differs from the default: both numbers and why."""

    location: float
    scale: Annotated[float, Field(gt=0)]
    reason: Annotated[str, Field(min_length=1)]


def _is_none(value: object) -> bool:
    return value is None


_Whole = Annotated[int, Field(ge=1, le=100_000)]
_Positive = Annotated[float, Field(gt=0)]


class Release(_Record):
    """Limits of the gates of a run, where not the defaults of `undercount.runs.gates.GateSettings`."""

    misfit_chance: Probability | None = Field(default=None, exclude_if=_is_none)
    model_errors: _Positive | None = Field(default=None, exclude_if=_is_none)
    model_share: _Positive | None = Field(default=None, exclude_if=_is_none)
    silent_days: _Whole | None = Field(default=None, exclude_if=_is_none)
    silent_gaps: _Positive | None = Field(default=None, exclude_if=_is_none)
    silent_publications: Annotated[int, Field(ge=2, le=100_000)] | None = Field(default=None, exclude_if=_is_none)
    least_contraction: Annotated[float, Field(ge=0, lt=1)] | None = Field(default=None, exclude_if=_is_none)


class Case(_Record):
    """What `case.toml` says: the frame into which the reports are put."""

    case: Identifier
    title: str
    timezone: Annotated[str, AfterValidator(_timezone)]
    description: str = ""
    timeline: Window
    dimensions: dict[str, Dimension]
    estimand: Estimand
    population: tuple[Population, ...] = ()
    incidents: tuple[Incident, ...] = ()
    contested: dict[Identifier, Probability] = {}
    """Report -> probability that its contested attribution is right, where not the default."""
    priors: dict[str, PriorChange] = {}
    release: Release | None = Field(default=None, exclude_if=_is_none)
    """When a figure may be released by itself. Left out where it is not given: most hashes are older than it."""

    def dimension(self, name: str) -> Dimension:
        """The declared dimension; for victims and quantity, where not declared, the estimand's single level."""
        if name in self.dimensions:
            return self.dimensions[name]
        level = {"victims": self.estimand.victims, "quantity": self.estimand.quantity}[name]
        return Dimension(levels={level: level})


class Speakers(StrEnum):
    """Who speaks for a source."""

    ONE = "one"
    """One office: its figures are one tally, and a later figure stands for an earlier one."""
    SEVERAL = "several"
    """A circle of people: each figure is read with an error of its own, and none stands for another."""


class Lag(StrEnum):
    """Whether the counts of a recorder grow with the time since the deaths."""

    NONE = "none"
    """A report counts all that its source will ever document."""
    FITTED = "fitted"
    """A report counts the more of a day, the later it was published; how fast is estimated."""


class Source(_Record):
    """Whose counting process a report comes from."""

    source: Identifier
    name: Annotated[str, Field(min_length=1)]
    kind: Kind
    side: Identifier | None = None
    """The actor that a belligerent speaks for."""
    speakers: Speakers = Speakers.ONE
    lag: Lag = Lag.NONE
    prior_median: Annotated[float, Field(gt=0)] | None = None
    prior_scale: Annotated[float, Field(gt=0)] | None = None
    prior_reason: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Source:
        given = (self.prior_median is not None, self.prior_scale is not None, bool(self.prior_reason))
        if any(given) and not all(given):
            raise PydanticCustomError(
                "incomplete_prior", "a prior of one's own needs prior_median, prior_scale and prior_reason"
            )
        if self.kind is Kind.BELLIGERENT and self.side is None:
            raise PydanticCustomError("no_side", "a belligerent needs a side: the actor that it speaks for")
        if self.lag is Lag.FITTED and not self.verifies:
            raise PydanticCustomError("no_lag", "only a recorder with one speaker documents deaths with a lag")
        return self

    @property
    def verifies(self) -> bool:
        """Whether it counts deaths one by one, so that no fewer can have died."""
        return self.kind is Kind.RECORDER and self.speakers is Speakers.ONE


class Report(_Record):
    """One numeric claim: who counted what, where, when, and the quote it stands on."""

    report: Identifier
    source: Identifier
    relay: Identifier | None = None
    quote: str = ""
    document: str = ""
    published: date
    published_basis: str = ""
    quantity: Identifier
    victims: Identifier
    value: Count | None = None
    low: Count | None = None
    high: Count | None = None
    qualifier: Qualifier
    qualifier_printed: str = ""
    qualifier_reason: str = ""
    actors: tuple[Identifier, ...] = ()
    attribution: Attribution
    areas: tuple[Identifier, ...] = ()
    window_start: date
    window_end: date
    window_basis: str = ""
    window_uncertainty_days: Annotated[int, Field(ge=0, le=3660)] = 0
    incident: Identifier | None = None
    within: Identifier | None = None
    derived_from: tuple[Identifier, ...] = ()
    disputed_by: tuple[ListItem, ...] = ()
    used: bool
    reason: str = ""
    note: str = ""

    @property
    def window(self) -> Window:
        """The days that the report covers."""
        return Window(start=self.window_start, end=self.window_end)
