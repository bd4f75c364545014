"""What is due, and how it is cut into tasks. Looks at files only; decides nothing about content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from clerk.models import Document, DocumentRecord, PageRecord, PageSpan
from clerk.pdf import READER
from clerk.storage import SiteStore

MAX_SPAN = 25
MAX_READ_TASKS = 100
MAX_OCR_TASKS = 380
TASKS_PER_WORKER = 4
MAX_BATCH_DOCUMENTS = 50
RETRY_AFTER = timedelta(days=1)
MAX_ATTEMPTS = 5

Records = dict[Document, DocumentRecord]


def records(store: SiteStore) -> Records:
    """The sidecars of all documents of the site that were ever read, in order."""
    found = ((document, store.read_record(document)) for document in store.documents())
    return {document: record for document, record in found if record is not None}


def documents_to_read(store: SiteStore, known: Records, *, again: bool = False) -> list[Document]:
    """Documents whose PDF, or the text on disk, is not the one that their record speaks of."""
    return [
        document
        for document in store.documents()
        if again or _must_read(store, document, known.get(document), datetime.now(UTC))
    ]


def pages_to_recognise(known: Records, *, now: datetime | None = None) -> list[PageSpan]:
    """Pages without a terminal record, and failed ones whose back-off has passed, a span a document."""
    moment = now or datetime.now(UTC)
    spans = []
    for document, record in known.items():
        later = tuple(n for n in record.failed if _due_again(record.pages[n], moment))
        pages = tuple(sorted({*record.pending, *later}))
        if pages:
            spans.append(PageSpan(document, pages))
    return spans


def read_batches(documents: Sequence[Document], workers: int) -> list[tuple[Document, ...]]:
    """Documents cut into tasks: about four a worker, at most 50 documents each where 100 tasks suffice."""
    if not documents:
        return []
    size = min(MAX_BATCH_DOCUMENTS, _ceil(len(documents), TASKS_PER_WORKER * workers))
    size = max(size, _ceil(len(documents), MAX_READ_TASKS))
    return [tuple(documents[start : start + size]) for start in range(0, len(documents), size)]


def ocr_batches(spans: Sequence[PageSpan], workers: int, *, size: int = 0) -> list[tuple[PageSpan, ...]]:
    """Pages cut into tasks of up to 25; a task may hold pages of several small documents.

    A mapped task costs more than a tenth of a CPU-second whatever it does, so pages share tasks; but with fewer
    than about four tasks a worker the last one would be waited for alone.
    """
    total = sum(len(span.pages) for span in spans)
    if not total:
        return []
    size = size or min(MAX_SPAN, _ceil(total, TASKS_PER_WORKER * workers))
    size = max(size, _ceil(total, MAX_OCR_TASKS))
    return list(_packed(spans, size))


def _packed(spans: Iterable[PageSpan], size: int) -> Iterator[tuple[PageSpan, ...]]:
    batch: list[PageSpan] = []
    room = size
    for span in spans:
        pages = span.pages
        while pages:
            batch.append(PageSpan(span.document, pages[:room]))
            pages, room = pages[room:], room - len(pages[:room])
            if room == 0:
                yield tuple(batch)
                batch, room = [], size
    if batch:
        yield tuple(batch)


def _must_read(store: SiteStore, document: Document, record: DocumentRecord | None, now: datetime) -> bool:
    if record is None or record.reader != READER:
        return True
    try:
        stat = store.pdf(document).stat()
    except FileNotFoundError:
        return bool(record.size)
    if (stat.st_size, stat.st_mtime_ns) != (record.size, record.mtime_ns):
        return True
    if record.error:
        return _backed_off(record.transient, record.attempts, record.at, now)
    present = store.text_pages(document)
    return any(entry.done and page not in present for page, entry in record.pages.items())


def _due_again(entry: PageRecord, now: datetime) -> bool:
    return _backed_off(entry.transient, entry.attempts, entry.at, now)


def _backed_off(transient: bool, attempts: int, at: str, now: datetime) -> bool:
    """True when a failure that may pass has waited long enough: a day, then two, four, eight."""
    if not transient or attempts >= MAX_ATTEMPTS or not at:
        return False
    return now >= datetime.fromisoformat(at) + RETRY_AFTER * (1 << (attempts - 1))


def _ceil(value: int, by: int) -> int:
    return -(-value // max(by, 1))
