"""Catalogues of translated messages: one .po file for each language but English, read once."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from babel.messages.catalog import Catalog

LANGUAGES: Final = {"en": "English", "ar": "العربية", "ckb": "کوردیی ناوەندی"}
"""Language -> its name in itself: English, Arabic, Sorani (Central) Kurdish."""
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != "en")


def catalogue_file(language: str) -> Traversable:
    """Where the catalogue of a language stands in the package."""
    return files("undercount.report.words").joinpath("catalogues", f"{language}.po")


def read_catalogue(language: str) -> Catalog:
    """Read the catalogue of a language other than English."""
    from babel.messages.pofile import read_po

    return read_po(BytesIO(catalogue_file(language).read_bytes()), locale=language, abort_invalid=True)


@cache
def translations(language: str) -> NullTranslations:
    """Give the messages of a language, those that nobody has checked as well."""
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language), use_fuzzy=True)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def is_checked(language: str) -> bool:
    """Whether a native speaker has read every message: none is marked `fuzzy`."""
    return language == "en" or not any(entry.fuzzy for entry in read_catalogue(language) if entry.id)
