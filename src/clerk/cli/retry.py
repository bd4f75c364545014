"""`clerk retry`: make what failed due again, and run the sites."""

from __future__ import annotations

from collections.abc import Iterable

import click

from clerk.cli import output
from clerk.cli.pipeline import process
from clerk.cli.session import settings
from clerk.errors import ClerkError
from clerk.fleet.api import PATIENT, connect
from clerk.fleet.enqueue import Outcome, Submitted, submit
from clerk.local_run import serving
from clerk.models import Failure, RunRequest, Stage, State
from clerk.settings import Settings
from clerk.stages.account import failures
from clerk.stages.plan import records
from clerk.storage import SiteStore
from clerk.tracking import Tracking, open_tracking
from clerk.tracking.values import Progress

_FAILED = (State.FAILED, State.CRASHED)


@click.command()
@click.argument("subdomain", required=False)
@click.option("--all", "every", is_flag=True, help="Every site in which something failed.")
@click.option(
    "--stage", type=click.Choice([stage.value for stage in Stage]), help="Only what failed in this stage."
)
@click.option("--ocr-backend", metavar="NAME", default="", help="OCR backend for this try.")
@click.pass_context
def retry(
    context: click.Context, subdomain: str | None, every: bool, stage: str | None, ocr_backend: str
) -> None:
    """Try again what failed in a site.

    Failed pages, unreadable documents, failed downloads and runs that failed; what is done stays as it is. With
    --all, sites are queued for the workers where PREFECT_API_URL is set, else done one after the other.
    """
    if bool(subdomain) == every:
        raise click.UsageError("Name a site, or use --all.", context)
    chosen = settings()
    tracking = open_tracking(chosen)
    failed = _of_site(chosen, tracking, subdomain) if subdomain else _of_all(tracking)
    requests = _requests(failed, stage or "", ocr_backend)
    if not requests:
        where = subdomain or "any site"
        output.note(f"Nothing failed in {where}{f' in the stage {stage}' if stage else ''}.")
    elif subdomain:
        context.exit(process(chosen, requests[0]))
    elif chosen.prefect_api_url:
        _queue(chosen, tracking, requests)
    else:
        context.exit(_one_by_one(chosen, requests))


def _of_site(chosen: Settings, tracking: Tracking, subdomain: str) -> dict[str, set[str]]:
    """Stages in which something of the site failed, from its files, which know best."""
    site = tracking.sites.get(subdomain)
    store = SiteStore(chosen.storage_dir, site.subdomain)
    run = tracking.progress.get(site.subdomain)
    return _stages(failures(store, records(store)), [run] if run else [])


def _of_all(tracking: Tracking) -> dict[str, set[str]]:
    """Stages in which something failed, by site, from the civic database."""
    return _stages(tracking.failures.list(), tracking.progress.list())


def _stages(letters: Iterable[Failure], runs: Iterable[Progress]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for letter in letters:
        # What was left out on purpose is listed too, and would be left out again.
        if not letter.reason.startswith("skipped"):
            found.setdefault(letter.subdomain, set()).add(letter.stage)
    for run in runs:
        if run.state in _FAILED:
            # A run that failed before any stage has fetched nothing.
            found.setdefault(run.subdomain, set()).add(run.error_stage or Stage.FETCH.value)
    return found


def _requests(failed: dict[str, set[str]], stage: str, ocr_backend: str) -> list[RunRequest]:
    """A run for each site in which something failed, of `stage` if one is named; in the order of their names."""
    requests = []
    for subdomain, stages in sorted(failed.items()):
        wanted = stages & {stage} if stage else stages
        if wanted:
            # A source is only asked again where something of it failed.
            skip_fetch = Stage.FETCH.value not in wanted
            requests.append(
                RunRequest(
                    subdomain, skip_fetch=skip_fetch, retry=True, ocr_backend=ocr_backend, retry_stage=stage
                )
            )
    return requests


def _one_by_one(chosen: Settings, requests: list[RunRequest]) -> int:
    """Run the sites here; one that cannot run does not stop the others. The exit code is that of the worst."""
    worst = 0
    with serving(chosen):
        for number, request in enumerate(requests):
            if number:
                click.echo()
            try:
                worst = max(worst, process(chosen, request, served=True))
            except ClerkError as error:
                output.note(f"clerk: {request.subdomain}: {error}")
                worst = max(worst, 1)
    return worst


def _queue(chosen: Settings, tracking: Tracking, requests: list[RunRequest]) -> None:
    with connect(chosen, patience=PATIENT) as api:
        for result in sorted(submit(tracking, api, requests), key=lambda each: each.subdomain):
            click.echo(_line(result))


def _line(result: Submitted) -> str:
    if result.outcome is Outcome.QUEUED:
        return f"{result.subdomain}: queued, run {result.run_id}"
    return f"{result.subdomain}: {result.outcome.value}; try again when it has ended"
