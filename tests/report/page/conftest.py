"""The reports that many tests look at, each written once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.report.page.synthetic import findings_of
from undercount.report.page.html import report_html

if TYPE_CHECKING:
    from undercount.estimators import Estimate


class Page(Protocol):
    """The report on a case, in a language."""

    def __call__(self, case: str, language: str = "en") -> str: ...


@pytest.fixture(scope="session")
def page(estimate: Estimate, extended: Estimate, attacked: Estimate) -> Page:
    """With whole findings; `attacked` is no case but evidence that holds every hostile text in every place."""
    estimates = {"mosul-2017": estimate, "mosul-2017-extended": extended, "attacked": attacked}

    @cache
    def written(case: str, language: str = "en") -> str:
        return report_html(findings_of(estimates[case]), language)

    return written
