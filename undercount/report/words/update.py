"""Take the messages of code and templates into the catalogues: `python -m undercount.report.words.update`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.resources import as_file, files
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from undercount.report.words.catalogue import TRANSLATED, catalogue_file, read_catalogue

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

_SEVERAL: Final = (1, 2)
KEYWORDS: Final[dict[str, Any]] = {
    "w": None,
    "self": None,
    "message": None,
    "parts": None,
    "several": _SEVERAL,
    "several_parts": _SEVERAL,
    "in_context": ((1, "c"), 2),
}
"""Name of a call that holds a message -> places of its texts, as babel's extractors take them."""
_METHODS: Final = (
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.svg", "jinja2.ext:babel_extract"),
    ("**/templates/**.css", "jinja2.ext:babel_extract"),
    ("**.py", "python"),
)
_OPTIONS: Final = {f"**/templates/**.{kind}": {"silent": "false"} for kind in ("html", "svg", "css")}
_LINE: Final = 120
_HEADER: Final = r"""# Messages marked "fuzzy" are used; no native speaker has checked them yet.
msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plurals}\n"

"""


def messages() -> Catalog:
    """Gather every message of `undercount.report`, and every name that the bundled cases use."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir

    found = Catalog(charset="utf-8")
    with as_file(files("undercount.report")) as folder:
        extracted = extract_from_dir(folder, list(_METHODS), _OPTIONS, KEYWORDS, comment_tags=())
        for file, _, message, _, context in extracted:
            found.add(message, locations=[(f"undercount/report/{Path(file).as_posix()}", 0)], context=context)
    for name in names():
        found.add(name, context="name")
    return found


def names() -> Iterator[str]:
    """What the bundled cases name, titles, actors, areas, sources and the like, and what estimators of lists assume."""
    from undercount.data import case_names, load_case
    from undercount.estimators.overlap import DecomposableGraphs, LatentClass, LogLinear, LowerBound
    from undercount.estimators.scoping import subject

    found: dict[str, None] = {}
    for name in case_names():
        evidence = load_case(name)
        found |= dict.fromkeys([evidence.case.title, *(one.title for one in evidence.case.incidents)])
        for dimension in ("actor", "area"):
            found |= dict.fromkeys(evidence.case.dimension(dimension).levels.values())
        found |= dict.fromkeys([subject(evidence.case, evidence.case.estimand)])
        wanted = {report.source for report in evidence.reports if report.used}
        found |= dict.fromkeys(one.name for one in evidence.sources if one.source in wanted)
    return iter(
        found | dict.fromkeys(one.ASSUMPTION for one in (DecomposableGraphs, LatentClass, LogLinear, LowerBound))
    )


def updated(language: str, found: Catalog) -> Catalog:
    """Give the catalogue of a language with the messages that were found: translations stay, also of what is gone.

    Parameters
    ----------
    language : str
    found : babel.messages.catalog.Catalog
        What `messages` gives.

    Returns
    -------
    babel.messages.catalog.Catalog
        New messages have no translation yet. Those that no code has any more are in `obsolete`, and come back with
        their translation when some code has them again.
    """
    catalogue = read_catalogue(language)
    gone = list(catalogue.obsolete.values())
    catalogue.obsolete.clear()
    for entry in gone:
        catalogue.add(entry.id, entry.string, flags=entry.flags, context=entry.context)
    catalogue.update(found, no_fuzzy_matching=True, update_creation_date=False)
    return catalogue


def written(catalogue: Catalog, *, keeps_obsolete: bool) -> bytes:
    """Write a catalogue as a .po file, in the order of its messages and without a date, so that only changes show."""
    from babel.messages.pofile import write_po

    for entry in catalogue:
        # Babel takes "95 % interval" for a place of printf's; tools would then ask for it in the translation too.
        entry.flags.discard("python-format")
    stream = BytesIO(_HEADER.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms).encode())
    stream.seek(0, SEEK_END)
    write_po(
        stream, catalogue, width=_LINE, omit_header=True, ignore_obsolete=not keeps_obsolete, sort_output=True,
        include_lineno=False,
    )  # fmt: skip
    return stream.getvalue()


def is_whole(entry: Message) -> bool:
    """Whether a message is translated, in every form that the language has for it."""
    forms = [entry.string] if isinstance(entry.string, str) else entry.string or [""]
    return all(forms)


def main(arguments: list[str]) -> int:
    """Update every catalogue; with `--prune`, what no code has any more is thrown away."""
    found = messages()
    for language in TRANSLATED:
        catalogue = updated(language, found)
        with as_file(catalogue_file(language)) as path:
            path.write_bytes(written(catalogue, keeps_obsolete="--prune" not in arguments))
        empty = sum(not is_whole(entry) for entry in catalogue if entry.id)
        sys.stdout.write(
            f"{language}: {len(catalogue)} messages, {empty} to translate, {len(catalogue.obsolete)} gone\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
