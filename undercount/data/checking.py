"""All rules between rows, in the order in which their problems are listed."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from undercount.data import rules_figures, rules_links, rules_names
from undercount.data.tables import MOST_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from undercount.data.draft import Draft
    from undercount.data.problems import Problem

RULES: Final[tuple[Callable[[Draft], Iterator[Problem]], ...]] = (
    rules_names.dimensions_known,
    rules_names.estimand_levels_known,
    rules_names.population_known,
    rules_names.incidents_known,
    rules_names.contested_known,
    rules_figures.case_windows,
    rules_figures.some_report_used,
    rules_figures.areas_told,
    rules_names.source_once,
    rules_names.source_sides_known,
    rules_names.report_once,
    rules_names.report_sources_known,
    rules_names.report_levels_known,
    rules_figures.used_is_complete,
    rules_figures.limits_in_order,
    rules_figures.windows_in_order,
    rules_figures.fewer_deaths_than_people,
    rules_figures.printed_qualifier_kept,
    rules_figures.incident_of_report,
    rules_figures.one_source_one_figure,
    rules_links.links_known,
    rules_links.within_known,
    rules_links.no_circles,
)


def check(draft: Draft) -> list[Problem]:
    """Hold every rule against a draft.

    Parameters
    ----------
    draft : Draft
        Records that are valid each by itself.

    Returns
    -------
    list of Problem
        Empty where the draft is evidence; the first thousand where it is far from it.
    """
    return list(islice(chain.from_iterable(rule(draft) for rule in RULES), MOST_PROBLEMS))
