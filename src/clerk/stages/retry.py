"""Make what failed due again, so that the next run of the site tries it."""

from __future__ import annotations

from clerk.storage import SiteStore


def forget(store: SiteStore) -> int:
    """Make failed pages and unreadable documents due again; the value is how many documents have some."""
    return sum(store.forget_failures(document) for document in store.documents())
