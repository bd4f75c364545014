"""Images of pages. One that is kept beside the texts is sent as it is; another is drawn from the PDF, and cached."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from clerk.errors import ChildTimeoutError, ClerkError
from clerk.pdf import picture
from clerk.pdf.reading import check_file
from clerk.serve.address import PageAddress
from clerk.serve.answer import BUSY, NOT_FOUND, PNG, Answer, etag_of
from clerk.serve.cache import FileCache
from clerk.serve.workers import Call, OverloadedError, PageWorkers


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page that was asked for; `etag` names the file it comes from and how it is drawn."""

    page: int
    source: Path
    etag: str

    @property
    def stored(self) -> bool:
        return self.source.suffix == ".png"

    @property
    def key(self) -> str:
        return self.etag.strip('"')


@dataclass(frozen=True, slots=True)
class PageImages:
    """Answers for the images of pages, drawn by `workers` and kept in `cache`."""

    cache: FileCache
    workers: PageWorkers

    async def get(self, address: PageAddress, known: str = "") -> Answer:
        """The image at `address`; `known` is the header If-None-Match of the request."""
        wanted = _find(address)
        if wanted is None:
            return NOT_FOUND
        if wanted.etag in known:
            return Answer(304, etag=wanted.etag, kind=PNG)
        # What is there already does not wait for what is to be drawn.
        data = await asyncio.to_thread(self._kept, wanted)
        try:
            if data is None and not wanted.stored:
                data = await self.workers.once(wanted.etag, lambda call: self._drawn(wanted, call))
        except OverloadedError:
            return BUSY
        except ClerkError as error:
            status = 504 if isinstance(error, ChildTimeoutError) else 500
            return Answer(status, f"This page cannot be shown: {error.message}".encode())
        return Answer(200, data, wanted.etag, PNG) if data else NOT_FOUND

    def _kept(self, wanted: _Wanted) -> bytes | None:
        if not wanted.stored:
            return self.cache.read(wanted.key)
        try:
            return wanted.source.read_bytes()
        except OSError:
            return None

    def _drawn(self, wanted: _Wanted, call: Call) -> bytes | None:
        """Runs in a thread of the workers."""
        check_file(wanted.source)
        data: bytes | None = call(picture.png, wanted.source, wanted.page)
        if data:
            self.cache.write(wanted.key, data)
        return data


def _find(address: PageAddress) -> _Wanted | None:
    store, document, page = address.store, address.document, address.page
    for source in (store.image(document, page), store.pdf(document)):
        try:
            stat = source.stat()
        except (OSError, ValueError):
            continue
        label = f"{store.subdomain}/{document.label}/{page}"
        mark = f"{label} {source.suffix} {stat.st_size} {stat.st_mtime_ns} {picture.DPI}"
        return _Wanted(page, source, etag_of(mark))
    return None
