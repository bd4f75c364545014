"""Extract names and votes, a document at a time, in killable child processes; cached by text and extractor.

Only what is due is made: names of the pages whose text or rules changed, votes of a document of which any did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from clerk.errors import PageError, StageFailedError, StorageError
from clerk.extraction import Extracted, Kept, extract_pages, read_kept, resolve_model, write_cached
from clerk.isolation import Child
from clerk.models import Document, DocumentRecord
from clerk.settings import Settings
from clerk.stages.plan import records
from clerk.stages.texts import page_text
from clerk.storage import SiteStore

# The model takes a quarter of a gigabyte; a text of a thousand pages as much again.
MEMORY_MB = 3072
START_SECONDS = 120.0
PAGE_SECONDS = 5.0
# To load its language model takes a process as long as to extract so many pages.
WORTH_PAGES = 40
# How often a thread that does not end is told so again.
STOP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Extraction:
    """How many documents were extracted anew, and how many pages they have."""

    documents: int
    pages: int


def extract_site(
    store: SiteStore, settings: Settings, report: Callable[[int, int], None], *, processes: int = 1
) -> Extraction:
    """Extract every document whose texts are not in the cache; `report` is called with (total, done).

    Args:
        report: called before the first document and after each; what it raises ends the extraction at once.
        processes: how many documents may be extracted at once, each in a process with a language model of its own;
            fewer where there are too few pages for so many.

    Raises:
        ModelMissingError: nothing is cached then.
        StageFailedError: a document could not be extracted; all others were.
    """
    model = resolve_model(settings.spacy_model)
    since = _written(store.again_file)
    known = [(d, r) for d, r in records(store).items() if r.readable]
    due = [found for d, r in known if (found := _due(store, d, r, model, since)) is not None]
    if due:
        report(len(due), 0)
        processes = max(1, min(processes, sum(each.pages for each in due) // WORTH_PAGES))
    results = _all(store, due, model, report, processes) if due else []
    _check(store, [problem for problem in results if isinstance(problem, str)])
    store.again_file.unlink(missing_ok=True)
    return Extraction(len(due), sum(pages for pages in results if isinstance(pages, int)))


def mark_again(store: SiteStore) -> None:
    """Make everything that is extracted until now due again; what is extracted after it is not.

    The old results stay until new ones replace them. A run that is broken off goes on where it was: the next one that
    extracts, and also one that marks anew, keeps the older mark.
    """
    store.again_file.parent.mkdir(parents=True, exist_ok=True)
    if not store.again_file.exists():
        store.again_file.touch()


def _all(
    store: SiteStore,
    due: Sequence[_Due],
    model: str,
    report: Callable[[int, int], None],
    processes: int,
) -> list[int | str]:
    children = _Children()
    results: list[int | str] = []
    try:
        with ThreadPoolExecutor(min(processes, len(due))) as pool:
            jobs = [pool.submit(_extract, store, each, model, children) for each in due]
            try:
                for job in jobs:
                    results.append(job.result())
                    report(len(due), len(results))
            except BaseException:
                # Leaving the pool waits for what is in it.
                pool.shutdown(wait=False, cancel_futures=True)
                children.stop(jobs)
                raise
    finally:
        children.close()
    return results


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
        for child in list(self._all):
            child.close()

    def stop(self, jobs: Sequence[Future[int | str]]) -> None:
        """Kill the processes until none of `jobs` is at work: a thread may have been about to start its own."""
        for job in jobs:
            while not job.done():
                self.close()
                wait([job], timeout=STOP_SECONDS)


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be made of a document: names of some pages, votes of all, or both; `kept` is what is there."""

    document: Document
    record: DocumentRecord
    kept: dict[int, Kept]
    names: tuple[int, ...]
    votes: bool

    @property
    def pages(self) -> int:
        return len(self.kept if self.votes else self.names)


def _due(
    store: SiteStore, document: Document, record: DocumentRecord, model: str, since: float
) -> _Due | None:
    """None where all is there. A vote can span a page break, so one changed page makes the votes of all due."""
    kept = {}
    for page in (page for page, entry in sorted(record.pages.items()) if entry.done):
        path = store.extracted(document, page)
        old = since > 0 and _written(path) < since
        kept[page] = Kept() if old else read_kept(path, record.pages[page].sha256, model=model)
    names = tuple(page for page, each in kept.items() if each.entities is None)
    votes = any(each.votes is None for each in kept.values())
    return _Due(document, record, kept, names, votes) if names or votes else None


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _extract(store: SiteStore, due: _Due, model: str, children: _Children) -> int | str:
    """Pages extracted, or why the document could not be."""
    texts = {}
    for page in due.kept if due.votes else due.names:
        try:
            text = page_text(store, due.document, due.record.pages[page])
        except StorageError as error:
            return f"{due.document.label}: {error.message.rstrip('.')}"
        if text is None:
            return f"{due.document.label}: the text of page {page} is gone, or not the one that was recorded"
        texts[page] = _with_plain_ends(text)
    timeout = START_SECONDS + PAGE_SECONDS * len(texts)
    try:
        work = partial(extract_pages, names=due.names, votes=due.votes)
        found = children.mine().call(work, texts, model, timeout=timeout)
    except PageError as error:
        return f"{due.document.label}: {error.message}"
    for page, made in found.items():
        kept = due.kept[page]
        whole = Extracted(
            made.entities if kept.entities is None else kept.entities,
            made.votes if due.votes else kept.votes or (),
            made.roster if due.votes else kept.roster,
        )
        path = store.extracted(due.document, page)
        write_cached(path, due.record.pages[page].sha256, whole, model=model)
    return len(texts)


def _with_plain_ends(text: str) -> str:
    """The text with line ends as extraction knows them, each character where it was: places count in the original."""
    return text.replace("\r\n", " \n").replace("\r", "\n")


def _check(store: SiteStore, problems: list[str]) -> None:
    if problems:
        raise StageFailedError(
            f"{store.subdomain}: {len(problems)} documents could not be extracted, first {problems[0]}.",
            advice="Run the site again; the rest is kept.",
        )
