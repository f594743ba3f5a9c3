"""What a piece of HTML consists of, for tests that nothing hostile became a part of it."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = frozenset(
    "div p strong br bdi table caption thead tbody tr th td ul li small".split()
)  # fmt: skip
ATTRIBUTES = frozenset({"style", "scope"})
STYLES = frozenset(
    {
        "text-align:left;white-space:nowrap",
        "text-align:left;vertical-align:top;padding:0.1em 1em 0.1em 0",
        "text-align:right;vertical-align:top;padding:0.1em 1em 0.1em 0",
        "background:#b00020;color:#ffffff;padding:0.1em 0.4em",
    }
)


class Reader(HTMLParser):
    """Collect tags, attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.others: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


def read(html: str) -> Reader:
    """Read HTML that may consist of known tags and attributes only, each closed."""
    reader = Reader(html)
    assert set(reader.tags) <= TAGS
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    assert {value for name, value in reader.attributes if name == "style"} <= STYLES
    assert reader.others == []
    assert reader.open == []
    assert not any(letter in html for letter in "\0\r\x1b\u202e\u2066\u2028\ufeff\U000e0041")
    return reader
