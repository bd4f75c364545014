"""Read documents: check the file, take the text layers that can be trusted, name the pages that need OCR."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clerk.errors import DocumentError, PageError, StorageError
from clerk.isolation import Child, worker_child
from clerk.models import Document, DocumentRecord, PageRecord, PageWork, Source
from clerk.pdf import READER, ReadResult, read_document
from clerk.stages.images import draw
from clerk.stages.spans import at_work
from clerk.storage import SiteStore, write_atomic


def read_documents(documents: Sequence[Document], work: PageWork) -> int:
    """Read each document and write its sidecar; the value is the number of pages they have.

    A document that cannot be read gets a sidecar that says why. Runs in a worker process; needs no database.
    """
    if not documents:
        return 0
    child = worker_child(work.memory_mb)
    store = SiteStore(Path(work.root), documents[0].subdomain)
    pages = 0
    with at_work(store, work.run_id, child) as check:
        for document in documents:
            check()
            pages += _read(store, document, work, child, check)
    return pages


def _read(
    store: SiteStore, document: Document, work: PageWork, child: Child, check: Callable[[], None]
) -> int:
    pdf = store.pdf(document)
    old = store.read_record(document)
    if not pdf.exists():
        return _adopt(store, document, old)
    digest, size, mtime_ns = _fingerprint(pdf)
    same = old is not None and old.sha256 == digest
    fresh = DocumentRecord(document, digest, size, mtime_ns, 0, READER, at=_now())
    try:
        result = read_document(pdf, languages=work.languages, child=child, timeout=work.timeout)
    except (DocumentError, PageError) as error:
        # A child that was killed to stop the run says nothing about its document.
        check()
        attempts = old.attempts + 1 if same and old and (old.error or old.reader == "retry") else 1
        store.drop_pages(document)
        store.write_record(replace(fresh, error=error.message, transient=error.transient, attempts=attempts))
        return 0
    before = old.pages if same and old is not None else {}
    if work.again or not same:
        store.drop_pages(document)
    if old is not None and old.sha256 and not same:
        store.drop_images(document)
    _write_texts(store, document, result, before)
    pages = {n: _merge(entry, before.get(n), work.again) for n, entry in result.pages.items()}
    record = replace(fresh, page_count=result.page_count, pages=pages)
    store.write_record(draw(store, record, work, child, check))
    return result.page_count


def _write_texts(
    store: SiteStore, document: Document, result: ReadResult, before: dict[int, PageRecord]
) -> None:
    for page, text in result.texts.items():
        entry, old = result.pages[page], before.get(page)
        if old is None or old.sha256 != entry.sha256 or not store.text(document, page).exists():
            # Not synced one by one: each record holds the text's hash, and compiling checks it.
            write_atomic(store.text(document, page), text.encode(), sync=False)


def _merge(entry: PageRecord, old: PageRecord | None, again: bool) -> PageRecord:
    """The record to keep: what OCR made of an unchanged page outlives a second reading."""
    if old is None:
        return entry
    if entry.status == "pending" and not again and old.source is Source.OCR and (old.done or old.failed):
        return replace(old, why=entry.why, layer=entry.layer)
    if entry.done:
        return replace(entry, attempts=old.attempts, at=old.at) if old.sha256 == entry.sha256 else entry
    return replace(entry, attempts=old.attempts + (1 if entry.failed else 0))


def _adopt(store: SiteStore, document: Document, old: DocumentRecord | None) -> int:
    """Take over the pages of a document whose PDF is gone but whose texts are there.

    Earlier programs deleted the PDF once its text was made; their texts are all that is left of it.
    """
    texts = {page: store.text(document, page).read_bytes() for page in sorted(store.text_pages(document))}
    known = old.pages if old is not None else {}
    pages = {
        page: known.get(page)
        or PageRecord(
            page=page,
            status="done",
            source=Source.OCR,
            engine="imported",
            sha256=hashlib.sha256(text).hexdigest(),
            chars=len(text.decode(errors="replace")),
            why="text without its PDF",
            at=_now(),
        )
        for page, text in texts.items()
    }
    count = max([*pages, old.page_count if old else 0], default=0)
    store.write_record(
        DocumentRecord(document, "", 0, 0, count, READER, pages=_gaps(pages, count), at=_now())
    )
    return count


def _gaps(pages: dict[int, PageRecord], count: int) -> dict[int, PageRecord]:
    missing = set(range(1, count + 1)) - set(pages)
    lost = {
        n: PageRecord(n, "failed", error="its text is missing and the PDF is gone", at=_now())
        for n in missing
    }
    return {**pages, **lost}


def _fingerprint(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest(), stat.st_size, stat.st_mtime_ns
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror}.") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
