"""Fetch a site's documents into its layout, from its fetcher or from a folder."""

from __future__ import annotations

from pathlib import Path

from clerk.fetch import FetchOptions, FetchResult, fetch_site
from clerk.fetch.politeness import politeness
from clerk.models import RunRequest, Site, Stage
from clerk.settings import Settings
from clerk.storage import SiteStore

REQUEST_SECONDS = 60.0
FOLDER = "folder"


def fetch_documents(site: Site, request: RunRequest, settings: Settings) -> FetchResult:
    """Download or copy what is new, and list what failed or was left out beside the documents.

    Raises:
        FetchError: the whole source cannot be reached; it may be tried again.
        FetchRefusedError, PluginError: it will not get better by itself.
    """
    folder = remembered_folder(site, request)
    options = FetchOptions(
        all_years=request.all_years,
        all_agendas=request.all_agendas,
        source_folder=Path(folder) if folder else None,
        plugins_dir=settings.plugins_dir,
        max_bytes=settings.fetch_max_mb * 1024 * 1024,
        timeout=REQUEST_SECONDS,
        allow_private_hosts=settings.allow_private_hosts,
        retry=request.retry and request.retry_stage in ("", Stage.FETCH),
        polite=politeness(settings.host_requests_per_minute, settings.redis_url),
    )
    return fetch_site(site, SiteStore(settings.storage_dir, site.subdomain), options)


def remembered_folder(site: Site, request: RunRequest) -> str:
    """The folder this run takes documents from: the one it was given, else the one its site remembers."""
    if request.source_folder:
        return request.source_folder
    return str(site.extra.get("folder", "")) if site.scraper == FOLDER else ""
