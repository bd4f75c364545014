"""Fetching: a site's documents, from wherever they are, into the layout of `clerk.storage`.

`fetch_site` is the one verb. It is looked up at first use, so that the plug-ins beside it stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clerk.fetch.site import FetchOptions, FetchResult, fetch_site

__all__ = ["FetchOptions", "FetchResult", "fetch_site"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("clerk.fetch.site"), name)
