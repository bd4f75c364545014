"""Read documents: check the file, take the text layers that can be trusted, name the pages that need OCR."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clerk.errors import DocumentError, PageError, StorageError
from clerk.isolation import Child, worker_child
from clerk.models import Document, DocumentRecord, PageRecord, PageWork, Source, Stage
from clerk.pdf import READER, read_document
from clerk.stages.images import draw
from clerk.stages.spans import at_work
from clerk.storage import SiteStore, read_bytes, write_atomic


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


def mark_unread(store: SiteStore, document: Document, reason: str, attempt: str) -> None:
    """Record a document as one that cannot be read: it took its worker down each time in this attempt at a run."""
    old, pdf = store.read_record(document), store.pdf(document)
    facts = _fingerprint(pdf) if pdf.exists() else (old.sha256 if old else "", 0, 0)
    fresh = DocumentRecord(document, *facts, 0, READER, at=_now(), run=attempt)
    _write_unread(store, old, replace(fresh, error=reason, transient=True))


def _write_unread(store: SiteStore, old: DocumentRecord | None, fresh: DocumentRecord) -> None:
    """Write the record of a failed reading; what an earlier one made of the same bytes is as good as it was."""
    if old is not None and old.sha256 == fresh.sha256:
        tried = old.attempts if old.error or old.reader == "retry" else 0
        fresh = replace(fresh, page_count=old.page_count, pages=old.pages, attempts=tried + 1)
    else:
        store.drop_pages(fresh.document)
    store.write_record(fresh)


def _read(
    store: SiteStore, document: Document, work: PageWork, child: Child, check: Callable[[], None]
) -> int:
    pdf = store.pdf(document)
    old = store.read_record(document)
    if not pdf.exists():
        return _adopt(store, document, old, work.attempt)
    facts = _fingerprint(pdf)
    fresh = DocumentRecord(document, *facts, 0, READER, at=_now(), run=work.attempt)
    same = old is not None and old.sha256 == fresh.sha256
    try:
        result = read_document(pdf, languages=work.languages, child=child, timeout=work.timeout)
    except (DocumentError, PageError) as error:
        # A child that was killed to stop the run says nothing about its document.
        check()
        _write_unread(store, old, replace(fresh, error=error.message, transient=error.transient))
        return 0
    before = old.pages if same and old is not None else {}
    if work.again or not same:
        store.drop_pages(document)
    if old is not None and old.sha256 and not same:
        store.drop_images(document)
        store.drop_texts(document, keep=result.texts)
    for page, text in result.texts.items():
        _write_text(store.text(document, page), text.encode())
    pages = {n: _merge(entry, before.get(n), work.again) for n, entry in result.pages.items()}
    record = replace(fresh, page_count=result.page_count, pages=pages)
    store.write_record(draw(store, record, work, child, check))
    return result.page_count


def _write_text(path: Path, data: bytes) -> None:
    # The file itself is asked, not its record: a loss of power may have left anything in it.
    if read_bytes(path) != data:
        # Not synced one by one: each record holds the text's hash, and compiling checks it.
        write_atomic(path, data, sync=False)


def _merge(entry: PageRecord, old: PageRecord | None, again: bool) -> PageRecord:
    """The record to keep: what there is of an unchanged page outlives a second reading that fails, or asks for OCR."""
    if old is None:
        return entry
    if entry.failed and old.done:
        failure = replace(old, error=entry.error, transient=entry.transient, stage=Stage.READ, at=entry.at)
        return replace(failure, attempts=old.attempts + 1) if old.unread else failure
    if entry.status == "pending" and not again and old.source is Source.OCR and (old.done or old.failed):
        # What an earlier reading could not do, this one did.
        kept = replace(old, error="", transient=False, stage=None) if old.unread else old
        return replace(kept, why=entry.why, layer=entry.layer)
    if entry.done:
        return replace(entry, attempts=old.attempts, at=old.at) if old.sha256 == entry.sha256 else entry
    return replace(entry, attempts=old.attempts + (1 if entry.failed else 0))


def _adopt(store: SiteStore, document: Document, old: DocumentRecord | None, attempt: str) -> int:
    """Take over the pages of a document whose PDF is gone but whose texts are there.

    Earlier programs deleted the PDF once its text was made; their texts are all that is left of it. Where `clerk` knew
    the PDF its hash stays known: should the same one come back, nothing of it is recognised again.
    """
    known = old.pages if old is not None else {}
    pages = {}
    for page in sorted(store.text_pages(document)):
        text = read_bytes(store.text(document, page))
        if text is not None:
            pages[page] = _adopted(page, text, known.get(page))
    count = max([*pages, old.page_count if old else 0], default=0)
    digest = old.sha256 if old is not None else ""
    gaps = _gaps(pages, count)
    store.write_record(
        DocumentRecord(document, digest, 0, 0, count, READER, pages=gaps, at=_now(), run=attempt)
    )
    return count


def _adopted(page: int, text: bytes, known: PageRecord | None) -> PageRecord:
    """The record of a page of which only the text is there. One that a person corrected is taken as it is now."""
    digest = hashlib.sha256(text).hexdigest()
    if known is not None and known.sha256 == digest:
        return known if known.done else replace(known, status="done", error="", transient=False, stage=None)
    # Zeros, or nothing at all, is what a loss of power leaves of a file: nobody's correction.
    if known is not None and known.chars and (b"\0" in text or not text.strip()):
        return known
    return PageRecord(
        page=page,
        status="done",
        source=Source.OCR,
        engine="imported",
        sha256=digest,
        chars=len(text.decode(errors="replace")),
        why="text without its PDF",
        at=_now(),
    )


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
