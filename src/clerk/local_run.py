"""Runs the site flow in this process: finds or starts a Prefect server, calls the flow, tells how it ended."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict

from clerk import project_root
from clerk.errors import ClerkError, LeaseHeldError, ServerError, StageFailedError
from clerk.models import RunRequest, RunSummary
from clerk.ocr_choice import ocr_choice
from clerk.progress import Event, listening
from clerk.settings import Settings
from clerk.stack import server
from clerk.tracking import Holder, open_tracking


def check(settings: Settings, request: RunRequest) -> None:
    """Say what would stop the run before anything is started.

    Raises:
        UnknownSiteError, LeaseHeldError, OcrUnavailableError, DatabaseError.
    """
    tracking = open_tracking(settings)
    tracking.reap()
    site = tracking.sites.get(request.subdomain)
    # A holder on another host may have expired, which only taking the lease can tell; that is the run's first act.
    here = Holder.current().host
    held = [each for each in tracking.leases.list() if each.subdomain == site.subdomain and each.host == here]
    if held:
        raise LeaseHeldError(
            f"{site.subdomain} is being processed by run {held[0].run_id} (process {held[0].pid} on {held[0].host})."
        )
    choice = ocr_choice(settings, site, request.ocr_backend)
    if not request.extract_only:
        choice.check(str(settings.plugins_dir))
    tracking.close()


def run_site(settings: Settings, request: RunRequest, *, served: bool = False) -> RunSummary:
    """Run the flow `process-site` here and return what it did. `served`: inside of `serving`, else it comes and goes.

    Raises:
        ClerkError: the run failed; what it had done is kept.
    """
    check(settings, request)
    summaries: list[RunSummary] = []

    def keep(event: Event) -> None:
        if isinstance(event, RunSummary):
            summaries.append(event)

    with nullcontext() if served else serving(settings), listening(keep):
        # Imported by name and only now: Prefect reads its settings from the environment at import.
        flow = importlib.import_module("flows.site_flow").process_site
        state = flow(**asdict(request), return_state=True)
    if summaries:
        return summaries[-1]
    error = state.result(raise_on_failure=False)
    if isinstance(error, ClerkError):
        raise error
    raise StageFailedError(f"The run of {request.subdomain} ended {state.name}: {state.message}")


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """A Prefect API for the runs in the block: the one of PREFECT_API_URL, or a server of this process's own.

    Raises:
        ServerError: neither answers.
    """
    project_root.on_path()
    url = settings.prefect_api_url
    if url:
        if not server.answers(url, 10):
            raise ServerError(
                f"The Prefect API at {url} does not answer.",
                advice="Start it, or unset PREFECT_API_URL to let the run start its own.",
            )
        with server.environment(url, None):
            yield
        return
    local = server.launch(settings.storage_dir)
    try:
        with server.environment(local.url, local.home):
            # The server takes seconds to come up, and so do these imports: side by side.
            importlib.import_module("flows.site_flow")
            local.wait()
            orchestrate = importlib.import_module("clerk.orchestrate")
            try:
                with orchestrate.without_heartbeats():
                    yield
            finally:
                orchestrate.flush()
    finally:
        local.stop()
