"""What two vintages of one case differ in: reports, sources, and the case itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from undercount.data.problems import plain, shown
from undercount.data.schema import Case, Report, Source

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence

type Kind = Literal["new", "revised", "withdrawn"]


@dataclass(frozen=True)
class Change[Item: (Report, Source, Case)]:
    """One report, source or case that is not as it was."""

    name: str
    before: Item | None
    """None if it is new."""
    after: Item | None
    """None if it is gone."""
    fields: tuple[str, ...] = ()
    """Those that differ, in the order of the schema; none if it is new or gone."""

    @property
    def kind(self) -> Kind:
        """New, revised, or withdrawn: gone, or used no longer."""
        if self.before is None:
            return "new"
        if self.after is None or (getattr(self.before, "used", False) and not getattr(self.after, "used", False)):
            return "withdrawn"
        return "revised"

    @property
    def standing(self) -> Item:
        """The newer of what there is."""
        found = self.after if self.after is not None else self.before
        assert found is not None  # noqa: S101 - one of the two is there
        return found

    @property
    def reversed(self) -> Change[Item]:
        """The same, seen from the later vintage."""
        return Change(self.name, self.after, self.before, self.fields)

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Plain values before and after, by field."""
        old, new = _content(self.before), _content(self.after)
        return {name: (old.get(name), new.get(name)) for name in self.fields}


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two vintages, each part sorted by identifier."""

    reports: tuple[Change[Report], ...] = ()
    sources: tuple[Change[Source], ...] = ()
    case: Change[Case] | None = None

    @property
    def new(self) -> tuple[Change[Report], ...]:
        """Reports that were not there before."""
        return self._of("new")

    @property
    def revised(self) -> tuple[Change[Report], ...]:
        """Reports that say something else, or say it otherwise."""
        return self._of("revised")

    @property
    def withdrawn(self) -> tuple[Change[Report], ...]:
        """Reports that are gone, or used no longer."""
        return self._of("withdrawn")

    def _of(self, kind: Kind) -> tuple[Change[Report], ...]:
        return tuple(change for change in self.reports if change.kind == kind)

    @property
    def is_empty(self) -> bool:
        """Whether both vintages are the same evidence, to the hash."""
        return not self.reports and not self.sources and self.case is None

    @cached_property
    def report(self) -> Mapping[str, Change[Report]]:
        """Changed reports by identifier."""
        return {change.name: change for change in self.reports}

    @property
    def reversed(self) -> Changes:
        """The way back."""
        return Changes(
            tuple(change.reversed for change in self.reports),
            tuple(change.reversed for change in self.sources),
            None if self.case is None else self.case.reversed,
        )

    def rows(self) -> list[dict[str, Any]]:
        """One plain row for each change, ready for JSON: what, name, change, source, fields."""
        return [_row("report", change, change.standing.source) for change in self.reports] + [
            _row(what, change)
            for what, found in (("source", self.sources), ("case", (self.case,)))
            for change in found
            if change is not None
        ]

    def words(self) -> tuple[str, ...]:
        """One sentence for each change; nothing in it steers a terminal."""
        return tuple(_sentences(self))

    def __str__(self) -> str:
        return "\n".join(self.words()) or "nothing changed"


def changes(before: Evidence, after: Evidence) -> Changes:
    """Compare two vintages of one case.

    Parameters
    ----------
    before, after : Evidence

    Returns
    -------
    Changes
        Empty if and only if both have the same hash. The changes of the way back are these, reversed.

    Examples
    --------
    >>> from undercount.data import load_case
    >>> evidence = load_case("mosul-2017")
    >>> found = changes(evidence.as_of("2017-06-02"), evidence.as_of("2017-07-13"))
    >>> [change.name for change in found.new if change.after.used]
    ['S001-03']
    >>> changes(evidence, evidence).is_empty
    True
    """
    case = tuple(_compared([before.case], [after.case], lambda _: after.case.case))
    return Changes(
        reports=tuple(_compared(before.reports, after.reports, lambda report: report.report)),
        sources=tuple(_compared(before.sources, after.sources, lambda source: source.source)),
        case=case[0] if case else None,
    )


def _compared[Item: (Report, Source, Case)](
    before: Iterable[Item], after: Iterable[Item], name: Callable[[Item], str]
) -> Iterator[Change[Item]]:
    old: dict[str, Item] = {name(item): item for item in before}
    new: dict[str, Item] = {name(item): item for item in after}
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        if one is None or other is None:
            yield Change(key, one, other)
        elif one.model_dump_json() != other.model_dump_json():
            yield Change(key, one, other, _fields(one, other))


def _fields(one: Any, other: Any) -> tuple[str, ...]:
    old, new = _content(one), _content(other)
    return tuple(name for name in type(one).model_fields if json.dumps(old.get(name)) != json.dumps(new.get(name)))


def _content(record: Any) -> dict[str, Any]:
    content: dict[str, Any] = {} if record is None else record.model_dump(mode="json")
    return content


def _row(what: str, change: Change[Any], source: str | None = None) -> dict[str, Any]:
    fields = {name: {"before": old, "after": new} for name, (old, new) in change.differences().items()}
    return {"what": what, "name": change.name, "change": change.kind, "source": source, "fields": fields}


def _sentences(found: Changes) -> Iterator[str]:
    for change in found.reports:
        name = f"report {plain(change.name)} of {plain(change.standing.source)}"
        if change.fields:
            yield f"{change.kind} {name}: {_told(change)}"
        else:
            yield f"{_came(change)} {name}: {in_words(change.standing)}"
    for source in found.sources:
        name = f"source {plain(source.name)}"
        yield f"revised {name}: {_told(source)}" if source.fields else f"{_came(source)} {name}"
    if found.case is not None:
        yield f"the case says something else: {_told(found.case)}"


def _came(change: Change[Any]) -> str:
    return "gone" if change.after is None else "new"


def _told(change: Change[Any]) -> str:
    return "; ".join(f"{name} was {_short(old)}, is {_short(new)}" for name, (old, new) in change.differences().items())


def _short(value: Any) -> str:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict | list):
        return shown(json.dumps(value, ensure_ascii=True))
    return "nothing" if value is None else json.dumps(value)


def in_words(report: Report) -> str:
    """Say in a few words what a report claims.

    Examples
    --------
    >>> from undercount.data import load_case
    >>> report = next(r for r in load_case("mosul-2017").reports if r.report == "S003-02")
    >>> in_words(report)
    'exact 531 civilians killed, 2017-03-13 to 2017-03-27, published 2017-03-28'
    """
    figure = f"{report.value:,}" if report.value is not None else f"{_end(report.low)} to {_end(report.high)}"
    words = f"{report.qualifier.replace('_', ' ')} {figure} {plain(report.victims)} {plain(report.quantity)}"
    used = "" if report.used else ", not used"
    return f"{words}, {report.window_start} to {report.window_end}, published {report.published}{used}"


def _end(count: int | None) -> str:
    return "any number" if count is None else f"{count:,}"
