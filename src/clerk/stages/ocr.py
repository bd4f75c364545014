"""Recognise pages one by one; each page's text and record are at their final place as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from clerk.isolation import Child, worker_child
from clerk.models import PageRecord, PageSpan, PageWork, Source, Stage
from clerk.ocr import OcrOptions, recognise_page
from clerk.stages.images import with_image
from clerk.stages.redo import kept
from clerk.stages.spans import at_work
from clerk.storage import SiteStore


def recognise_pages(spans: Sequence[PageSpan], work: PageWork) -> int:
    """Recognise every page of `spans` that has no terminal record yet; the value is how many were done.

    A page that fails gets a record that says why, and the next one goes on. The spans are of one site. Runs in a
    worker process.

    Raises:
        RunCancelledError: the run was called off; the page at hand gets no record.
    """
    if not spans:
        return 0
    child = worker_child(work.memory_mb)
    store = SiteStore(Path(work.root), spans[0].document.subdomain)
    with at_work(store, work.run_id, child, recognition=True) as check:
        return sum(_recognise_span(store, span, work, child, check) for span in spans)


def _recognise_span(
    store: SiteStore, span: PageSpan, work: PageWork, child: Child, check: Callable[[], None]
) -> int:
    record = store.read_record(span.document)
    if record is None:
        return 0
    options = OcrOptions(work.backend, work.languages, work.timeout, work.plugins_dir, work.second)
    count = 0
    for page in span.pages:
        before = record.pages.get(page) or PageRecord(page, "pending")
        if _settled(before, work.attempt):
            continue
        check()
        made = recognise_page(store.pdf(span.document), page, options, child)
        # Before each write too: a child that was killed to stop the run says nothing about its page.
        check()
        entry = with_image(store, span.document, _entry(before, made.record, work.attempt), work, child)
        check()
        text = made.text if made.record.done else None
        store.write_page(span.document, entry, text, layout=made.layout)
        count += 1
    return count


def mark_lost(store: SiteStore, span: PageSpan, reason: str, attempt: str) -> None:
    """Record pages as failed that took their worker with them each time in this attempt at a run."""
    record = store.read_record(span.document)
    for page in span.pages:
        before = (record.pages.get(page) if record else None) or PageRecord(page, "pending")
        lost = PageRecord(
            page, "failed", source=Source.OCR, error=reason, transient=True, stage=Stage.OCR, at=_now()
        )
        store.write_page(span.document, _entry(before, lost, attempt), None)


def _entry(before: PageRecord, made: PageRecord, attempt: str) -> PageRecord:
    """The record to keep of what recognition made of a page in this attempt at a run."""
    if before.done and made.failed:
        return kept(before, made)
    # A page that failed before comes back as `failed` or `retry` and counts on.
    attempts = before.attempts + (before.status in ("failed", "retry"))
    return replace(
        made,
        why=before.why,
        layer=before.layer,
        attempts=attempts,
        image_error=before.image_error,
        run=attempt if made.failed else "",
    )


def _settled(before: PageRecord, attempt: str) -> bool:
    """True when the page needs nothing more: the same task, begun by a worker that died, recorded it."""
    return (before.done and not before.redo) or (before.failed and before.run == attempt)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
