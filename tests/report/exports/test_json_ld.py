"""JSON-LD: from the toll to the documents, asked in SPARQL, and nothing hostile in it becomes a link."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import PROV, RDF

from tests.report.hostile import TEXTS
from undercount.report.exports.json_ld import json_ld

if TYPE_CHECKING:
    from undercount.estimators import Estimate

# rdflib's own reader of JSON-LD still makes a graph of the kind that it advises against.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
PREFIXES = """
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <https://schema.org/>
PREFIX uc: <urn:undercount:terms:>
"""


def graph_of(estimate: Estimate) -> Graph:
    return Graph().parse(data=json_ld(estimate), format="json-ld")


@pytest.fixture(scope="module")
def graph(extended: Estimate) -> Graph:
    return graph_of(extended)


def ask(graph: Graph, query: str) -> list[tuple[object, ...]]:
    rows: Any = graph.query(PREFIXES + query)
    return [tuple(None if cell is None else cell.toPython() for cell in row) for row in rows]


def test_from_the_toll_to_the_documents(graph: Graph, extended: Estimate) -> None:
    found = ask(graph, """
        SELECT DISTINCT ?report ?document ?source WHERE {
            ?toll uc:identifier "toll" ; prov:wasDerivedFrom ?estimate .
            ?estimate prov:wasGeneratedBy ?run .
            ?run prov:used ?used .
            ?used prov:wasQuotedFrom/schema:name ?document ; prov:wasAttributedTo/schema:name ?source ;
                uc:identifier ?report .
        }""")  # fmt: skip
    names = {source.source: source.name for source in extended.evidence.sources}
    reports = {report.report: report for report in extended.evidence.reports}
    informing = [reports[row["report"]] for row in extended.rows.reports()]
    assert set(found) == {(one.report, one.document, names[one.source]) for one in informing}


def test_figures_are_those_of_the_estimate(graph: Graph, extended: Estimate) -> None:
    query = """SELECT ?name ?value ?low ?high WHERE {
        ?f uc:identifier ?name ; schema:value ?value ; schema:minValue ?low ; schema:maxValue ?high }"""
    toll, missed = extended.toll(), extended.undercount()
    expected = {("toll", toll.median, *toll.interval), ("undercount", missed.median, *missed.interval)}
    for key in ("actor", "area"):
        rows = extended.rows.toll(key)
        expected |= {(f"{key}={row[key]}", row["median"], row["lower"], row["upper"]) for row in rows}
    assert set(ask(graph, query)) == expected
    assert ask(graph, 'SELECT ?v WHERE { ?f uc:identifier "documented" ; schema:value ?v }') == [
        (extended.documented(),)
    ]


def test_every_report_is_a_member_with_the_hash_of_its_quote(graph: Graph, extended: Estimate) -> None:
    query = """SELECT ?report ?hash ?sha256 WHERE {
        ?evidence prov:hadMember ?one ; uc:sha256 ?sha256 . ?one uc:identifier ?report ; uc:quoteSha256 ?hash }"""
    quoted = [report for report in extended.evidence.reports if report.quote]
    hashes = {(one.report, hashlib.sha256(one.quote.encode()).hexdigest(), extended.sha256) for one in quoted}
    assert set(ask(graph, query)) == hashes


def test_what_was_derived_from_what(matched: Estimate) -> None:
    query = """SELECT ?copy ?origin WHERE {
        ?a uc:identifier ?copy ; prov:wasDerivedFrom ?b . ?b uc:identifier ?origin ; prov:wasAttributedTo ?s }"""
    assert ask(graph_of(matched), query) == [("un-copy", "un-jan")]


def test_who_made_it(graph: Graph, extended: Estimate) -> None:
    query = """SELECT ?name ?version WHERE { ?run prov:wasAssociatedWith ?a .
        ?a a prov:SoftwareAgent ; schema:name ?name ; schema:softwareVersion ?version }"""
    assert set(ask(graph, query)) == set(extended.versions.items())
    plans = "SELECT ?text ?seed WHERE { ?run uc:seed ?seed ; prov:qualifiedAssociation/prov:hadPlan/schema:text ?text }"
    ((text, seed),) = ask(graph, plans)
    assert seed == extended.seed
    assert json.loads(str(text)) == dict(extended.configuration)


def test_everything_is_named_by_a_hash_and_described(graph: Graph) -> None:
    kinds = {PROV.Entity, PROV.Activity, PROV.Agent, PROV.SoftwareAgent, PROV.Association}
    typed = {one for kind in kinds for one in graph.subjects(RDF.type, kind)}
    named = {one for one in graph.all_nodes() if isinstance(one, URIRef) and str(one).startswith("urn:")}
    assert named <= typed
    assert all(re.fullmatch(r"urn:undercount:[a-z]+:[0-9a-f]{64}", name) for name in named)


def test_texts_are_texts(attacked: Estimate) -> None:
    text = json_ld(attacked)
    assert not re.search("[<>&\0\r\x1b\u202e\u2066\u2028\ufeff\U000e0041]", text)
    graph = graph_of(attacked)
    literals = {str(one) for one in graph.objects() if isinstance(one, Literal)}
    assert {quote for quote in TEXTS.values() if quote not in literals} == set()
    links = {str(one) for one in graph.all_nodes() | set(graph.predicates()) if isinstance(one, URIRef)}
    homes = ("urn:undercount:", "http://www.w3.org/", "https://schema.org/")
    assert [link for link in links if not link.startswith(homes)] == []


def test_the_context_is_in_the_file(attacked: Estimate) -> None:
    content = json.loads(json_ld(attacked))
    assert isinstance(content["@context"], dict)
    assert "@import" not in content["@context"]


def test_the_same_estimate_gives_the_same_text(extended: Estimate) -> None:
    assert json_ld(extended) == json_ld(extended)


def test_failed_gates_are_said(failed: Estimate, graph: Graph) -> None:
    query = (
        "SELECT ?passed ?gates ?words WHERE { ?e uc:gatesPassed ?passed ; uc:gates ?gates ; schema:description ?words }"
    )
    ((passed, gates, words),) = ask(graph_of(failed), query)
    assert passed is False
    assert str(gates).startswith("GATES FAILED: do not quote")
    assert str(words).startswith("GATES FAILED: do not quote")
    assert ask(graph, query)[0][0] is True


def test_counts_of_matched_lists_stay_out(matched: Estimate) -> None:
    text = json_ld(matched)
    assert "811" not in re.sub("[0-9a-f]{64}", "", text)
    lists = ask(
        graph_of(matched),
        "SELECT ?names WHERE { ?run prov:used ?l . ?l schema:name 'matched' ; schema:description ?names }",
    )
    assert lists == [("ngo; un",)]
