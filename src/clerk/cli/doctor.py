"""`clerk doctor`: what is fine, what is missing, and the command that mends it."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import asdict

import click

from clerk.cli import output
from clerk.cli.checks import Check, Status, run_all

_MARKS = {Status.OK: ("ok", "green"), Status.WARN: ("warn", "yellow"), Status.MISSING: ("MISSING", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object: checks, ok.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check this installation and say how to mend what is missing.

    Exit code 0 when all that is needed is there, 1 when something is missing.
    """
    checks = run_all()
    fine = all(check.status is not Status.MISSING for check in checks)
    if as_json:
        output.emit_json({"checks": [asdict(check) for check in checks], "ok": fine})
    else:
        for check in checks:
            _show(check)
        _close(checks)
    ctx.exit(0 if fine else 1)


def _show(check: Check) -> None:
    mark, colour = _MARKS[check.status]
    if not output.is_terminal():
        click.echo(
            "\t".join((mark, check.name, output.cell(check.detail), output.cell(check.advice))).rstrip()
        )
        return
    width = max(40, shutil.get_terminal_size().columns - len("MISSING "))
    click.echo(click.style(mark.ljust(8), fg=colour), nl=False)
    lines = textwrap.wrap(
        f"{check.name}: {check.detail}", width, break_long_words=False, break_on_hyphens=False
    )
    click.echo("\n        ".join(lines))
    if check.advice:
        click.echo(f"        -> {check.advice}")


def _close(checks: list[Check]) -> None:
    missing = sum(check.status is Status.MISSING for check in checks)
    warned = sum(check.status is Status.WARN for check in checks)
    said = f"{len(checks)} checks: {missing} missing, {warned} with a warning."
    click.echo(
        said if missing or warned else f"{len(checks)} checks, all is there.", err=not output.is_terminal()
    )
