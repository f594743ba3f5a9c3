"""`undercount import` and `undercount formats`: exports of other projects as a case."""

from __future__ import annotations

import shlex
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.days import Day
from undercount.cli.folders import as_argument
from undercount.cli.output import format_option, write, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from undercount.data.imports.casework import Imported
    from undercount.data.imports.contract import Asked, Format
    from undercount.data.imports.incidents import Incidents
    from undercount.data.imports.opening import Raw


_SAME = "--same area:NAME=NAME"


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for text in values:
        name, mark, value = (part.strip() for part in text.partition("="))
        if not mark or not name:
            raise click.BadParameter(f"{text!r} is not of the form {param.metavar}", ctx, param)
        found.append((name, value))
    return tuple(found)


def _same(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    found = []
    for left, new in _pairs(ctx, param, values):
        dimension, mark, old = (part.strip() for part in left.partition(":"))
        if not mark or dimension not in ("area", "actor") or not old or not new:
            text = f"{left}={new}"
            raise click.BadParameter(f"{text!r} is not of the form area:NAME=NAME or actor:NAME=NAME", ctx, param)
        found.append((dimension, old, new))
    return tuple(found)


@click.command("import", short_help="Read an export of Airwars, UCDP, ACLED, IBC, the UN or others into a case.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "name", default="auto", metavar="NAME", help="See `undercount formats`.  [default: by columns]"
)
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="CASE",
              help="Folder of the case: new, or made by an import.")  # fmt: skip
@click.option("--window", type=click.Choice(["day", "week", "month", "all"]), help="Days that are added up to one "
              "report.  [default: that of the case, or week]")  # fmt: skip
@click.option("--silence", type=click.Choice(["none", "unknown"]), help="What days without a record say: that the "
              "source counted none, or nothing.  [default: none, of a list of events]")  # fmt: skip
@click.option("--actors", type=click.IntRange(min=0), metavar="N", help="How many are told apart: those who killed "
              "most; all others are one.  [default: that of the case, or 5]")  # fmt: skip
@click.option("--where", multiple=True, callback=_pairs, metavar="COLUMN=VALUE",
              help="Only rows whose column, as printed, has this value; repeat it for others.")  # fmt: skip
@click.option("--since", type=Day(), metavar="DATE", help="Only what happened on this day or later.")
@click.option("--until", type=Day(), metavar="DATE", help="Only what happened by this day.")
@click.option("--same", multiple=True, callback=_same, metavar="area:NAME=NAME",
              help="An area or an actor of the file, and what the case calls it.")  # fmt: skip
@click.option("--option", "options_", multiple=True, callback=_pairs, metavar="NAME=VALUE", help="Of the format.")
@click.option("--mapping", type=click.Path(path_type=Path, dir_okay=False), metavar="TOML", help="For --format mapped.")
@click.option("--people", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="People at risk: a table of date, area and people.")  # fmt: skip
@click.option("--published", type=Day(), metavar="DATE", help="Day of the export.  [default: today]")
@click.option("--order", type=click.Choice(["ymd", "dmy", "mdy"]), help="Of dates that can be read in two ways.")
@click.option("--encoding", metavar="NAME", help="Of a text.  [default: by its bytes]")
@click.option("--sheet", help="Of a workbook.")
@click.option("--timezone", default="", help="Of the case.  [default: UTC for a new one]")
@click.option("--title", default="", help="Of the case.  [default: its folder's name for a new one]")
@click.option("--json", "is_json", is_flag=True, help="For programs: only JSON goes to standard output.")
def import_(file: Path, into: Path, **options: Any) -> None:
    """Read an export of another project into a case.

    Every row of the file is accounted for: what was read, what was dropped and why, and what can be read in two ways
    is printed, and stands row by row in imports/ of the case.
    """
    from undercount.data.imports.casework import How, into_case
    from undercount.data.imports.contract import Asked
    from undercount.data.imports.registry import opened

    mapping = {} if options["mapping"] is None else {"mapping": options["mapping"]}
    name = "mapped" if mapping and options["name"] == "auto" else options["name"]
    asked = Asked({**dict(options["options_"]), **mapping}, options["order"], options["where"])
    with redirect_stdout(sys.stderr):
        raw, form, asked = opened(file, name, asked, sheet=options["sheet"], encoding=options["encoding"])
        if form.evidence is None:
            published = options["published"] or datetime.now(UTC).date()
            how = How(options["window"] or "", published, options["timezone"], options["title"], form.window,
                      options["people"], options["actors"])  # fmt: skip
            read = [_chosen(raw, form, asked, options)]
            # What is read is not held beside the case that is made of it.
            del raw
            found = into_case(read.pop(), into, how)
    if form.evidence is not None:
        _whole(file, form, into, options)
    elif options["is_json"]:
        write_json(_content(found))
    else:
        write(_text(found))


def _chosen(raw: Raw, form: Format, asked: Asked, options: dict[str, Any]) -> Incidents:
    from undercount.data.imports.choosing import chosen, renamed
    from undercount.data.imports.registry import incidents_of

    read = incidents_of(raw, form, asked)
    if options["silence"] is not None:
        read = replace(read, lists_events=options["silence"] == "none")
    return renamed(chosen(read, options["since"], options["until"]), options["same"])


