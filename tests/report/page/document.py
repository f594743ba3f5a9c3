"""A report read as a machine reads it: marked figures, days, names, and whatever else has digits."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"meta", "br", "use", "path", "rect", "line", "circle"})
QUIET: Final = frozenset({"data", "time", "bdi", "code", "blockquote", "math", "svg", "style", "title", "h1"})
"""Elements whose digits are a marked figure, a day, or the evidence's own words."""


@dataclass
class Mark:
    """One marked figure."""

    attributes: dict[str, str]
    text: str = ""


@dataclass
class Document(HTMLParser):
    """Read a report.

    Attributes
    ----------
    marks : list of Mark
        Every `data` element.
    loose : list of str
        Texts outside the elements of `QUIET`.
    """

    html: str
    marks: list[Mark] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        self.ids += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self.open.append(tag)
        if tag == "data":
            self.marks.append(Mark(found))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "data":
            self.marks[-1].text += data
        elif QUIET.isdisjoint(self.open):
            self.loose.append(data)
