"""The books of a site: every page of every document is done, failed with a reason, or still open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from clerk.models import Document, DocumentRecord, Failure, PageRecord, Source, Stage
from clerk.stages import uploads
from clerk.stages.plan import Records, records
from clerk.storage import SiteStore, read_json
from clerk.strays import strays


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of a site. `pages` are those of its readable documents: text_layer + ocr + failed + open.

    `redo` of those that have a text are still to be recognised again.
    """

    documents: int
    unreadable: int
    unread: int
    pages: int
    text_layer: int
    ocr: int
    failed: int
    open: int
    redo: int = 0

    @property
    def unsettled(self) -> bool:
        """True when a document or a page has no result of its own yet."""
        return bool(self.waiting or self.unread)

    @property
    def waiting(self) -> int:
        """Pages that are to be recognised."""
        return self.open + self.redo


def settle(store: SiteStore) -> Records:
    """Fold what was recognised into the sidecars and return them; call where no worker writes any more."""
    for document in store.documents():
        store.fold(document)
    return records(store)


def account(store: SiteStore, known: Records) -> Account:
    """Count documents and pages from their sidecars."""
    readable = [record for record in known.values() if record.readable]
    sources = Counter(entry.source for record in readable for entry in record.pages.values() if entry.done)
    return Account(
        documents=len(known),
        unreadable=len(known) - len(readable),
        unread=len(store.documents()) - len(known),
        pages=sum(record.page_count for record in readable),
        text_layer=sources[Source.TEXT_LAYER],
        ocr=sources[Source.OCR],
        failed=sum(len(record.failed) for record in readable),
        open=sum(len(record.pending) for record in readable),
        redo=sum(len(record.redo) for record in readable),
    )


def failures(store: SiteStore, known: Records) -> list[Failure]:
    """All dead letters of the site: failed pages, images and uploads, unreadable documents, what fetching left out."""
    found = [_of_document(store, document, record) for document, record in known.items() if record.error]
    for document, record in known.items():
        for _, entry in sorted(record.pages.items()):
            found += _of_page(store, document, entry)
        found += uploads.failures(store, record)
    return found + _of_fetch(store) + [_stray(store, *each) for each in strays(store).items()]


def _of_document(store: SiteStore, document: Document, record: DocumentRecord) -> Failure:
    path = store.relative(store.pdf(document))
    reason = f"keeps its earlier pages: {record.error}" if record.readable else record.error
    return _failure(document, path, None, Stage.READ, reason, record.attempts)


def _of_page(store: SiteStore, document: Document, entry: PageRecord) -> list[Failure]:
    path = store.relative(store.pdf(document))
    reasons = []
    if entry.failed:
        reasons.append((entry.stage or Stage.OCR, entry.error))
    elif entry.done and entry.error:
        reasons.append((entry.stage or Stage.OCR, f"keeps its earlier text: {entry.error}"))
    if entry.done and entry.image_error:
        reasons.append((Stage.READ, f"has its text but no image: {entry.image_error}"))
    return [_failure(document, path, entry.page, stage, reason, entry.attempts) for stage, reason in reasons]


def _failure(
    document: Document, path: str, page: int | None, stage: Stage, reason: str, attempts: int
) -> Failure:
    return Failure(
        subdomain=document.subdomain,
        kind=document.kind.value,
        meeting=document.meeting,
        date=document.date,
        path=path,
        page=page,
        stage=stage.value,
        reason=reason,
        attempts=attempts,
    )


def _of_fetch(store: SiteStore) -> list[Failure]:
    entries = read_json(store.skipped_file)
    fields = Failure.__dataclass_fields__
    return [
        Failure(**{key: value for key, value in entry.items() if key in fields})
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    ]


def _stray(store: SiteStore, path: Path, why: str) -> Failure:
    return Failure(
        subdomain=store.subdomain,
        kind="",
        meeting="",
        date="",
        path=str(path),
        page=None,
        stage=Stage.FETCH.value,
        reason=f"skipped: the name {path.name} {why}",
    )
