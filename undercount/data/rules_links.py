"""Rules about how reports hang together: nesting, derivation, and no circles in either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.data.problems import plain, write_one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from undercount.data.draft import Draft
    from undercount.data.problems import Problem
    from undercount.data.schema import Report

_MOST_STEPS_SHOWN: Final = 20
_MOST_CYCLES: Final = 100


def within_known(draft: Draft) -> Iterator[Problem]:
    """A report lies within another, known report of the same source."""
    for report, parent in _links(draft, "within"):
        if parent is None:
            continue
        if parent.source != report.source:
            hint = "nest only counts of one source; use derived_from for a figure that was taken over"
            rule = f"report {plain(parent.report)} is of another source ({plain(parent.source)})"
            yield draft.in_report(report, "within", parent.report, (rule, hint, "evidence-within-another-source"))
        yield from _fits(draft, report, parent)


def _fits(draft: Draft, report: Report, parent: Report) -> Iterator[Problem]:
    hint = "mend the window or the areas of one of them, or delete within"
    if not parent.window_start <= report.window_start <= report.window_end <= parent.window_end:
        rule = f"its window is not within that of {plain(parent.report)} ({parent.window_start} to {parent.window_end})"
        if report.window_start <= report.window_end and parent.window_start <= parent.window_end:
            yield draft.in_report(report, "within", parent.report, (rule, hint, "evidence-not-within"))
    if parent.areas and not {*report.areas} <= {*parent.areas}:
        rule = f"its areas are not within those of {plain(parent.report)} ({', '.join(map(plain, parent.areas))})"
        yield draft.in_report(report, "within", parent.report, (rule, hint, "evidence-not-within"))


def _links(draft: Draft, field: str) -> Iterator[tuple[Report, Report | None]]:
    for report in draft.reports:
        for name in _names(report, field):
            if name != report.report:
                yield report, draft.report.get(name)


def links_known(draft: Draft) -> Iterator[Problem]:
    """The reports named in within and derived_from exist, and none names itself."""
    for report in draft.reports:
        for field in ("within", "derived_from"):
            for name in _names(report, field):
                if name == report.report:
                    fault = (
                        "a report cannot name itself here",
                        f"delete it from {field}",
                        f"evidence-{field.replace('_', '-')}-itself",
                    )
                    yield draft.in_report(report, field, name, fault)
                elif name not in draft.known_reports:
                    hint = write_one_of(name, draft.report_choices)
                    yield draft.in_report(
                        report, field, name, ("no report has this identifier", hint, "evidence-unknown-report")
                    )


def _names(report: Report, field: str) -> tuple[str, ...]:
    if field == "within":
        return () if report.within is None else (report.within,)
    return report.derived_from


def no_circles(draft: Draft) -> Iterator[Problem]:
    """Following within, or derived_from, never leads back."""
    for field in ("within", "derived_from"):
        linked = {name: report for name, report in draft.report.items() if _names(report, field)}
        graph = {
            name: [target for target in _names(report, field) if target in linked and target != name]
            for name, report in sorted(linked.items())
        }
        for cycle in cycles(graph):
            steps = [*cycle[:_MOST_STEPS_SHOWN], *(["…"] if len(cycle) > _MOST_STEPS_SHOWN else []), cycle[0]]
            path = " -> ".join(plain(name) for name in steps)
            hint = f"find out which report came first and delete its {field}"
            fault = (f"circular: {path}", hint, f"evidence-circular-{field.replace('_', '-')}")
            yield draft.in_report(draft.report[cycle[0]], field, cycle[1], fault)


def cycles(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Find circles of a directed graph, at least one in each knot; none if and only if there is none.

    Parameters
    ----------
    graph : mapping
        Node -> nodes that it points to; every node is a key.

    Returns
    -------
    list of tuple of str
        Each circle once, its first node not repeated at the end; the first hundred.
    """
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in graph:
        # Depth first without recursion, which a long chain of reports would exhaust.
        path: dict[str, Iterator[str]] = {} if start in done else {start: iter(graph[start])}
        while path and len(found) < _MOST_CYCLES:
            node = next(reversed(path))
            target = next(path[node], None)
            if target is None:
                done.add(node)
                del path[node]
            elif target in path:
                nodes = list(path)
                found.append(tuple(nodes[nodes.index(target) :]))
            elif target not in done:
                path[target] = iter(graph[target])
    return found
