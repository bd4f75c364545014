"""Reads a document: checks the file, counts its pages, takes the text layers that can be trusted."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from clerk.errors import ChildCrashedError, ChildMemoryError, ChildTimeoutError, DocumentError, PageError
from clerk.isolation import Child
from clerk.models import MAX_PAGES, PageRecord, Source, Stage
from clerk.pdf import child as inside
from clerk.pdf.facts import Opened
from clerk.pdf.sniff import HEAD_BYTES, looks_like_pdf
from clerk.pdf.tessdata import traineddata_files

READER = "2"
BATCH = 25
# A document made to hang its reader may not cost a deadline for each of its pages.
MAX_LOST = 5


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A document as read. `texts` holds the pages whose record is `done`; every page has a record."""

    page_count: int
    texts: dict[int, str] = field(default_factory=dict)
    pages: dict[int, PageRecord] = field(default_factory=dict)


def read_document(path: Path, *, languages: str, child: Child, timeout: float) -> ReadResult:
    """Read the document at `path`.

    Args:
        languages: codes joined by "+"; a text layer is checked against their words.
        timeout: seconds for opening, for a batch of pages, and for a page alone.

    Raises:
        DocumentError: it is no PDF, encrypted, truncated or damaged; the message says which.
        ChildTimeoutError, ChildCrashedError, ChildMemoryError: opening it hung, crashed or ate all memory.
    """
    check_file(path)
    opened = child.call(inside.look, path, timeout=timeout)
    count = page_count(opened)
    reading = _Reading(path, traineddata_files(languages), child, timeout)
    for start in range(1, opened.pages + 1, BATCH):
        reading.batch(tuple(range(start, min(start + BATCH, opened.pages + 1))))
    for page in range(opened.pages + 1, count + 1):
        reading.fail(page, "is missing from the file, which is truncated", transient=False)
    return ReadResult(count, reading.texts, dict(sorted(reading.records.items())))


def check_file(path: Path) -> None:
    """Return where the file begins as a PDF does.

    Raises:
        DocumentError: it does not, or cannot be read.
    """
    # A pipe or a device may never end.
    if path.exists() and not path.is_file():
        raise DocumentError("is no regular file")
    try:
        with path.open("rb") as stream:
            reason = looks_like_pdf(stream.read(HEAD_BYTES + 4))
    except FileNotFoundError as error:
        raise DocumentError("is missing") from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}") from error
    if reason:
        raise DocumentError(reason)


def page_count(opened: Opened) -> int:
    """Pages that the document has, or had before its end was lost.

    Raises:
        DocumentError: it has none, or more than can be.
    """
    if opened.pages > MAX_PAGES:
        raise DocumentError(f"claims {opened.pages} pages, more than {MAX_PAGES}")
    if opened.pages <= 0:
        truncated = opened.repaired or opened.declared > 0
        raise DocumentError("is truncated: no page can be read" if truncated else "has no pages")
    # A repaired file that knows of more pages than are left has lost its end.
    missing = opened.repaired and opened.pages < opened.declared <= MAX_PAGES
    return opened.declared if missing else opened.pages


class _Reading:
    """Gathers the pages of one document."""

    def __init__(self, path: Path, files: tuple[tuple[str, str], ...], child: Child, timeout: float) -> None:
        self.texts: dict[int, str] = {}
        self.records: dict[int, PageRecord] = {}
        self._path, self._files, self._child, self._timeout = path, files, child, timeout
        self._lost = 0

    def batch(self, pages: tuple[int, ...]) -> None:
        """Read `pages` in one call; where that call is lost, one by one to find the page that lost it."""
        if self._lost >= MAX_LOST:
            for page in pages:
                self.fail(
                    page, f"not read: {self._lost} pages before it hung or crashed the reader", transient=True
                )
            return
        started = time.monotonic()
        try:
            read = self._child.call(inside.read_pages, self._path, pages, self._files, timeout=self._timeout)
        except (ChildTimeoutError, ChildCrashedError, ChildMemoryError, DocumentError) as error:
            if len(pages) == 1:
                self._lost += not isinstance(error, DocumentError)
                self.fail(pages[0], error.message, transient=error.transient)
            else:
                for page in pages:
                    self.batch((page,))
            return
        except PageError as error:
            for page in pages:
                self.fail(page, error.message, transient=False)
            return
        seconds = (time.monotonic() - started) / len(pages)
        for entry in read:
            self._take(entry, seconds)

    def fail(self, page: int, reason: str, *, transient: bool) -> None:
        self.records[page] = PageRecord(
            page, "failed", error=reason, transient=transient, stage=Stage.READ, at=_now()
        )

    def _take(self, entry: inside.PageRead, seconds: float) -> None:
        if entry.verdict is None:
            self.fail(entry.page, entry.error, transient=False)
            return
        layer = {"rule": entry.verdict.rule, **entry.verdict.figures}
        if not entry.verdict.trusted:
            self.records[entry.page] = PageRecord(
                entry.page, "pending", why=entry.verdict.why, layer=layer, at=_now()
            )
        else:
            self.texts[entry.page] = entry.text
            self.records[entry.page] = PageRecord(
                entry.page,
                "done",
                source=Source.TEXT_LAYER,
                engine="text-layer",
                version=READER,
                sha256=hashlib.sha256(entry.text.encode()).hexdigest(),
                chars=len(entry.text),
                seconds=round(seconds, 4),
                why=entry.verdict.why,
                layer=layer,
                at=_now(),
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
