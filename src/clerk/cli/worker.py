"""`clerk worker`: take runs of one kind off their queues."""

from __future__ import annotations

import importlib
import os

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import ServerError, UsageError
from clerk.fleet import api, queues
from clerk.settings import Settings

PATIENCE = 60


@click.command()
@click.argument("kind", type=click.Choice([*queues.POOL_OF, queues.OCR]))
@click.option(
    "-n",
    "--number",
    type=click.IntRange(1, 1024),
    help="How many at once (default: the setting of the kind).",
)
@click.option("--burst", is_flag=True, help="Work until nothing is left, then leave.")
def worker(kind: str, number: int | None, burst: bool) -> None:
    """Take runs of one kind off their queues.

    Fetch, extraction and deploy workers take Prefect runs, those of high priority first; ocr workers recognise pages
    for the Dask scheduler. A worker goes on until it is told to stop (Ctrl-C, SIGTERM).
    """
    chosen = settings()
    count = number or chosen.workers[kind]
    if chosen.prefect_api_url:
        # Prefect reads its environment when it is imported, here and in every process that is started from here.
        os.environ["PREFECT_API_URL"] = chosen.prefect_api_url
        # A server whose Redis is away answers 500 until it is back.
        os.environ.setdefault("PREFECT_CLIENT_RETRY_EXTRA_CODES", "500")
    if kind == queues.OCR:
        if not chosen.dask_scheduler_address:
            raise UsageError(
                "No Dask scheduler is set.",
                advice="Set DASK_SCHEDULER_ADDRESS, or start everything on this machine with `clerk up`.",
            )
        # Dask and Prefect take seconds to import, and each kind needs only one of them.
        importlib.import_module("clerk.stack.ocr_worker").run_workers(
            chosen, count, burst=burst, say=output.note
        )
        return
    _reach(chosen)
    importlib.import_module("clerk.stack.process_worker").run_worker(
        chosen, queues.POOL_OF[kind], count, burst=burst, say=output.note
    )


def _reach(chosen: Settings) -> None:
    """Wait for an API that is only coming up.

    Raises:
        ServerError: none is set, or it does not answer within a minute.
    """
    with api.connect(chosen, patience=2) as server:
        try:
            server.get("/health")
            return
        except ServerError:
            output.note(
                f"The Prefect API at {chosen.prefect_api_url} does not answer yet; waiting up to {PATIENCE} s."
            )
    with api.connect(chosen, patience=PATIENCE) as server:
        server.get("/health")
