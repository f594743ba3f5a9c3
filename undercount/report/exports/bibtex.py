"""References as BibTeX: the documents that the evidence stands on, and the software."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import metadata
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlsplit

from undercount.report.charts.page import BANNER
from undercount.report.text import count, listed, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from undercount.data.schema import Report
    from undercount.estimators import Estimate

LATEX: Final = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
})  # fmt: skip
"""BibTeX counts braces whether or not a backslash stands before them, so that they need names of their own."""
_LONGEST: Final = 1000
_IN_URLS: Final = "/:?&=#+,;@!*'()[]~$%"
_MOST_NAMED: Final = 40


class _Document(NamedTuple):
    """Where reports are found: one text, of one publisher and day."""

    text: str
    publisher: str
    published: date


def bibtex(estimate: Estimate) -> str:
    """Write the references of an estimate.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str
        One entry for each document, publisher and day, sorted by day, with the reports that it holds; those of matched
        lists; and the software, with the hash of the evidence. UTF-8: biber, or a BibTeX that reads it.
    """
    documents: dict[_Document, list[Report]] = {}
    for report in estimate.evidence.reports:
        where = _Document(report.document, report.relay or report.source, report.published)
        documents.setdefault(where, []).append(report)
    ordered = sorted(documents, key=lambda one: (one.published, one.publisher, one.text))
    names = {source.source: source.name for source in estimate.evidence.sources}
    entries = [_document(one, documents[one], names) for one in ordered]
    return "\n".join([*entries, *_lists(estimate), _software(estimate)])


def _document(where: _Document, reports: list[Report], names: Mapping[str, str]) -> str:
    counted = listed([visible(names[name]) for name in dict.fromkeys(report.source for report in reports)])
    url = _url(where.text)
    fields = {
        "author": f"{{{latex(names[where.publisher])}}}",
        "title": latex(f"Figures of {counted}, published on {where.published}"),
        "date": where.published.isoformat(),
        "year": f"{where.published.year:04}",
        "month": f"{where.published.month}",
        **({"url": url} if url else {"howpublished": latex(where.text)} if where.text else {}),
        "note": latex(_note(reports)),
    }
    return _entry("online" if url else "misc", _key(where), fields)


def _note(reports: list[Report]) -> str:
    shown = ", ".join(visible(report.report) for report in reports[:_MOST_NAMED])
    more = f" and {count(len(reports) - _MOST_NAMED)} more" if len(reports) > _MOST_NAMED else ""
    used = sum(report.used for report in reports)
    return f"Reports {shown}{more}; {count(used)} of {count(len(reports))} used"


def _lists(estimate: Estimate) -> Iterator[str]:
    if estimate.lists is not None:
        lists = estimate.lists.lists
        fields = {"title": latex(lists.title), "howpublished": latex(lists.source or "not said"),
                  "note": f"Matched lists, sha256 {lists.sha256}"}  # fmt: skip
        yield _entry("misc", f"victims-{lists.sha256[:8]}", fields)


def _software(estimate: Estimate) -> str:
    told = metadata("undercount")
    mark = "" if estimate.check().passed else f"{BANNER}. "
    version = estimate.versions.get("undercount", told["Version"])
    summary = told["Summary"].partition(":")[0]
    title = f"undercount: {summary[:1].lower()}{summary[1:]}"
    note = f"{mark}Evidence sha256 {estimate.sha256}, seed {estimate.seed}; licence {told['License-Expression']}"
    fields = {
        "author": f"{{{latex(told['Author'])}}}",
        "title": f"{{{latex(title)}}}",
        "version": latex(version),
        "note": latex(note),
    }
    return _entry("misc", f"undercount-{re.sub('[^0-9.]', '', version)}", fields)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}}}\n"


def _key(where: _Document) -> str:
    """A key that says who and when; the hash tells apart what would have the same."""
    slug = re.sub("[^a-z0-9]+", "-", where.publisher.lower()).strip("-")[:24] or "source"
    digest = hashlib.sha256(f"{where.text}\0{where.publisher}".encode()).hexdigest()
    return f"{slug}-{where.published}-{digest[:8]}"


def _url(text: str) -> str:
    """The address of a document on the web, with nothing in it that BibTeX or LaTeX reads; empty for any other text."""
    try:
        parts = urlsplit(text.strip())
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return quote(text.strip(), safe=_IN_URLS) if text.isprintable() and " " not in text.strip() else ""


def latex(text: str) -> str:
    r"""Write a text so that LaTeX prints it and runs nothing.

    Letters of any script stay as they are.

    Examples
    --------
    >>> print(latex(r"50 % of \input{x} & {y}"))
    50 \% of \textbackslash{}input\textbraceleft{}x\textbraceright{} \& \textbraceleft{}y\textbraceright{}
    """
    return visible(text, _LONGEST).translate(LATEX)
