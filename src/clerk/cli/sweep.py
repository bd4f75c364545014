"""`clerk sweep`: find what died, say so, and start it again."""

from __future__ import annotations

import random
import signal
import threading

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import ClerkError
from clerk.fleet.api import connect
from clerk.fleet.sweep import Report, sweep
from clerk.settings import Settings
from clerk.tracking import open_tracking


@click.command("sweep")
@click.option("--loop", is_flag=True, help="Go on sweeping, every SWEEP_SECONDS, until told to stop.")
def sweep_command(loop: bool) -> None:
    """Mark crashed what died, and queue it again.

    Compares the civic database with the Prefect API. Needs PREFECT_API_URL.
    """
    chosen = settings()
    if not loop:
        _tell(_once(chosen), always=True)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while True:
        try:
            _tell(_once(chosen))
        except ClerkError as error:
            # A server that is away is no reason to stop looking after the others.
            output.note(str(error))
        # Two sweepers must not stay in step.
        if stop.wait(chosen.sweep_seconds * random.uniform(0.85, 1.15)):  # noqa: S311
            return


def _once(chosen: Settings) -> Report:
    tracking = open_tracking(chosen)
    try:
        with connect(chosen) as api:
            return sweep(tracking, api, chosen)
    finally:
        tracking.close()


def _tell(report: Report, *, always: bool = False) -> None:
    for line in report.lines:
        click.echo(line)
    if always and not report.lines:
        click.echo("Nothing to mend.")
