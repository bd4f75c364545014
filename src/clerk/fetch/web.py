"""The built-in plug-in behind `scraper: web`: pages that list PDFs."""

from __future__ import annotations

import pkgutil
from typing import Any

from clerk.hookspecs import hookimpl


@hookimpl
def fetcher_class(label: str) -> type[Any] | None:
    """`WebFetcher` for the label `web`."""
    # Resolved when asked for: the processes that only recognise pages need no HTTP client.
    return pkgutil.resolve_name("clerk.fetch.web_fetcher:WebFetcher") if label == "web" else None
