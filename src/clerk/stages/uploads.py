"""Hand page images and documents to plug-ins that take static files; each once, unless its document changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from clerk.errors import ChildTimeoutError, PageError, PluginError
from clerk.isolation import Child
from clerk.models import Document, DocumentRecord, Failure, Kind, Stage
from clerk.settings import Settings
from clerk.stages.hand_over import hand_over
from clerk.stages.images import takes_files
from clerk.stages.plan import records
from clerk.storage import SiteStore, read_json, write_json

PDF = "pdf"
# Where so many fail one after the other it is the place they go to that fails; the rest is left for the next run.
MAX_IN_A_ROW = 10
# The same for those that hang: each costs its whole deadline.
MAX_HUNG = 2
# Enough for the largest document on a slow line. Whoever hands it over may hold it whole, and sign and pack it.
UPLOAD_SECONDS = 300.0
UPLOAD_MEMORY_MB = 4096


def due(store: SiteStore, settings: Settings) -> int:
    """Number of files that a plug-in is to get and has not got yet."""
    if not takes_files(settings):
        return 0
    return sum(len(_open_of(store, record)) for record in records(store).values())


def upload(store: SiteStore, settings: Settings, report: Callable[[int, int], None]) -> int:
    """Hand over every file that is due; the number of those that failed, each with its reason in the books.

    The hook runs in a process of its own, which is killed where it does not come back within `UPLOAD_SECONDS`.

    Args:
        report: called with (total, done) before each file; whatever it raises ends the upload, and what was done stays
            recorded.
    """
    if not takes_files(settings):
        return 0
    known = records(store)
    total = sum(len(_open_of(store, record)) for record in known.values())
    child = Child(UPLOAD_MEMORY_MB)
    folder = str(settings.plugins_dir)
    hand = _Hand(lambda path, key: child.call(hand_over, folder, path, key, timeout=UPLOAD_SECONDS))
    try:
        for record in known.values():
            names = _open_of(store, record)
            if not names:
                continue
            book = _book(store, record)
            try:
                for name in names:
                    report(total, hand.done)
                    hand.over(book, name, *_place(store, record.document, name))
            finally:
                write_json(store.uploads_file(record.document), book.to_json())
    finally:
        child.close()
    if total:
        report(total, hand.done)
    return total - hand.done


def forget_unwanted(store: SiteStore, settings: Settings) -> None:
    """Drop the dead letters of uploads where no plug-in takes files any more: no run would ever clear them."""
    if takes_files(settings):
        return
    for document in store.documents():
        # Few sites ever had such a plug-in, and to read every record of the others takes its time.
        record = store.read_record(document) if store.uploads_file(document).exists() else None
        book = _book(store, record) if record is not None else None
        if book is not None and book.failed:
            write_json(store.uploads_file(document), replace(book, failed={}).to_json())


def failures(store: SiteStore, record: DocumentRecord) -> Iterator[Failure]:
    """Dead letters of the uploads of a document as it is now: those of an earlier PDF say nothing."""
    document = record.document
    for name, entry in sorted(_book(store, record).failed.items()):
        yield Failure(
            subdomain=document.subdomain,
            kind=document.kind.value,
            meeting=document.meeting,
            date=document.date,
            path=store.relative(_place(store, document, name)[0]),
            page=None if name == PDF else int(name),
            stage=Stage.DEPLOY.value,
            reason=f"was not uploaded: {entry['reason']}",
            attempts=int(str(entry["attempts"])),
        )


@dataclass(slots=True)
class _Book:
    """What of a document was uploaded. `sha256` is of its PDF: with another one all is due again."""

    sha256: str
    done: set[str] = field(default_factory=set)
    failed: dict[str, dict[str, object]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {"sha256": self.sha256, "done": sorted(self.done), "failed": self.failed}


@dataclass(slots=True)
class _Hand:
    """Calls the hook and keeps the count."""

    give: Callable[[str, str], object]
    done: int = 0
    in_a_row: int = 0
    hung: int = 0
    reason: str = ""

    def over(self, book: _Book, name: str, path: Path, key: str) -> None:
        attempts = int(str(book.failed.get(name, {}).get("attempts", 0)))
        if self.in_a_row >= MAX_IN_A_ROW or self.hung >= MAX_HUNG:
            reason = f"not tried after {self.in_a_row} failures in a row, the last: {self.reason}"
            book.failed[name] = {"reason": reason, "attempts": attempts}
            return
        try:
            self.give(str(path), key)
        except (PluginError, PageError) as error:
            self.in_a_row += 1
            self.hung += isinstance(error, ChildTimeoutError)
            # Of a process that was lost its error says how, and not where.
            lost = "A plug-in failed in upload_static_file: it " if isinstance(error, PageError) else ""
            self.reason = f"{lost}{error.message}"
            book.failed[name] = {"reason": self.reason, "attempts": attempts + 1}
            return
        self.in_a_row = self.hung = 0
        self.done += 1
        book.done.add(name)
        book.failed.pop(name, None)


def _book(store: SiteStore, record: DocumentRecord) -> _Book:
    data = read_json(store.uploads_file(record.document))
    if not isinstance(data, dict) or data.get("sha256") != record.sha256:
        return _Book(record.sha256)
    return _Book(record.sha256, set(data.get("done", [])), dict(data.get("failed", {})))


def _open_of(store: SiteStore, record: DocumentRecord) -> list[str]:
    """Names of the document's files that were not uploaded yet: `pdf`, and the numbers of its pages."""
    if not record.readable or not record.sha256:
        return []
    names = [PDF] if store.pdf(record.document).exists() else []
    pages = sorted(store.image_pages(record.document))
    names += [str(page) for page in pages if page <= record.page_count]
    done = _book(store, record).done if names else set()
    return [name for name in names if name not in done]


def _place(store: SiteStore, document: Document, name: str) -> tuple[Path, str]:
    """The file and its key, as web sites and plug-ins know it."""
    base = document.subdomain + ("/_agendas" if document.kind is Kind.AGENDA else "")
    if name == PDF:
        return store.pdf(document), f"{base}/_pdfs/{document.meeting}/{document.stem}.pdf"
    return store.image(document, int(name)), f"/{base}/{document.meeting}/{document.stem}/{name}.png"
