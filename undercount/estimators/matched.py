"""Which matched lists a fit of a case uses, of those that the estimator was given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from undercount.data.problems import plain, write_one_of
from undercount.errors import ModelError

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.lists import Lists
    from undercount.data.lists.incidents import AnyMatched

type OneLists = Lists | AnyMatched | None
type ListsOf = OneLists | Mapping[str, OneLists]
"""Lists of every case that is fitted, or of each case by its identifier."""


def is_lists(setting: Any) -> bool:
    """Whether a setting can be the lists of an estimator."""
    if setting is None:
        return True
    from undercount.data.lists import Lists, MatchedIncidents, MatchedLists

    each = setting.values() if isinstance(setting, Mapping) else [setting]
    return all(one is None or isinstance(one, Lists | MatchedLists | MatchedIncidents) for one in each)


def lists_of(setting: ListsOf, evidence: Evidence, as_of: date | str | None) -> AnyMatched | None:
    """The matched lists of a case, as far as they were known.

    Parameters
    ----------
    setting : Lists, MatchedLists, MatchedIncidents, mapping or None
    evidence : Evidence
    as_of : date or str, optional
        Lists that became known later are left out.

    Raises
    ------
    ModelError
        If the lists of other cases are given, and nothing is said of this one; or if it is not known whether the
        lists were known.
    """
    one = _of_case(setting, evidence.case.case) if isinstance(setting, Mapping) else setting
    if one is None:
        return None
    from undercount.data.lists import Lists, MatchedLists

    matched = MatchedLists(one) if isinstance(one, Lists) else one
    if as_of is None:
        return matched
    if matched.day is None:
        raise ModelError(
            f"the fit is as of {as_of}, and it is not said when the lists {plain(matched.lists.name)} became known",
            code="model-lists-without-date",
            where="lists",
            hint="give MatchedLists(lists, published=...), or published= to MatchedIncidents, or leave the lists out",
        )
    return matched if matched.day <= date.fromisoformat(str(as_of)) else None


def _of_case(setting: Mapping[str, OneLists], case: str) -> OneLists:
    if case not in setting:
        raise ModelError(
            f"there are lists of {len(setting)} cases, and {plain(case)} is none of them",
            code="model-lists-of-other-cases",
            where="lists",
            hint=f"{write_one_of(case, list(setting))}; a case without lists has None",
        )
    return setting[case]
