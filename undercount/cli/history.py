"""`undercount history` and `undercount show`: what was estimated, and what was published of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import RunName, case_argument, run_argument, store_of, store_option

if TYPE_CHECKING:
    from undercount.runs.ledger.runs import Artefact, Release, Run


@click.command(short_help="List the runs and releases of a case.")
@case_argument
@store_option
@format_option
def history(case: str, store_folder: Path | None, format_: str) -> None:
    """List every run of a case, with its figure, and which of them were released, when and by whom."""
    from undercount.runs.ledger.runs import Release, Run

    with store_of(case, store_folder) as store, store.ledger.reading() as connection:
        runs, releases = Run.all(connection, store.name), Release.all(connection, store.name)
    by_run = {release.run: release for release in releases}
    if format_ == "json":
        write_json([_row(run, by_run.get(run.number)) for run in runs])
        return
    lines = [_line(case, run, by_run.get(run.number)) for run in runs] or ["no run yet"]
    write("\n".join(lines) + "\n")


def _row(run: Run, release: Release | None) -> dict[str, Any]:
    return {**asdict(run), "release": None if release is None else asdict(release)}


def _line(case: str, run: Run, release: Release | None) -> str:
    from undercount.report.text import visible

    toll = (run.content or {}).get("toll")
    parts = [f"{case}:{run.number}", run.begun, run.status]
    if run.as_of:
        parts.append(f"as of {run.as_of}")
    if toll:
        parts.append("{:,.0f} [{:,.0f} - {:,.0f}]".format(toll["median"], *toll["interval"]))
    if release is not None:
        words = f": {release.reason}" if release.reason else ""
        parts.append(visible(f"release {release.release} by {release.released_by}{words}", 500))
    elif run.why:
        parts.append(visible(run.why[0], 200))
    return "  ".join(parts)


@click.command(short_help="Show a run: figure, gates, evidence, files.")
@run_argument
@store_option
@format_option
def show(run: RunName, store_folder: Path | None, format_: str) -> None:
    """Show all that is kept of a run."""
    from undercount.runs.ledger.runs import Artefact, Release, Run

    with store_of(run.case, store_folder) as store, store.ledger.reading() as connection:
        found = Run.read(connection, run.number, store.name)
        files = Artefact.of(connection, run.number)
        release = next((one for one in Release.all(connection, store.name) if one.run == run.number), None)
        places = {name: str(store.objects.path(file.sha256)) for name, file in files.items()}
    if format_ == "json":
        write_json({**_row(found, release), "files": {name: asdict(file) for name, file in files.items()}})
        return
    write("\n".join(_shown(run, found, release, files, places)) + "\n")


def _shown(
    name: RunName, run: Run, release: Release | None, files: dict[str, Artefact], places: dict[str, str]
) -> list[str]:
    from undercount.report.text import visible

    lines = [_line(name.case, run, release), f"  begun {run.begun}, ended {run.ended or '-'}"]
    lines += [f"  evidence sha256 {run.evidence_sha256}", f"  settings {run.settings}"]
    lines += [f"  {package} {version}" for package, version in run.versions.items()]
    lines += ["  held: " + visible(reason, 2000) for reason in run.why]
    for check in (run.content or {}).get("gates", []):
        verdict = "passed" if check["passed"] else "FAILED"
        lines.append(f"  {verdict}  " + visible(f"{check['name']}: {check['value']:.4g} ({check['limit']})", 300))
    lines += [f"  {name}  {file.bytes:,} bytes  {places[name]}" for name, file in files.items()]
    return lines
