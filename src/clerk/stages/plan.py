"""What is due, and how it is cut into tasks. Looks at files only; decides nothing about content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat

from clerk.models import Document, DocumentRecord, PageRecord, PageSpan
from clerk.pdf import READER
from clerk.stages.images import undrawn
from clerk.storage import SiteStore

MAX_SPAN = 25
MAX_READ_TASKS = 100
MAX_OCR_TASKS = 300
TASKS_PER_WORKER = 4
# The last OCR tasks are by this factor shorter than the first; beyond so many workers they are not cut finer.
SHORTEST = 12
MAX_LANES = 16
MAX_BATCH_DOCUMENTS = 50
RETRY_AFTER = timedelta(days=1)
MAX_ATTEMPTS = 5

Records = dict[Document, DocumentRecord]


def records(store: SiteStore) -> Records:
    """The sidecars of all documents of the site that were ever read, in order."""
    found = ((document, store.read_record(document)) for document in store.documents())
    return {document: record for document, record in found if record is not None}


def documents_to_read(
    store: SiteStore, known: Records, *, again: bool = False, images: bool = False
) -> list[Document]:
    """Documents whose PDF, or the text on disk, is not the one that their record speaks of.

    With `images` also those that lack one of theirs.
    """
    now = datetime.now(UTC)
    return [
        document
        for document in store.documents()
        if again
        or _must_read(store, document, record := known.get(document), now)
        or (images and record is not None and undrawn(store, record))
    ]


def pages_to_recognise(known: Records, *, now: datetime | None = None) -> list[PageSpan]:
    """Pages without a terminal record or to be recognised again, and failed ones whose back-off has passed.

    A span a document.
    """
    moment = now or datetime.now(UTC)
    spans = []
    for document, record in known.items():
        later = tuple(n for n in record.failed if _due_again(record.pages[n], moment))
        pages = tuple(sorted({*record.pending, *record.redo, *later}))
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
    """Pages cut into tasks of up to 25, smaller ones towards the end; a task may hold pages of several documents.

    A mapped task costs more than a tenth of a CPU-second whatever it does, so pages share tasks; but the last tasks
    are waited for, so they are short. With `size` all tasks have that many pages.
    """
    total = sum(len(span.pages) for span in spans)
    if not total:
        return []
    if size:
        return list(_packed(spans, repeat(max(size, _ceil(total, MAX_OCR_TASKS)))))
    return list(_packed(spans, _sizes(total, workers)))


def _sizes(total: int, workers: int) -> Iterator[int]:
    """Sizes of tasks: each half of its worker's share of what is left, within bounds."""
    lanes = min(max(workers, 1), MAX_LANES)
    most = max(MAX_SPAN, _ceil(total, MAX_OCR_TASKS))
    least = _ceil(min(most, _ceil(total, 2 * lanes)), SHORTEST)
    while total > 0:
        size = min(most, max(least, _ceil(total, 2 * lanes)))
        yield size
        total -= size


def _packed(spans: Iterable[PageSpan], sizes: Iterator[int]) -> Iterator[tuple[PageSpan, ...]]:
    batch: list[PageSpan] = []
    room = next(sizes)
    for span in spans:
        pages = span.pages
        while pages:
            batch.append(PageSpan(span.document, pages[:room]))
            pages, room = pages[room:], room - len(pages[:room])
            if room == 0:
                yield tuple(batch)
                batch, room = [], next(sizes, 1)
    if batch:
        yield tuple(batch)


def _must_read(store: SiteStore, document: Document, record: DocumentRecord | None, now: datetime) -> bool:
    if record is None or record.reader != READER:
        return True
    try:
        stat = store.pdf(document).stat()
    except FileNotFoundError:
        return bool(record.size) or store.texts_changed(document)
    if (stat.st_size, stat.st_mtime_ns) != (record.size, record.mtime_ns):
        return True
    if record.error:
        return _backed_off(record.transient, record.attempts, record.at, now)
    if any(entry.unread and _due_again(entry, now) for entry in record.pages.values()):
        return True
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
