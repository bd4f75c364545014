"""The text of a page, as its record speaks of it."""

from __future__ import annotations

import hashlib

from clerk.models import Document, PageRecord
from clerk.storage import SiteStore, read_bytes


def page_text(store: SiteStore, document: Document, entry: PageRecord) -> str | None:
    """The page's text, line ends and all, or None where it is missing or another one than was recorded.

    Raises:
        StorageError: it cannot be read just now.
    """
    data = read_bytes(store.text(document, entry.page))
    if data is None:
        return None
    # A page that was being recognised again when its process died may have its new text and its old record.
    whole = entry.redo or hashlib.sha256(data).hexdigest() == entry.sha256
    return data.decode(errors="replace") if whole else None
