"""Page images that are kept beside the texts, for plug-ins and web sites that want static files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clerk.errors import ClerkError
from clerk.isolation import Child
from clerk.models import Document, DocumentRecord, PageRecord, PageWork
from clerk.pdf import picture
from clerk.plugins import plugin_manager
from clerk.settings import Settings
from clerk.storage import SiteStore, write_atomic

STORED = "stored"


def wanted(settings: Settings) -> bool:
    """True when images are to be kept: as PAGE_IMAGES says, or where that is not set, when a plug-in uploads them."""
    return settings.page_images == STORED or (not settings.page_images and takes_files(settings))


def takes_files(settings: Settings) -> bool:
    """True when a plug-in takes static files."""
    manager = plugin_manager(settings.plugins_dir)
    return bool(manager.hook.upload_static_file.get_hookimpls())


def with_image(
    store: SiteStore, document: Document, entry: PageRecord, work: PageWork, child: Child
) -> PageRecord:
    """Make the page's image where it is wanted and missing; the record, which says why where it cannot be made."""
    if not work.images or store.image(document, entry.page).exists():
        return entry
    try:
        data = child.call(picture.png, store.pdf(document), entry.page, timeout=work.timeout)
    except ClerkError as error:
        return replace(entry, image_error=error.message)
    if not data:
        return replace(entry, image_error="is not in the document")
    # Not synced one by one: what a power cut takes is drawn again.
    write_atomic(store.image(document, entry.page), data, sync=False)
    return replace(entry, image_error="")


def draw(
    store: SiteStore, record: DocumentRecord, work: PageWork, child: Child, check: Callable[[], None]
) -> DocumentRecord:
    """Make the missing images of the pages that are not to be recognised first; the record with what came of it."""
    made = {}
    for page in undrawn(store, record) if work.images else ():
        check()
        made[page] = with_image(store, record.document, record.pages[page], work, child)
    check()
    return record.with_pages(made)


def undrawn(store: SiteStore, record: DocumentRecord) -> list[int]:
    """Pages with a terminal record that have no image and could have one."""
    if record.error or not record.size:
        return []
    present = store.image_pages(record.document)
    return [
        page
        for page, entry in sorted(record.pages.items())
        if (entry.done or entry.failed) and not entry.image_error and page not in present
    ]
