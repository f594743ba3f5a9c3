"""`undercount check CASE`: every problem of the evidence."""

from __future__ import annotations

from dataclasses import asdict

import click

from undercount.cli.exits import REFUSED, problem_lines
from undercount.cli.output import format_option, write, write_json
from undercount.cli.stores import case_argument


@click.command(short_help="List every problem of the evidence and how to mend it.")
@case_argument
@format_option
@click.pass_context
def check(ctx: click.Context, case: str, format_: str) -> None:
    """List every problem of the evidence by row and field, with the value, the rule and the way to mend it.

    Ends with exit code 1 if there is any.
    """
    from undercount.data.bundled import find_case
    from undercount.data.reading import check_case, read_case

    folder = find_case(case)
    problems = check_case(folder)
    if format_ == "json":
        write_json({"case": str(folder), "valid": not problems, "problems": [asdict(problem) for problem in problems]})
    elif problems:
        blocks = [problem_lines(problem, number) for number, problem in enumerate(problems, start=1)]
        count = f"{len(problems):,} problem{'' if len(problems) == 1 else 's'}"
        write("\n\n".join([*blocks, f"{count}; `undercount help CODE` explains each"]) + "\n")
    else:
        evidence = read_case(folder)
        write(
            f"no problem: {len(evidence.reports):,} reports, {len(evidence.used):,} used, "
            f"{len(evidence.sources):,} sources; sha256 {evidence.sha256}\n"
        )
    if problems:
        ctx.exit(REFUSED)
