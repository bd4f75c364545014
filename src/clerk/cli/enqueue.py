"""`clerk enqueue`: queue runs of sites for the workers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from clerk.cli import output
from clerk.cli.redo import redo_options, with_redo
from clerk.cli.session import settings
from clerk.errors import UsageError
from clerk.fleet.api import PATIENT, connect
from clerk.fleet.due import due_sites
from clerk.fleet.enqueue import Outcome, Submitted, submit
from clerk.models import Priority, RunRequest, Site, State
from clerk.tracking import Tracking, open_tracking

POLL_SECONDS = 2.0


@click.command()
@click.argument("subdomains", nargs=-1, metavar="[SUBDOMAIN]...")
@click.option("--all", "every", is_flag=True, help="Every site.")
@click.option("--due", is_flag=True, help="The sites that are due by their own interval.")
@click.option("--state", metavar="ST", help="The sites of a state of the union, such as CA.")
@click.option(
    "--priority",
    type=click.Choice([priority.value for priority in Priority]),
    default=Priority.NORMAL.value,
    show_default=True,
    help="Queue of the runs; all that follows from them has the same.",
)
@click.option("--all-years", is_flag=True, help="Fetch from the site's first year on, not only the last two.")
@click.option("--all-agendas", is_flag=True, help="Fetch past agendas too.")
@click.option("--ocr-backend", metavar="NAME", default="", help="OCR backend for these runs.")
@redo_options
@click.option("--force", is_flag=True, help="Queue a run also behind one that waits or is at work.")
@click.option("--wait", is_flag=True, help="Leave when the runs have ended; 1 when one of them failed.")
@click.pass_context
def enqueue(
    context: click.Context,
    subdomains: tuple[str, ...],
    every: bool,
    due: bool,
    state: str | None,
    priority: str,
    all_years: bool,
    all_agendas: bool,
    ocr_backend: str,
    redo_ocr: bool,
    below_confidence: float | None,
    documents: tuple[str, ...],
    force: bool,
    wait: bool,
) -> None:
    """Queue runs of sites for the workers.

    A site that waits or is at work already is not queued twice. Prints a line for each site.
    """
    chosen = settings()
    civic = open_tracking(chosen)
    names = _names(civic, subdomains, every=every, due=due, state=state)
    if not names:
        output.note("No site is due." if due else "No site matches.")
        return
    requests = [
        RunRequest(name, all_years=all_years, all_agendas=all_agendas, ocr_backend=ocr_backend)
        for name in names
    ]
    requests = with_redo(requests, chosen, redo_ocr, below_confidence, documents)
    with connect(chosen, patience=PATIENT) as api:
        results = submit(civic, api, requests, Priority(priority), behind=force)
        for result in sorted(results, key=lambda each: names.index(each.subdomain)):
            click.echo(_line(result))
        if wait:
            context.exit(0 if _wait(civic, results) else 1)


def _names(
    civic: Tracking, subdomains: Sequence[str], *, every: bool, due: bool, state: str | None
) -> list[str]:
    """The sites meant, without repetition.

    Raises:
        UnknownSiteError: one is not registered; nothing is queued then.
        UsageError: none is named, or names and a choice together.
    """
    if bool(subdomains) + every + due + (state is not None) != 1:
        raise UsageError(
            "Name sites, or use one of --all, --due and --state.", advice="See `clerk enqueue --help`."
        )
    if subdomains:
        return [civic.sites.get(name).subdomain for name in dict.fromkeys(subdomains)]
    sites = civic.sites.list()
    if due:
        return due_sites(sites, civic.jobs.last_starts(), datetime.now(UTC))
    return [site.subdomain for site in sites if every or _in_state(site, state or "")]


def _in_state(site: Site, state: str) -> bool:
    return site.state.casefold() == state.casefold()


def _line(result: Submitted) -> str:
    if result.outcome is Outcome.QUEUED:
        return f"{result.subdomain}: queued with {result.priority.value} priority, run {result.run_id}"
    return f"{result.subdomain}: {result.outcome.value}; not queued twice (--force queues a run behind it)"


def _wait(civic: Tracking, results: list[Submitted]) -> bool:
    """Follow the queued runs to their end, a line for each; True when none of them failed."""
    waiting = {result.run_id: result.subdomain for result in results if result.run_id}
    well = True
    while waiting:
        time.sleep(POLL_SECONDS)
        for run_id in list(waiting):
            job = civic.jobs.get(run_id)
            if job is not None and job.open:
                continue
            # A run that died is started again under a number of its own, so its row is not the last word.
            state = job.state if job else State.CANCELLED
            click.echo(
                f"{waiting.pop(run_id)}: {state.value}{f': {job.error_message}' if job and job.error_message else ''}"
            )
            well = well and state in (State.COMPLETED, State.INCOMPLETE, State.NO_DOCUMENTS)
    return well
