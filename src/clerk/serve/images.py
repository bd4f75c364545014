"""Images of pages. One that is kept beside the texts is sent as it is; another is drawn from the PDF, and cached."""

from __future__ import annotations

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
        try:
            data: bytes | None = await self.workers.once(wanted.etag, lambda call: self._make(wanted, call))
        except OverloadedError:
            return BUSY
        except ClerkError as error:
            status = 504 if isinstance(error, ChildTimeoutError) else 500
            return Answer(status, f"This page cannot be shown: {error.message}".encode())
        return Answer(200, data, wanted.etag, PNG) if data else NOT_FOUND

    def _make(self, wanted: _Wanted, call: Call) -> bytes | None:
        """Runs in a thread of the workers."""
        if wanted.source.suffix == ".png":
            try:
                return wanted.source.read_bytes()
            except OSError:
                return None
        key = wanted.etag.strip('"')
        data = self.cache.read(key)
        if data is None:
            check_file(wanted.source)
            data = call(picture.png, wanted.source, wanted.page)
            if data:
                self.cache.write(key, data)
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
