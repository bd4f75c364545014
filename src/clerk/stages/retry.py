"""Make what failed due again, so that the next run of the site tries it."""

from __future__ import annotations

from dataclasses import replace

from clerk.errors import UsageError
from clerk.models import Document, PageRecord, Stage
from clerk.storage import SiteStore


def forget(store: SiteStore, stage: str = "") -> int:
    """Make failed pages and unreadable documents due again, of one stage or of all; in how many documents.

    Failed downloads are not kept here: the fetch tries them again by itself when it is told to retry.

    Raises:
        UsageError: there is no stage of that name.
    """
    wanted = stage_of(stage) if stage else None
    return sum(_forget(store, document, wanted) for document in store.documents())


def stage_of(name: str) -> Stage:
    """The stage of that name.

    Raises:
        UsageError: there is none.
    """
    try:
        return Stage(name)
    except ValueError as error:
        raise UsageError(f"There is no stage {name!r}.", advice=f"Use one of {', '.join(Stage)}.") from error


def _forget(store: SiteStore, document: Document, stage: Stage | None) -> bool:
    """Make failed pages, and a failed reading, due again; True when there was something to retry.

    With `stage`, only what failed in it: a document that cannot be read failed in reading.
    """
    record = store.read_record(document)
    if record is None:
        return False
    unread = stage in (None, Stage.READ) and (record.error or any(e.unread for e in record.pages.values()))
    entries = {page: _due_again(entry, stage) for page, entry in record.pages.items()}
    again = {page: entry for page, entry in entries.items() if entry != record.pages[page]}
    if not (unread or again):
        return False
    store.write_entries(replace(record, reader="retry" if unread else record.reader), again)
    return True


def _due_again(entry: PageRecord, stage: Stage | None) -> PageRecord:
    """The record that makes due what failed of a page, in `stage` only where one is named."""
    due = entry
    if stage in (None, entry.stage or Stage.OCR):
        if entry.failed:
            # Attempts live on in the pending entry, so that a page that fails again counts further.
            due = replace(entry, status="retry")
        elif entry.unread:
            due = replace(entry, error="", transient=False, stage=None)
        elif entry.done and entry.error:
            due = replace(entry, error="", transient=False, stage=None, redo=f"{entry.at} retry")
    return replace(due, image_error="") if stage in (None, Stage.READ) else due
