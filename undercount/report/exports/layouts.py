"""What the tables of an export hold: every column with its kind, unit and meaning, in one place."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from undercount.data.schema import REPORT_COLUMNS, SOURCE_COLUMNS

type Kind = Literal["text", "day", "whole", "number", "flag"]


class Column(NamedTuple):
    """One column of a table."""

    name: str
    kind: Kind
    """What its cells hold: a text, a day, a whole number, a number, or yes and no."""
    unit: str
    meaning: str


class Layout(NamedTuple):
    """Columns of a table, and what its rows are."""

    name: str
    """Of the table: of its file without the suffix, or of its sheet."""
    about: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


PERSONS: Final = "persons"
RATIO: Final = "ratio"
DAYS: Final = "days"
PROBABILITY: Final = "probability"

PASSED: Final = Column("gates_passed", "flag", "", "no: a gate failed, and the figures must not be quoted")
OF_DRAW: Final = (
    Column("chain", "whole", "", "number of the chain, from 0"),
    Column("draw", "whole", "", "number of the draw in its chain, from 0"),
)
INTERVAL: Final = (
    Column("ci_prob", "number", PROBABILITY, "of the interval"),
    Column("ci_kind", "text", "", "of the interval: eti is equal-tailed"),
)


def spread(unit: str, what: str) -> tuple[Column, ...]:
    """Columns of `Quantity.describe`: median, mean, sd and the interval."""
    return (
        Column("median", "number", unit, f"median {what}"),
        Column("mean", "number", unit, "mean"),
        Column("sd", "number", unit, "standard deviation"),
        Column("lower", "number", unit, "lower end of the interval"),
        Column("upper", "number", unit, "upper end of the interval"),
        *INTERVAL,
    )


def before_and_after(unit: str) -> tuple[Column, ...]:
    """Columns of a parameter: prior beside posterior."""
    ends = (("median", "median"), ("lower", "lower end of the interval"), ("upper", "upper end of the interval"))
    return (
        *(Column(f"prior_{name}", "number", unit, f"{words} of the prior") for name, words in ends),
        *(Column(name, "number", unit, f"{words} of the posterior") for name, words in ends),
        Column("contraction", "number", "share", "share of the prior's width on the log scale that the data removed"),
        *INTERVAL,
    )


FINDING: Final = Layout(
    "finding",
    "The toll, what was documented of it, and the difference.",
    (
        Column("measure", "text", "", "toll; documented (most that one recorder, or the matched lists, counted inside "
               "the scope); undercount (toll less documented)"),
        *spread(PERSONS, "of the measure"),
        PASSED,
    ),
)  # fmt: skip
TOLL: Final = Layout(
    "toll",
    "The toll of the scope, as a whole and by one key at a time.",
    (
        Column("by", "text", "", "total, actor, area, week or month"),
        Column("level", "text", "", "the actor or area, or the first day of the week or month; empty for the total"),
        Column("name", "text", "", "of the actor or area; of the total the estimand in words"),
        Column("window_start", "day", "", "first day of the deaths"),
        Column("window_end", "day", "", "last day of the deaths, inclusive"),
        *spread(PERSONS, "of the toll"),
        PASSED,
    ),
)
TIMELINE: Final = Layout(
    "timeline",
    "The toll of each week of the whole timeline, which may be longer than the window of the scope.",
    (
        Column("week", "day", "", "first day of the week, or of the timeline"),
        Column("week_end", "day", "", "last day of the week, or of the timeline, inclusive"),
        *spread(PERSONS, "of the toll of the week"),
        *(
            Column(f"{side}_{prob}", "number", PERSONS, f"{side} end of the equal-tailed {prob} % interval")
            for prob in (50, 80, 95)
            for side in ("lower", "upper")
        ),
        PASSED,
    ),
)
RATES: Final = Layout(
    "reporting_rates",
    "Expected reported count of each source, divided by the toll: prior beside posterior.",
    (
        Column("stream", "text", "", "the source, with victims and quantity where it reports several kinds"),
        Column("source", "text", "", "identifier of the source"),
        Column("name", "text", "", "its name"),
        Column("kind", "text", "", "recorder, claimant or belligerent"),
        Column("victims", "text", "", "class of the victims"),
        Column("quantity", "text", "", "what is counted"),
        Column("reports", "whole", "reports", "how many of its reports are in the likelihood"),
        *before_and_after(RATIO),
        PASSED,
    ),
)
LAGS: Final = Layout(
    "lags",
    "Days until a source with a lag has documented 63 in 100 of what it ever will of a day, where there is one.",
    (Column("source", "text", "", "identifier of the source, or named incidents"), *before_and_after(DAYS), PASSED),
)
REPORTS: Final = Layout(
    "reports",
    "Every report, whether it is in the likelihood, and what the model would expect its source to report.",
    (
        Column("report", "text", "", "identifier of the report"),
        Column("source", "text", "", "identifier of its source"),
        Column("source_name", "text", "", "name of its source"),
        Column("published", "day", "", "day of publication"),
        Column("window_start", "day", "", "first day that it covers"),
        Column("window_end", "day", "", "last day that it covers, inclusive"),
        Column("used", "flag", "", "whether the evidence asks for its use"),
        Column("in_likelihood", "flag", "", "whether it informs the estimate"),
        Column("why_not", "text", "", "why it does not; empty where it does"),
        Column("low", "number", PERSONS, "least count that it allows"),
        Column("high", "number", PERSONS, "largest count that it allows; empty in the likelihood: no limit"),
        Column("predicted_median", "number", PERSONS, "median of the count that the model expects of its source"),
        Column("predicted_lower", "number", PERSONS, "lower end of the equal-tailed 95 % interval of that count"),
        Column("predicted_upper", "number", PERSONS, "upper end of that interval"),
        Column("tail", "number", PROBABILITY, "posterior predictive probability of a count as extreme"),
        PASSED,
    ),
)
GATES: Final = Layout(
    "gates",
    "Checks of the computation that the estimate must pass before its figures count.",
    (
        Column("name", "text", "", "of the gate"),
        Column("value", "number", "", "its figure; empty where it is not finite"),
        Column("limit", "text", "", "what the figure must keep to"),
        Column("passed", "flag", "", "whether it does"),
    ),
)
DRAWS: Final = Layout(
    "draws",
    "Draws of the toll from its posterior, as a whole and by one key; chain and draw say which belong together.",
    (
        *OF_DRAW,
        Column("by", "text", "", "total, actor or area"),
        Column("level", "text", "", "the actor or area; empty for the total"),
        Column("deaths", "whole", PERSONS, "killed in the scope"),
        PASSED,
    ),
)

_GIVEN: Final = {
    "report": "identifier of the report",
    "source": "identifier of the source whose counting process it comes from",
    "relay": "identifier of the source that passed it on",
    "quote": "the words that it stands on",
    "document": "where these words are found",
    "published": "day of publication",
    "published_basis": "how that day is known",
    "quantity": "what was counted",
    "victims": "class of the victims",
    "value": "the figure",
    "low": "lower end, where a range is given",
    "high": "upper end, where a range is given",
    "qualifier": "how the figure bounds the count",
    "qualifier_printed": "the qualifier as it was printed",
    "qualifier_reason": "why the two differ",
    "actors": "who killed, as the report says it; several are separated by ;",
    "attribution": "stated, contested or unattributed",
    "areas": "where; several are separated by ;",
    "window_start": "first day that the report covers",
    "window_end": "last day that it covers, inclusive",
    "window_basis": "how the window is known",
    "window_uncertainty_days": "by how much the window may be off",
    "incident": "the single event that it is about, where it is about one",
    "within": "the report that contains this one",
    "derived_from": "reports that this one was made from",
    "disputed_by": "who disputes it",
    "used": "whether it is to be used",
    "reason": "why it is used so, or not",
    "note": "anything else",
}
_KINDS: Final[dict[str, Kind]] = {
    "published": "day", "window_start": "day", "window_end": "day", "value": "whole", "low": "whole", "high": "whole",
    "window_uncertainty_days": "whole", "used": "flag", "prior_median": "number", "prior_scale": "number",
}  # fmt: skip
_UNITS: Final = {
    "value": PERSONS, "low": PERSONS, "high": PERSONS, "window_uncertainty_days": DAYS, "prior_median": RATIO,
    "prior_scale": "log of the ratio",
}  # fmt: skip
_OF_SOURCES: Final = {
    "source": "identifier of the source",
    "name": "its name in full",
    "kind": "recorder, claimant, belligerent or relay",
    "side": "the actor that a belligerent speaks for",
    "speakers": "one, or several: a circle of people",
    "lag": "none, or fitted: it documents with a delay",
    "prior_median": "median of the prior of its reporting rate, where not the default of its kind",
    "prior_scale": "scale of that prior",
    "prior_reason": "why it is not the default",
    "note": "anything else",
}


def _given(names: tuple[str, ...], meanings: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, _KINDS.get(name, "text"), _UNITS.get(name, ""), meanings[name]) for name in names)


EVIDENCE: Final = Layout(
    "evidence", "The reports as they were given, used or not.", _given(REPORT_COLUMNS, _GIVEN)
)  # fmt: skip
SOURCES: Final = Layout("sources", "The sources as they were given.", _given(SOURCE_COLUMNS, _OF_SOURCES))
ABOUT: Final = Layout(
    "about",
    "What the figures are, what they stand on, and whether they may be quoted.",
    (Column("what", "text", "", "what is said"), Column("value", "text", "", "what it is")),
)
DICTIONARY: Final = Layout(
    "columns",
    "Every column of every table: its kind, unit and meaning.",
    (
        Column("table", "text", "", "name of the table"),
        Column("column", "text", "", "name of the column"),
        Column("kind", "text", "", "text, day (YYYY-MM-DD), whole (number), number, or flag (yes or no)"),
        Column("unit", "text", "", "of its figures"),
        Column("meaning", "text", "", "of its cells"),
    ),
)
