"""`clerk purge` and `clerk purge-queue`: call off work that waits or runs."""

from __future__ import annotations

import click

from clerk.cli.session import settings
from clerk.fleet.api import PrefectApi, connect
from clerk.fleet.purge import purge_queue, purge_site
from clerk.fleet.queues import NAMES, OCR
from clerk.settings import Settings
from clerk.tracking import open_tracking


@click.command()
@click.argument("subdomain")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(subdomain: str, yes: bool) -> None:
    """Cancel all work of a site and clear its rows.

    Its documents, texts and databases stay. Comes back when nothing of the site is at work any more; the site can be
    queued again at once.
    """
    chosen = settings()
    civic = open_tracking(chosen)
    civic.sites.get(subdomain)
    if not yes:
        click.confirm(
            f"Cancel all work of {subdomain} and clear its jobs, progress and failures?", abort=True
        )
    api = _api(chosen)
    try:
        done = purge_site(civic, api, chosen, subdomain)
    finally:
        if api:
            api.close()
    click.echo(
        f"{subdomain}: cancelled {done.waiting} waiting and {done.running} running flow runs, stopped {done.spans} "
        f"tasks at work, cleared {done.rows} rows. Its documents stay."
    )


@click.command("purge-queue")
@click.argument("queue", type=click.Choice(NAMES))
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge_queue_command(queue: str, yes: bool) -> None:
    """Cancel all that waits in a queue.

    What runs goes on, but for ocr: pages at work are called off too, and their sites end incomplete with the pages
    pending for the next run.
    """
    chosen = settings()
    civic = open_tracking(chosen)
    if not yes:
        click.confirm(f"Cancel all that waits in the queue {queue}?", abort=True)
    with connect(chosen) as api:
        done = purge_queue(civic, api, chosen, queue)
    if queue == OCR:
        click.echo(
            f"ocr: called off {done.spans} spans, {done.running} of them at work; their pages are pending."
        )
    else:
        click.echo(f"{queue}: cancelled {done.waiting} waiting flow runs.")


def _api(chosen: Settings) -> PrefectApi | None:
    return connect(chosen) if chosen.prefect_api_url else None
