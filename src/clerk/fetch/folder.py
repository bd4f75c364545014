"""The built-in plug-in behind `scraper: folder`: a folder of PDFs on this machine."""

from __future__ import annotations

import pkgutil
from typing import Any

from clerk.hookspecs import hookimpl


@hookimpl
def fetcher_class(label: str) -> type[Any] | None:
    """`FolderFetcher` for the label `folder`."""
    # Resolved when asked for: the processes that only recognise pages need no HTTP client.
    return pkgutil.resolve_name("clerk.fetch.folder_fetcher:FolderFetcher") if label == "folder" else None
