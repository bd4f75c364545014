"""Images of pages, at the paths that the column `page_image` holds: `/{site}[/_agendas]/{meeting}/{stem}/{n}.png`.

An image that is kept beside the texts is sent as it is. Any other is drawn from the kept PDF in a process that may be
killed, under a deadline, and cached on disk up to a bound.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from clerk.errors import ChildTimeoutError, ClerkError
from clerk.isolation import Child
from clerk.models import STEM, Document, Kind
from clerk.pdf import picture
from clerk.pdf.reading import check_file
from clerk.serve.cache import FileCache
from clerk.storage import SiteStore

TIMEOUT_SECONDS = 20.0
MEMORY_MB = 1024
THREADS = 2
MAX_WAITING = 100
# A page that hung or crashed its process is not tried again for a while.
FAILED_SECONDS = 600.0
MAX_FAILED = 1000
MAX_AGE = 3600
_NUMBER = re.compile(r"([1-9]\d{0,5})\.png")
_AGENDAS = "_agendas"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: `body` is an image where `status` is 200, else a line of text."""

    status: int
    body: bytes = b""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page that was asked for; `etag` names the file it comes from and how it is drawn."""

    store: SiteStore
    document: Document
    page: int
    source: Path
    etag: str


NOT_FOUND = Answer(404, b"There is no such page.")
BUSY = Answer(503, b"Too many pages are being drawn; try again.")


def is_image_path(path: str) -> bool:
    """True for a path, as it stands in the request, that is a page's image and no page of Datasette's."""
    parts = path.removeprefix("/").split("/")
    return path.endswith(".png") and len(parts) == (5 if parts[1:2] == [_AGENDAS] else 4)


@dataclass(slots=True)
class PageImages:
    """Answers for the images of some sites. `sites` are their stores by the names that addresses use."""

    sites: Mapping[str, SiteStore]
    cache: FileCache
    timeout: float = TIMEOUT_SECONDS
    memory_mb: int = MEMORY_MB
    _waiting: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)
    _failed: dict[str, tuple[float, Answer]] = field(default_factory=dict)
    _children: list[Child] = field(default_factory=list)
    _local: threading.local = field(default_factory=threading.local)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "page-images"))

    async def get(self, path: str, known: str = "") -> Answer:
        """The answer to a request for `path` (percent-encoded); `known` is its header If-None-Match."""
        wanted = self._find(path)
        if wanted is None:
            return NOT_FOUND
        if wanted.etag in known:
            return Answer(304, etag=wanted.etag)
        until, answer = self._failed.get(wanted.etag, (0.0, NOT_FOUND))
        if time.monotonic() < until:
            return answer
        if wanted.etag not in self._waiting and len(self._waiting) >= MAX_WAITING:
            return BUSY
        return await self._once(wanted)

    def close(self) -> None:
        """End the processes that draw."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in self._children:
            child.close()

    async def _once(self, wanted: _Wanted) -> Answer:
        """Make an image once, however many ask for it meanwhile."""
        future = self._waiting.get(wanted.etag)
        if future is None:
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._pool, self._make, wanted)
            self._waiting[wanted.etag] = future
            future.add_done_callback(lambda _: self._waiting.pop(wanted.etag, None))
        answer = await asyncio.shield(future)
        if answer.status not in (200, 404):
            self._failed[wanted.etag] = (time.monotonic() + FAILED_SECONDS, answer)
            while len(self._failed) > MAX_FAILED:
                self._failed.pop(next(iter(self._failed)))
        return answer

    def _find(self, path: str) -> _Wanted | None:
        parts = [unquote(part) for part in path.removeprefix("/").split("/")]
        kind = Kind.AGENDA if parts[1] == _AGENDAS and len(parts) == 5 else Kind.MINUTES
        name, (meeting, stem, file) = parts[0], parts[-3:]
        number = _NUMBER.fullmatch(file)
        store = self.sites.get(name)
        if store is None or number is None or not STEM.fullmatch(stem) or not _is_name(meeting):
            return None
        document, page = Document(store.subdomain, kind, meeting, stem), int(number.group(1))
        for source in (store.image(document, page), store.pdf(document)):
            try:
                stat = source.stat()
            except OSError:
                continue
            mark = f"{name}/{document.label}/{page} {source.suffix} {stat.st_size} {stat.st_mtime_ns} {picture.DPI}"
            return _Wanted(
                store, document, page, source, f'"{hashlib.sha256(mark.encode()).hexdigest()[:32]}"'
            )
        return None

    def _make(self, wanted: _Wanted) -> Answer:
        """Runs in a thread of the pool."""
        if wanted.source.suffix == ".png":
            try:
                return Answer(200, wanted.source.read_bytes(), wanted.etag)
            except OSError:
                return NOT_FOUND
        key = wanted.etag.strip('"')
        data = self.cache.read(key)
        if data is None:
            try:
                check_file(wanted.source)
                data = self._child().call(picture.png, wanted.source, wanted.page, timeout=self.timeout)
            except ClerkError as error:
                status = 504 if isinstance(error, ChildTimeoutError) else 500
                return Answer(status, f"This page cannot be shown: {error.message}".encode())
            if not data:
                return NOT_FOUND
            self.cache.write(key, data)
        return Answer(200, data, wanted.etag)

    def _child(self) -> Child:
        child: Child | None = getattr(self._local, "child", None)
        if child is None:
            child = self._local.child = Child(self.memory_mb)
            self._children.append(child)
        return child


def _is_name(meeting: str) -> bool:
    return bool(meeting) and not meeting.startswith(".") and not set(meeting) & set("/\\\0")


async def respond(answer: Answer, method: str, send: Any) -> None:
    """Send `answer` as ASGI messages."""
    kind = b"image/png" if answer.status == 200 else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"x-content-type-options", b"nosniff")]
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.etag:
        headers += [
            (b"etag", answer.etag.encode()),
            (b"cache-control", f"private, max-age={MAX_AGE}".encode()),
        ]
    if answer.status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
