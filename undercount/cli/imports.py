"""`undercount import` and `undercount formats`: exports of other projects as a case."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.days import Day
from undercount.cli.output import format_option, write, write_json

if TYPE_CHECKING:
    from undercount.data.imports.casework import Imported
    from undercount.data.imports.incidents import Incidents


def _where(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for text in values:
        column, mark, value = text.partition("=")
        if not mark or not column.strip():
            raise click.BadParameter(f"{text!r} is no condition; write COLUMN=VALUE, such as country=Iraq", ctx, param)
        found.append((column.strip(), value.strip()))
    return tuple(found)


@click.command("import", short_help="Read an export of Airwars, UCDP, ACLED, IBC, the UN or others into a case.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "name", default="auto", metavar="NAME", help="See `undercount formats`.  [default: by columns]"
)
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="CASE",
              help="Folder of the case: new, or made by an import.")  # fmt: skip
@click.option("--window", type=click.Choice(["day", "week", "month", "all"]), default="week", show_default=True,
              help="Days that are added up to one report.")  # fmt: skip
@click.option("--where", multiple=True, callback=_where, metavar="COLUMN=VALUE",
              help="Only rows whose column, as printed, has this value; repeat it for others.")  # fmt: skip
@click.option("--since", type=Day(), metavar="DATE", help="Only what happened on this day or later.")
@click.option("--until", type=Day(), metavar="DATE", help="Only what happened by this day.")
@click.option("--published", type=Day(), metavar="DATE", help="Day of the export.  [default: today]")
@click.option("--order", type=click.Choice(["ymd", "dmy", "mdy"]), help="Of dates that can be read in two ways.")
@click.option("--mapping", type=click.Path(path_type=Path, dir_okay=False), metavar="TOML", help="For --format mapped.")
@click.option("--sheet", help="Of a workbook.")
@click.option("--timezone", default="UTC", show_default=True, help="Of a new case.")
@click.option("--title", default="", help="Of a new case.  [default: its folder's name]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(file: Path, into: Path, **options: Any) -> None:
    """Read an export of another project into a case.

    Every row of the file is accounted for: what was read, what was dropped and why, and what can be read in two ways
    is printed, and stands row by row in imports/ of the case.
    """
    from undercount.data.imports.casework import How, into_case

    with redirect_stdout(sys.stderr):
        incidents = _read(file, options)
        published = options["published"] or datetime.now(UTC).date()
        found = into_case(incidents, into, How(options["window"], published, options["timezone"], options["title"]))
    if options["as_json"]:
        write_json(_content(found))
    else:
        write(_text(incidents, found))


def _read(file: Path, options: dict[str, Any]) -> Incidents:
    from undercount.data.imports.choosing import chosen
    from undercount.data.imports.contract import Asked
    from undercount.data.imports.registry import read_file

    mapping = {} if options["mapping"] is None else {"mapping": options["mapping"]}
    asked = Asked(mapping, options["order"], options["where"])
    incidents = read_file(file, options["name"], asked, sheet=options["sheet"])
    return chosen(incidents, options["since"], options["until"])


def _content(found: Imported) -> dict[str, Any]:
    return {
        "case": str(found.folder),
        "reports": len(found.evidence.reports),
        "records": found.records,
        "known": found.known,
        "conflicts": found.conflicts,
        "sha256": found.evidence.sha256,
        **found.account,
    }


def _text(incidents: Incidents, found: Imported) -> str:
    from undercount.report.text import visible

    account = found.account
    lines = [
        (
            f"{visible(incidents.file, 80)}: {account['rows']:,} rows in the format {incidents.format}, "
            f"{account['read']:,} read as {len(incidents):,} records"
        ),
    ]
    lines += [f"  dropped {count:,}: {visible(reason, 300)}" for reason, count in account["dropped"].items()]
    lines += [f"  in doubt {count:,}: {visible(reason, 300)}" for reason, count in account["doubted"].items()]
    lines += [f"  {visible(note, 500)}" for note in account["notes"]]
    if found.known:
        lines.append(f"  {found.known:,} records were known")
    if found.conflicts:
        lines.append(f"  {found.conflicts:,} records differ between imports: the one published last stands")
    evidence = found.evidence
    lines += [
        (
            f"{found.folder}: {len(evidence.reports):,} reports of {len(evidence.sources)} sources, "
            f"from {found.records:,} records; sha256 {evidence.sha256}"
        ),
        f"look at it, then run: undercount check {found.folder}",
    ]
    return "\n".join(lines) + "\n"


@click.command(short_help="List the formats that `import` reads.")
@format_option
def formats(format_: str) -> None:
    """List the formats of files that `undercount import` reads, with what they need."""
    from undercount.data.imports.contract import Asked
    from undercount.data.imports.registry import formats as known

    rows = [
        {
            "name": one.name,
            "title": one.title,
            "about": one.about,
            "licence": one.licence,
            "citation": one.citation,
            "needs": [field.name for field in one.fields(Asked()) if field.is_needed],
        }
        for one in known().values()
    ]
    if format_ == "json":
        write_json(rows)
        return
    for row in rows:
        write(f"{row['name']}: {row['title']}\n  {row['about']}\n  needs: {', '.join(row['needs']) or 'a mapping'}\n"
              f"  licence: {row['licence']}; {row['citation']}\n")  # fmt: skip
