"""The report in a real Chromium: both Mosul cases, three languages, two themes, two widths, and hostile evidence."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.report.page.browser import chromium, opened
from undercount.report.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.report.page.conftest import Page

CASES = ("mosul-2017", "mosul-2017-extended", "attacked")
SERIOUS = frozenset({"serious", "critical"})
WIDE, NARROW = 1200, 390
GROUNDS: dict[Literal["light", "dark"], str] = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, page: Page) -> dict[tuple[str, str], Path]:
    """The report of each case in each language."""
    folder = tmp_path_factory.mktemp("reports")
    written = {}
    for case, language in product(CASES, LANGUAGES):
        written[case, language] = folder / f"{case}-{language}.html"
        written[case, language].write_text(page(case, language), encoding="utf-8")
    return written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_it_opens_clean(browser: Browser, files: dict[tuple[str, str], Path], case: str, language: str) -> None:
    path = files[case, language]
    with opened(browser, path) as seen:
        for theme, ground in GROUNDS.items():
            seen.page.emulate_media(color_scheme=theme)
            assert seen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == ground
            for width in (WIDE, NARROW):
                seen.page.set_viewport_size({"width": width, "height": 900})
                assert seen.overflow <= 0, (theme, width)
                shown = seen.page.locator("figure svg:visible").count()
                assert shown == seen.page.locator("figure").count() > 4
        assert seen.page.evaluate("document.scripts.length") == 0
        assert seen.requests == [path.as_uri()]
        assert seen.console == []
        assert seen.dialogs == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_by_everybody(
    browser: Browser, files: dict[tuple[str, str], Path], language: str, theme: str
) -> None:
    with opened(browser, files["mosul-2017", language], NARROW if theme == "dark" else WIDE, theme) as seen:
        found = Axe().run(seen.page).response
        serious = [
            (one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"] if one["impact"] in SERIOUS
        ]
        assert serious == []


def test_axe_finds_what_is_wrong(browser: Browser, files: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    """The check can fail: a report without its language and with faint letters."""
    html = files["mosul-2017", "en"].read_text(encoding="utf-8").replace('<html lang="en" dir="ltr">', "<html>")
    (tmp_path / "broken.html").write_text(html, encoding="utf-8")
    with opened(browser, tmp_path / "broken.html") as seen:
        assert "html-has-lang" in {one["id"] for one in Axe().run(seen.page).response["violations"]}


def test_a_changed_style_is_not_applied(browser: Browser, files: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    """The policy knows its one style by its hash."""
    html = files["mosul-2017", "en"].read_text(encoding="utf-8").replace("<style>", "<style>body{color:red}", 1)
    (tmp_path / "changed.html").write_text(html, encoding="utf-8")
    with opened(browser, tmp_path / "changed.html") as seen:
        assert any("Content Security Policy" in line for line in seen.console)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints(browser: Browser, files: dict[tuple[str, str], Path], language: str, tmp_path: Path) -> None:
    with opened(browser, files["mosul-2017", language], theme="dark") as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        paper = seen.page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert paper.startswith(b"%PDF")
        assert len(paper) > 50_000
