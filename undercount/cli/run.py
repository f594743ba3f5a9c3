"""`undercount run CASE`: the scheduled command."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from undercount.cli.completing import complete_case
from undercount.cli.exits import GATES_FAILED
from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import RunName, as_of_option, run_argument, store_of, store_option
from undercount.cli.usage import Refusal, exclude_each_other
from undercount.errors import StoreError

if TYPE_CHECKING:
    from undercount.runs.outcome import Outcome
    from undercount.runs.store import Store


class _Seconds(click.ParamType[float]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)", str(value))
        if found is None or float(found[1]) == 0.0:
            self.fail(f"{value!r} is no time; write 90s, 10m or 1h", param, ctx)
        return float(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]


@click.command(short_help="The scheduled command: estimate what is new, and release it if the gates pass.")
@click.argument("case", metavar="CASE", required=False, shell_complete=complete_case)
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Every case folder in DIR, in place of CASE; a broken one never stops the others.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Cases at a time, with --all.")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="With --all.")
@click.option("--scheduler", metavar="ADDRESS", help="Of a dask cluster, with --all --engine dask.")
@as_of_option
@click.option("--dry-run", is_flag=True, help="Estimate and hold against the gates; write nothing.")
@click.option("--time-budget", "seconds", type=_Seconds(), metavar="TIME", help="Most that it may take: 90s, 10m, 1h.")
@click.option("--cores", type=click.IntRange(min=1), help="Threads; no figure depends on them.  [default: all]")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@store_option
@format_option
@click.pass_context
def run(ctx: click.Context, /, case: str | None, folder: Path | None, **options: Any) -> None:
    """Take the case's evidence in, estimate, hold the figure against the gates, and release it.

    Where nothing is new - the same evidence, settings, code and versions - it does nothing and says so. Exit codes:
    0 released or unchanged, 1 bad evidence, 2 wrong command line, 3 held by a gate, 4 another run works on the case,
    5 interrupted or out of time, 6 store damaged or not to be written; with --all, the largest of all cases.
    """
    if case is None and folder is None:
        hint = "name one CASE, or a folder of cases with --all;"
        raise Refusal("neither CASE nor --all is given", code="usage-missing", hint=hint, ctx=ctx)
    if case is not None and folder is not None:
        raise exclude_each_other(ctx, "CASE", "--all")
    if folder is not None and options["store_folder"] is not None:
        hint = "--store is of one CASE: with --all each case has a store of its own"
        raise exclude_each_other(ctx, "--store", "--all", hint)
    ctx.exit(_one(case, options) if case is not None else _all(folder or Path(), options))


def _one(case: str, options: dict[str, Any]) -> int:
    from undercount.cli.working import working
    from undercount.data.lists.incident_file import INCIDENTS
    from undercount.runs.run import Runner
    from undercount.runs.telling import log_to, write_metrics
    from undercount.runs.telling import tell as log

    is_trial = options["dry_run"]
    if (Path(case) / INCIDENTS).is_file():
        click.echo("undercount: a run fits the counts alone, without the matched incidents of the case", err=True)
    with working(quiet=options["quiet"]) as tell, ExitStack() as stack:
        store = _store(case, options, stack)
        stack.enter_context(nullcontext() if is_trial else log_to(store, case))
        begun = time.monotonic()
        runner = Runner(store, _files, cores=options["cores"], seconds=options["seconds"], tell=tell)
        if is_trial:
            outcome = runner.try_out(options["as_of"])
        else:
            outcome = runner.run(options["as_of"])
            log("outcome", **_told(outcome))
            write_metrics(store, outcome, time.monotonic() - begun)
    if options["format_"] == "json":
        write_json(outcome.content)
    else:
        write(_text(case, outcome))
    return GATES_FAILED if outcome.is_held else 0


def _told(outcome: Outcome) -> dict[str, Any]:
    """What the log keeps of an outcome; the ledger has the rest."""
    content = outcome.content
    number = None if outcome.release is None else outcome.release.release
    return {name: content[name] for name in ("status", "is_new", "run", "reasons")} | {
        "release": number,
        "toll": outcome.figure,
    }


def _store(case: str, options: dict[str, Any], stack: ExitStack) -> Store:
    """The store, open; a run on trial gets one that is thrown away where there is none yet."""
    folder = options["store_folder"]
    if options["dry_run"] and not _is_there(case, folder):
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="undercount-")))
    return stack.enter_context(store_of(case, folder, must_exist=False))


def _is_there(case: str, folder: Path | None) -> bool:
    try:
        found = store_of(case, folder)
    except StoreError as error:
        return error.code != "store-missing"
    return found.ledger.path is None or found.ledger.path.exists()


def _all(folder: Path, options: dict[str, Any]) -> int:
    from undercount.report.text import visible
    from undercount.runs.many import cases_in, run_all

    passed = ["--dry-run"] if options["dry_run"] else []
    passed += ["--as-of", str(options["as_of"])] if options["as_of"] else []
    passed += ["--time-budget", f"{options['seconds']:.3f}s"] if options["seconds"] else []
    how = {name: options[name] for name in ("cores", "scheduler", "engine")}
    ended = [*run_all(cases_in(folder), options["jobs"], passed, **how)]
    if options["format_"] == "json":
        write_json([{"case": one.case, "exit_code": one.exit_code, "told": one.told, **one.content} for one in ended])
    else:
        for one in ended:
            toll = one.content.get("toll")
            figure = "{:,.0f} [{:,.0f} - {:,.0f}]".format(toll["median"], *toll["interval"]) if toll else ""
            status = one.content.get("status", "failed")
            words = "" if one.content else visible(one.told.partition("\n")[0], 300)
            told = "  ".join(part for part in (figure, words) if part)
            write(f"{one.exit_code}  {visible(Path(one.case).name, 60)}: {status}  {told}".rstrip() + "\n")
    return max(one.exit_code for one in ended)


def _files(estimate: Any, folder: Path) -> object:
    from undercount.report.files import write_files

    return write_files(estimate, folder)


def _text(case: str, outcome: Outcome) -> str:
    from undercount.cli.ingest import taken_text
    from undercount.report.text import visible

    lines = [taken_text([one for one in outcome.taken if one.new or one.revised or one.older]).rstrip("\n")]
    name = "a run on trial" if outcome.run is None else f"run {case}:{outcome.run.number}"
    lines.append(f"{outcome.status}: {name}{'' if outcome.is_new else ', nothing is new'}")
    if outcome.figure:
        low, high = outcome.figure["interval"]
        lines.append(
            f"toll: median {outcome.figure['median']:,.0f}, {outcome.figure['ci_prob']:.0%} interval {low:,.0f} to "
            f"{high:,.0f}" + (" - do not quote" if outcome.is_held else "")
        )
    lines += [f"  held: {visible(reason, 2000)}" for reason in outcome.reasons]
    if outcome.is_held and outcome.run is not None:
        lines.append(
            f'  to release it all the same: undercount release {case}:{outcome.run.number} --by NAME --reason "..."'
        )
    if outcome.release is not None:
        lines.append(f"release {outcome.release.release} stands, of run {outcome.release.run}")
    return "\n".join(line for line in lines if line) + "\n"


@click.command(short_help="Release a run that a gate held, with a name and a reason.")
@run_argument
@click.option("--by", required=True, metavar="NAME", help="Who takes it on.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may be quoted all the same.")
@store_option
def release(run: RunName, by: str, reason: str, store_folder: Path | None) -> None:
    """Publish a run that a gate held. Name and reason are kept, and printed on the release."""
    from undercount.runs.releasing import release as publish

    with store_of(run.case, store_folder) as store:
        found = publish(store, run.number, by=by, reason=reason)
    write(f"release {found.release}: run {run}, by {found.released_by}: {found.reason}\n")
