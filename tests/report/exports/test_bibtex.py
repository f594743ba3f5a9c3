"""BibTeX: parsed back, every document named once, and no text of the evidence that LaTeX runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from tests.builders import make_evidence, make_report
from tests.report.hostile import EVERY, KINDS, TEXTS
from tests.report.synthetic import make_estimate
from undercount.report.exports.bibtex import LATEX, bibtex, latex
from undercount.report.text import visible

if TYPE_CHECKING:
    from pybtex.database import BibliographyData

    from undercount.estimators import Estimate

ROOT = Path(__file__).parents[3]
COMMANDS = {text for text in LATEX.values() if text.endswith("{}")}


def read(text: str) -> BibliographyData:
    """Parse; a key that stands twice, or an entry that is not closed, is an error."""
    return parse_string(text, "bibtex")


def plain(text: str) -> str:
    """What LaTeX prints of an escaped text."""
    for letter, written in LATEX.items():
        if written.endswith("{}"):
            text = text.replace(written, chr(letter))
    return re.sub(r"\\([$&#%_])", r"\1", text)


def test_one_entry_for_each_document_and_one_for_the_software(estimate: Estimate) -> None:
    entries = read(bibtex(estimate)).entries
    documents = {report.document for report in estimate.evidence.reports}
    assert len(entries) == len(documents) + 1
    found = {plain(entry.fields["howpublished"]) for entry in entries.values() if "howpublished" in entry.fields}
    assert found == documents
    names = [plain(str(entry.persons["author"][0])).strip("{}") for entry in entries.values()]
    assert {"Associated Press", "Al Jazeera English", "The undercount authors"} <= set(names)
    assert all(re.fullmatch(r"[a-z0-9.-]+", key) for key in entries)


def test_every_report_is_named_in_one_note(estimate: Estimate) -> None:
    notes = " ".join(plain(entry.fields["note"]) for entry in read(bibtex(estimate)).entries.values())
    assert all(len(re.findall(rf"\b{report.report}\b", notes)) == 1 for report in estimate.evidence.reports)


def test_a_web_address_is_a_link_and_nothing_else_is() -> None:
    texts = ("https://example.org/r1", "javascript:alert(1)", "data:text/html,x", "file:///x", "https://", "http://[x")
    reports = [make_report(report=f"r{number}", document=text) for number, text in enumerate(texts)]
    entries = read(bibtex(make_estimate(make_evidence(reports)))).entries.values()
    assert [entry.fields["url"] for entry in entries if "url" in entry.fields] == ["https://example.org/r1"]
    assert [entry.type for entry in entries].count("online") == 1
    assert {plain(entry.fields.get("howpublished", "")) for entry in entries} >= set(texts[1:])


def test_hostile_texts_are_printed_and_run_nothing(attacked: Estimate) -> None:
    text = bibtex(attacked)
    entries = read(text).entries
    assert not re.search("[\0\r\x1b\u202e\u2066\u2028\ufeff\U000e0041]", text)
    values = [value for entry in entries.values() for name, value in entry.fields.items() if name != "url"]
    for value in values:
        assert set(re.findall(r"\\[A-Za-z]+(?:\{\})?", value)) <= COMMANDS
        assert not re.search(r"(?<!\\)[$&#%_^~]", value)
    printed = {plain(value) for value in values}
    urls = {entry.fields["url"] for entry in entries.values() if "url" in entry.fields}
    assert not any(re.search(r"[{}\\<>\"]", url) for url in urls)
    missing = [
        text for text in TEXTS.values() if visible(text, 1000) not in printed and "evil.example" not in text[:25]
    ]
    assert missing == []


@pytest.mark.parametrize("text", EVERY, ids=KINDS)
def test_braces_are_balanced_whatever_the_text(text: str) -> None:
    written = latex(text)
    assert written.count("{") == written.count("}")
    assert plain(written) == visible(text, 1000)


@given(st.text(alphabet=st.sampled_from("ab{}\\$&#%_^~@\"'= é،"), max_size=40))
@settings(max_examples=50)
def test_any_text_survives_a_parser(text: str) -> None:
    entry = read(f"@misc{{key,\n  note = {{x{latex(text)}x}},\n}}\n").entries["key"]
    assert plain(entry.fields["note"]) == f"x{visible(text, 1000)}x"


def test_failed_gates_are_said(failed: Estimate) -> None:
    entries = read(bibtex(failed)).entries
    software = entries["undercount-0.1.0"].fields["note"]
    assert software.startswith("GATES FAILED: do not quote. Evidence sha256 ")


def test_matched_lists_are_cited(matched: Estimate) -> None:
    (entry,) = [one for key, one in read(bibtex(matched)).entries.items() if key.startswith("victims-")]
    assert (entry.fields["title"], entry.fields["howpublished"]) == ("matched", "a place")


@pytest.mark.checkout
def test_the_software_is_cited_as_its_citation_file_says(estimate: Estimate) -> None:
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    entry = read(bibtex(estimate)).entries[f"undercount-{said['version']}"]
    assert entry.fields["title"] == f"{{{said['title']}}}"
    assert said["authors"][0]["name"] in str(entry.persons["author"][0])
    assert said["license"] in entry.fields["note"]
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == said["version"]
