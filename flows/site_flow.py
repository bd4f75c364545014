"""The site flow: fetch, read, recognise, then the fast and the full path at once."""

from __future__ import annotations

from typing import Any

from prefect import flow, unmapped
from prefect.client.schemas.objects import State

from clerk.errors import LeaseHeldError, RunCancelledError
from clerk.models import RunRequest
from clerk.orchestrate import (
    at_once,
    early_end,
    end_state,
    release_slot,
    subflow,
    task_runner,
    this_run,
)
from clerk.settings import get_settings
from tasks.ocr import recognise_pages
from tasks.read import read_documents


@flow(
    name="process-site",
    flow_run_name="site-{subdomain}",
    task_runner=task_runner(get_settings()),
    persist_result=False,
)
def process_site(
    subdomain: str,
    source_folder: str = "",
    all_years: bool = False,
    all_agendas: bool = False,
    skip_fetch: bool = False,
    force: bool = False,
    retry: bool = False,
    ocr_backend: str = "",
    retry_stage: str = "",
    redo_ocr: bool = False,
    below_confidence: float = 0.0,
    documents: tuple[str, ...] = (),
    redo_since: str = "",
    extract_only: bool = False,
) -> State[Any]:
    """Bring one site up to date. Ends Completed, Completed named Incomplete or NoDocuments, or Failed."""
    # Not at the top: with each task Prefect sends the flow along, so every worker process imports this module, and
    # would hold the databases' and the extraction's modules too.
    from clerk.artifacts import shown
    from clerk.fan_out import read_all, recognise_all
    from clerk.site_run import prepare, site_run
    from tasks.fetch import fetch_documents

    request = RunRequest(
        subdomain,
        source_folder=source_folder,
        all_years=all_years,
        all_agendas=all_agendas,
        skip_fetch=skip_fetch,
        force=force,
        retry=retry,
        ocr_backend=ocr_backend,
        retry_stage=retry_stage,
        redo_ocr=redo_ocr,
        below_confidence=below_confidence,
        documents=tuple(documents),
        redo_since=redo_since,
        extract_only=extract_only,
    )
    settings = get_settings()
    try:
        with site_run(settings, request, this_run()) as run, shown(subdomain) as close:
            prepare(run)
            if not (skip_fetch or redo_ocr or extract_only):
                with run.fetching():
                    run.fetched(fetch_documents(run.site, request, settings))
            release_slot()
            if not extract_only:
                read_all(run, lambda batches: read_documents.map(batches, unmapped(run.work)))
                recognise_all(run, lambda batches: recognise_pages.map(batches, unmapped(run.work)))
            run.check_books()
            if extract_only:
                run.extracted(subflow("full")(**run.parameters) if run.needs_build() else None)
            elif run.needs_build():
                fast, full, deploy = subflow("fast"), subflow("full"), subflow("deploy")
                states = at_once([lambda: fast(**run.parameters), lambda: full(**run.parameters)])
                run.built(states, lambda: deploy(**run.parameters))
            elif run.needs_upload():
                run.deployed(subflow("deploy")(**run.parameters))
            summary = run.finish()
            close(run.report)
    except (LeaseHeldError, RunCancelledError) as error:
        return early_end(error)
    return end_state(summary.state, summary.message)
