"""Fetch the documents of a site."""

from __future__ import annotations

from prefect import task

from clerk.fetch import FetchResult
from clerk.models import RunRequest, Site
from clerk.orchestrate import transient
from clerk.settings import Settings
from clerk.stages import fetch


@task(
    name="fetch",
    task_run_name="fetch-{site.subdomain}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=transient,
    tags=["fetch"],
    persist_result=False,
)
def fetch_documents(site: Site, request: RunRequest, settings: Settings) -> FetchResult:
    """Download or copy what is new."""
    return fetch.fetch_documents(site, request, settings)
