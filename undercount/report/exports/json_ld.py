"""Provenance as JSON-LD: from the figures over the run to the reports, their quotes and their documents (W3C PROV-O).

Everything is named by a hash of what it is, no context is fetched, and no text of the evidence becomes a link.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from undercount.estimators.quantity import Quantity
from undercount.estimators.store import draws_sha256, text_sha256
from undercount.report.charts.page import BANNER
from undercount.report.exports.about import configuration_text, verdict
from undercount.report.exports.tables import documented
from undercount.report.summary import finite
from undercount.report.text import interval_name

if TYPE_CHECKING:
    from undercount.data.schema import Report, Source
    from undercount.estimators import Estimate

type Node = Mapping[str, Any]

_OWN: Final = (
    "identifier", "kind", "sha256", "seed", "gates", "gatesPassed", "inLikelihood", "whyNot", "qualifier", "value",
    "low", "high", "quoteSha256", "disputedBy", "asOf",
)  # fmt: skip
"""What neither PROV nor schema.org has a word for."""
TERMS: Final = "urn:undercount:terms:"
CONTEXT: Final = {
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "uc": TERMS,
    "wasGeneratedBy": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
    "wasDerivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "wasQuotedFrom": {"@id": "prov:wasQuotedFrom", "@type": "@id"},
    "wasAttributedTo": {"@id": "prov:wasAttributedTo", "@type": "@id"},
    "wasAssociatedWith": {"@id": "prov:wasAssociatedWith", "@type": "@id"},
    "used": {"@id": "prov:used", "@type": "@id"},
    "hadMember": {"@id": "prov:hadMember", "@type": "@id"},
    "relayedBy": {"@id": "uc:relayedBy", "@type": "@id"},
    "figure": {"@id": "schema:variableMeasured", "@type": "@id"},
    "name": "schema:name",
    "description": "schema:description",
    "text": "schema:text",
    "published": {"@id": "schema:datePublished", "@type": "xsd:date"},
    "windowStart": {"@id": "uc:windowStart", "@type": "xsd:date"},
    "windowEnd": {"@id": "uc:windowEnd", "@type": "xsd:date"},
    "number": {"@id": "schema:value", "@type": "xsd:double"},
    "lower": {"@id": "schema:minValue", "@type": "xsd:double"},
    "upper": {"@id": "schema:maxValue", "@type": "xsd:double"},
    "unit": "schema:unitText",
    "interval": "schema:measurementTechnique",
    "version": "schema:softwareVersion",
    **{name: f"uc:{name}" for name in _OWN},
}  # fmt: skip
_CODED: Final = re.compile(r"[<>&]|[^\x20-\x7e\n]")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def json_ld(estimate: Estimate) -> str:
    """Write the provenance of an estimate, with a line feed at its end.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str
        JSON-LD 1.1 with its own context. What could end a script or hide in an editor stands as a code; a reader of
        JSON sees the texts as they are.
    """
    content = {"@context": CONTEXT, "@graph": [*_nodes(estimate)]}
    text = json.dumps(finite(content), ensure_ascii=False, allow_nan=False, indent=1)
    return _CODED.sub(_coded, text) + "\n"


def _coded(found: re.Match[str]) -> str:
    letter = found[0]
    if letter.isascii():
        return f"\\u{ord(letter):04x}"
    return json.dumps(letter)[1:-1] if unicodedata.category(letter) in _HIDDEN else letter


def _nodes(estimate: Estimate) -> Iterator[Node]:
    evidence = estimate.evidence
    sources = {source.source: _urn("source", source.model_dump(mode="json")) for source in evidence.sources}
    reports = {report.report: _urn("report", report.model_dump(mode="json")) for report in evidence.reports}
    names = _names(estimate)
    figures = [*_figures(estimate, names)]
    yield from figures
    yield _estimate(estimate, names, figures)
    yield _run(estimate, names, reports)
    yield _plan(estimate, names)
    yield {
        "@id": names["evidence"], "@type": ["prov:Entity", "prov:Collection"], "name": evidence.case.title,
        "identifier": evidence.case.case, "sha256": evidence.sha256, "hadMember": [*reports.values()],
    }  # fmt: skip
    yield from _lists(estimate, names)
    in_likelihood = {row["report"] for row in estimate.rows.reports()}
    for report in evidence.reports:
        told: dict[str, Any] = {"inLikelihood": report.report in in_likelihood}
        if report.report not in in_likelihood:
            told["whyNot"] = estimate.dropped.get(report.report) or report.reason
        yield {**_report(report, sources, reports), **told}
    yield from (_source(source, sources[source.source]) for source in evidence.sources)
    yield from ({"@id": _document(text), "@type": "prov:Entity", "name": text} for text in _documents(estimate))
    yield from (_software(name, version) for name, version in estimate.versions.items())


def _names(estimate: Estimate) -> dict[str, str]:
    """What the estimate, and what it was made of and by, are called."""
    made_of = {
        "evidence": estimate.sha256,
        "configuration": json.loads(configuration_text(estimate)),
        "seed": estimate.seed,
        "versions": dict(estimate.versions),
    }
    result = {"draws": draws_sha256(estimate.draws), "scope": estimate.scope.model_dump(mode="json")}
    return {
        "evidence": f"urn:undercount:evidence:{estimate.sha256}",
        "configuration": _urn("configuration", made_of["configuration"]),
        "run": _urn("run", made_of),
        "estimate": _urn("estimate", made_of | result),
        **({} if estimate.lists is None else {"lists": f"urn:undercount:lists:{estimate.lists.lists.sha256}"}),
    }


def _figures(estimate: Estimate, names: Mapping[str, str]) -> Iterator[Node]:
    yield _figure(names, "toll", estimate.estimand, estimate.toll())
    if (found := documented(estimate)) is not None:
        yield {**_named(names, "documented", "documented by one recorder, or on the matched lists"), "number": found}
        yield _figure(names, "undercount", "toll less documented", estimate.undercount())
    window = estimate.scope.window
    for key in ("actor", "area"):
        for (label,), draws in estimate.rows.deaths.parts([key]):
            name = estimate.evidence.case.dimension(key).levels[label]
            words = f"toll: {name}, {window.start} to {window.end}"
            yield _figure(names, f"{key}={label}", words, Quantity(draws.astype(float)))


def _figure(names: Mapping[str, str], identifier: str, words: str, quantity: Quantity) -> Node:
    lower, upper = quantity.interval
    return {
        **_named(names, identifier, words), "number": quantity.median, "lower": lower, "upper": upper,
        "interval": f"posterior median; interval {interval_name(quantity.ci_prob, quantity.ci_kind)}",
    }  # fmt: skip


def _named(names: Mapping[str, str], identifier: str, words: str) -> dict[str, Any]:
    return {
        "@id": _urn("figure", [names["estimate"], identifier]), "@type": ["prov:Entity", "schema:PropertyValue"],
        "identifier": identifier, "name": words, "unit": "persons", "wasDerivedFrom": names["estimate"],
    }  # fmt: skip


def _estimate(estimate: Estimate, names: Mapping[str, str], figures: list[Node]) -> Node:
    passed = estimate.check().passed
    return {
        "@id": names["estimate"], "@type": ["prov:Entity", "schema:Dataset"], "name": estimate.evidence.case.title,
        "description": estimate.estimand if passed else f"{BANNER}. {estimate.estimand}",
        "gates": verdict(estimate), "gatesPassed": passed, "sha256": draws_sha256(estimate.draws),
        "wasGeneratedBy": names["run"], "wasDerivedFrom": [names["evidence"], *_matched(names)],
        "figure": [one["@id"] for one in figures],
    }  # fmt: skip


def _matched(names: Mapping[str, str]) -> list[str]:
    return [names["lists"]] if "lists" in names else []


def _run(estimate: Estimate, names: Mapping[str, str], reports: Mapping[str, str]) -> Node:
    used = [reports[row["report"]] for row in estimate.rows.reports()]
    software = {name: _software_name(name, version) for name, version in estimate.versions.items()}
    as_of = estimate.configuration.get("as_of")
    return {
        "@id": names["run"], "@type": "prov:Activity", "name": "fit of the model to the evidence",
        "seed": estimate.seed,
        **({"asOf": str(as_of)} if as_of else {}),
        "used": [names["evidence"], names["configuration"], *_matched(names), *used],
        "wasAssociatedWith": [*software.values()],
        "prov:qualifiedAssociation": {
            "@type": "prov:Association", "prov:agent": {"@id": software["undercount"]},
            "prov:hadPlan": {"@id": names["configuration"]},
        },
    }  # fmt: skip


def _plan(estimate: Estimate, names: Mapping[str, str]) -> Node:
    text = configuration_text(estimate)
    return {
        "@id": names["configuration"], "@type": ["prov:Entity", "prov:Plan"], "name": "configuration of the estimator",
        "text": text, "sha256": text_sha256(text),
    }  # fmt: skip


def _lists(estimate: Estimate, names: Mapping[str, str]) -> Iterator[Node]:
    if estimate.lists is not None:
        lists = estimate.lists.lists
        yield {
            "@id": names["lists"], "@type": "prov:Entity", "name": lists.name, "description": "; ".join(lists.names),
            "sha256": lists.sha256,
        }  # fmt: skip


def _report(report: Report, sources: Mapping[str, str], reports: Mapping[str, str]) -> dict[str, Any]:
    optional = {
        "value": report.value, "low": report.low, "high": report.high,
        "relayedBy": sources.get(report.relay or ""),
        "wasQuotedFrom": _document(report.document) if report.document else None,
        "wasDerivedFrom": [reports[name] for name in report.derived_from],
        "disputedBy": list(report.disputed_by),
        "text": report.quote or None, "quoteSha256": text_sha256(report.quote) if report.quote else None,
    }  # fmt: skip
    return {
        "@id": reports[report.report], "@type": "prov:Entity", "identifier": report.report,
        "qualifier": report.qualifier.value, "published": report.published.isoformat(),
        "windowStart": report.window_start.isoformat(), "windowEnd": report.window_end.isoformat(),
        "wasAttributedTo": sources[report.source],
        **{name: value for name, value in optional.items() if value not in (None, [])},
    }  # fmt: skip


def _source(source: Source, name: str) -> Node:
    return {
        "@id": name, "@type": "prov:Agent", "identifier": source.source, "name": source.name, "kind": source.kind.value
    }  # fmt: skip


def _documents(estimate: Estimate) -> list[str]:
    return sorted({report.document for report in estimate.evidence.reports if report.document})


def _document(text: str) -> str:
    return f"urn:undercount:document:{text_sha256(text)}"


def _software(name: str, version: str) -> Node:
    return {"@id": _software_name(name, version), "@type": "prov:SoftwareAgent", "name": name, "version": version}


def _software_name(name: str, version: str) -> str:
    return _urn("software", [name, version])


def _urn(kind: str, content: Any) -> str:
    """Name a thing by the hash of what it is."""
    return f"urn:undercount:{kind}:{text_sha256(json.dumps(content, sort_keys=True, ensure_ascii=False))}"