def _whole(file: Path, form: Format, into: Path, options: dict[str, Any]) -> None:
    """A file of reports: it becomes a case as it is."""
    meaningless = ("window", "silence", "actors", "where", "since", "until", "same", "people", "published")
    refused = [name for name in meaningless if options[name] not in (None, (), "")]
    if refused:
        raise click.UsageError(
            f"--{refused[0]} has no meaning for the format {form.name}: its rows are reports, and each is read as it is"
        )
    with redirect_stdout(sys.stderr):
        evidence = form.evidence(file) if form.evidence else None
        if evidence is None:
            return
        evidence.write(into)
    if options["is_json"]:
        write_json({"case": str(into), "reports": len(evidence.reports), "sha256": evidence.sha256})
        return
    made = f"{_several(len(evidence.reports), 'report')} of {_several(len(evidence.sources), 'source')}"
    write(f"{into}: {made}, a report for each row; sha256 {evidence.sha256}\n{_next(into)}")


def _content(found: Imported) -> dict[str, Any]:
    return {
        "case": str(found.folder),
        "reports": len(found.evidence.reports),
        "records": found.records,
        "known": found.known,
        "conflicts": found.conflicts,
        "silent": found.silent,
        "actors": {"named": found.actors, "most": found.most_actors},
        "strangers": [list(pair) for pair in found.strangers],
        "sha256": found.evidence.sha256,
        **found.account,
    }


def _text(found: Imported) -> str:
    from undercount.report.text import visible

    account, evidence = found.account, found.evidence
    lines = [
        (
            f"{visible(found.file, 80)}: {account['rows']:,} rows in the format {found.format}, "
            f"{account['read']:,} read as {found.read:,} records"
        ),
    ]
    lines += [f"  dropped {count:,}: {visible(reason, 300)}" for reason, count in account["dropped"].items()]
    lines += [f"  in doubt {count:,}: {visible(reason, 300)}" for reason, count in account["doubted"].items()]
    lines += [f"  {visible(note, 500)}" for note in account["notes"]]
    if found.known:
        lines.append(f"  {found.known:,} records were known")
    if found.conflicts:
        lines.append(f"  {found.conflicts:,} records differ between imports: the one published last stands")
    lines += [f"  {line}" for line in _strangers(found)]
    if found.actors > found.most_actors:
        most = found.most_actors
        few = {0: "none is", 1: "the one who killed most is"}.get(most, f"the {most:,} who killed most are")
        lines.append(f"  of {found.actors:,} actors, {few} told apart, and all others are one (--actors)")
    if found.silent:
        lines.append(f"  days without a record count as none, in {_several(found.silent, 'report')} (--silence)")
    made = f"{_several(len(evidence.reports), 'report')} of {_several(len(evidence.sources), 'source')}"
    lines.append(f"{found.folder}: {made}, from {_several(found.records, 'record')}; sha256 {evidence.sha256}")
    return "\n".join([*lines, _next(found.folder)])


def _next(case: Path) -> str:
    return f"look at it, then run: undercount check {as_argument(str(case))}\n"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _strangers(found: Imported) -> Iterator[str]:
    """Warn of sources that may call the same places by different names."""
    from undercount.report.text import visible

    levels = found.evidence.case.dimension("area").levels
    for one, other in found.strangers:
        yield f"{one} and {other} have no area in common: deaths count twice if they name the same places differently;"
        alike = [(left, right) for left, right in permutations(levels, 2) if {*left.split("-")} < {*right.split("-")}]
        told = " ".join(f"--same {shlex.quote(f'area:{levels[right]}={levels[left]}')}" for left, right in alike[:3])
        yield f"if so, import into a new folder, and the one that names them so with {visible(told or _SAME, 300)}"


@click.command(short_help="List the formats that `import` reads.")
@click.option("--template", metavar="NAME", help="Print a file to start from, for the format mapped.")
@format_option
def formats(template: str | None, format_: str) -> None:
    """List the formats of files that `undercount import` reads, with what they need."""
    from undercount.data.imports.contract import Asked
    from undercount.data.imports.registry import formats as known
    from undercount.data.imports.registry import template_of

    if template is not None:
        write(template_of(template))
        return
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "about": one.about,
            "licence": one.licence,
            "citation": one.citation,
            "needs": [field.name for field in one.fields(Asked()) if field.is_needed],
            "options": dict(one.options),
            "lists_events": one.lists_events,
        }
        for one in known().values()
    ]
    if format_ == "json":
        write_json(rows)
    else:
        write("\n".join(map(_described, rows)))


def _described(row: dict[str, Any]) -> str:
    from undercount.report.text import visible

    lines = [
        row["about"],
        f"needs: {', '.join(row['needs']) or '--mapping FILE'}",
        *(["lists events: days without a record count as none (--silence)"] if row["lists_events"] else []),
        *(f"--option {name}=...: {about}" for name, about in row["options"].items()),
        f"licence: {row['licence']}",
        f"cite: {row['citation']}",
    ]
    indented = "".join(f"  {visible(line, 300)}\n" for line in lines)
    return f"{visible(row['name'], 80)}: {visible(row['title'], 200)}\n{indented}"
