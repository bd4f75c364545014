"""Extract names and votes, a document at a time, in killable child processes; cached by text and extractor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clerk.errors import PageError, StageFailedError
from clerk.extraction import extract_pages, read_cached_document, resolve_model, write_cached
from clerk.isolation import Child
from clerk.models import Document, DocumentRecord
from clerk.settings import Settings
from clerk.stages.plan import records
from clerk.storage import SiteStore

# The model takes a quarter of a gigabyte; a text of a thousand pages as much again.
MEMORY_MB = 3072
START_SECONDS = 120.0
PAGE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """How many documents were extracted anew, and how many pages they have."""

    documents: int
    pages: int


def extract_site(store: SiteStore, settings: Settings, report: Callable[[int, int], None]) -> Extraction:
    """Extract every document whose texts are not in the cache; `report` is called with (total, done).

    Raises:
        ModelMissingError: nothing is cached then.
        StageFailedError: a document could not be extracted; all others were.
    """
    model = resolve_model(settings.spacy_model)
    due = [(d, r) for d, r in records(store).items() if r.readable and not _cached(store, d, r, model)]
    if not due:
        return Extraction(0, 0)
    report(len(due), 0)
    children = _Children()
    try:
        with ThreadPoolExecutor(min(settings.extraction_workers, len(due))) as pool:
            results = []
            jobs = [pool.submit(_extract, store, d, r, model, children) for d, r in due]
            for job in jobs:
                results.append(job.result())
                report(len(due), len(results))
    finally:
        children.close()
    _check(store, [problem for problem in results if isinstance(problem, str)])
    return Extraction(len(due), sum(pages for pages in results if isinstance(pages, int)))


class _Children:
    """One child process for each thread that extracts."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._all: list[Child] = []

    def mine(self) -> Child:
        child: Child | None = getattr(self._local, "child", None)
        if child is None:
            child = self._local.child = Child(MEMORY_MB)
            self._all.append(child)
        return child

    def close(self) -> None:
        for child in self._all:
            child.close()


def _extract(
    store: SiteStore, document: Document, record: DocumentRecord, model: str, children: _Children
) -> int | str:
    """Pages extracted, or why the document could not be."""
    pages = _done(record)
    texts = {page: store.text(document, page).read_text(encoding="utf-8", errors="replace") for page in pages}
    try:
        found = children.mine().call(
            extract_pages, texts, model, timeout=START_SECONDS + PAGE_SECONDS * len(texts)
        )
    except PageError as error:
        return f"{document.label}: {error.message}"
    for page, extracted in found.items():
        write_cached(store.extracted(document, page), record.pages[page].sha256, extracted, model=model)
    return len(texts)


def _cached(store: SiteStore, document: Document, record: DocumentRecord, model: str) -> bool:
    pages = _done(record)
    paths = {page: store.extracted(document, page) for page in pages}
    hashes = {page: record.pages[page].sha256 for page in pages}
    return read_cached_document(paths, hashes, model=model) is not None


def _done(record: DocumentRecord) -> list[int]:
    return [page for page, entry in sorted(record.pages.items()) if entry.done]


def _check(store: SiteStore, problems: list[str]) -> None:
    if problems:
        raise StageFailedError(
            f"{store.subdomain}: {len(problems)} documents could not be extracted, first {problems[0]}.",
            advice="Run the site again; the rest is kept.",
        )
