"""Fetch the documents of a site."""

from __future__ import annotations

from prefect import task

from clerk.fetch import FetchResult
from clerk.models import RunRequest, Site
from clerk.orchestrate import RETRY
from clerk.settings import Settings
from clerk.stages import fetch


@task(
    name="fetch",
    task_run_name="fetch-{site.subdomain}",
    tags=["fetch"],
    persist_result=False,
    **RETRY,
)
def fetch_documents(site: Site, request: RunRequest, settings: Settings) -> FetchResult:
    """Download or copy what is new."""
    return fetch.fetch_documents(site, request, settings)
