"""What is shown of pages besides Datasette's own: their images, their words, and marks on them."""

from __future__ import annotations

from collections.abc import Mapping

from clerk.serve.address import IMAGE, page_address
from clerk.serve.answer import NOT_FOUND, Answer
from clerk.serve.cache import FileCache
from clerk.serve.images import PageImages
from clerk.serve.marks import PageMarks
from clerk.serve.places import PagePlaces
from clerk.serve.workers import PageWorkers
from clerk.storage import SiteStore


class Pages:
    """Answers for the pages of some sites. `sites` are their stores by the names that addresses use."""

    def __init__(self, sites: Mapping[str, SiteStore], cache: FileCache, workers: PageWorkers) -> None:
        self._sites = sites
        self._workers = workers
        self._images = PageImages(cache, workers)
        self._marks = PageMarks(PagePlaces(workers))

    async def get(self, path: str, query: str = "", known: str = "") -> Answer:
        """The answer to a request for `path` (percent-encoded, of a page) with `query` and If-None-Match `known`."""
        address = page_address(path, self._sites)
        if address is None:
            return NOT_FOUND
        if address.what == IMAGE:
            return await self._images.get(address, known)
        return await self._marks.get(address, query, known)

    def close(self) -> None:
        """End the processes that read PDFs."""
        self._workers.close()
