"""Where the words of a page stand on it: kept for a recognised page, asked of the PDF for one with a text layer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from clerk import layout
from clerk.errors import ClerkError
from clerk.layout import NOWHERE, WordBox
from clerk.models import Source
from clerk.pdf.boxes import word_boxes
from clerk.pdf.reading import check_file
from clerk.serve.address import PageAddress
from clerk.serve.workers import Call, OverloadedError, PageWorkers

# Pages whose words were asked of their PDF and are remembered: a search is refined more often than left.
MOST_REMEMBERED, MOST_WORDS_REMEMBERED = 64, 20_000
# A page of a hundred thousand words is no page of a meeting.
MOST_LETTERS = 2_000_000
NO_LAYOUT = "was recognised before the places of words were kept; `clerk run SITE --redo-ocr` does it again"


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A page's text with a box for each of `clerk.layout.words(text)`; `why` says why none of them has a place."""

    text: str
    boxes: tuple[WordBox, ...]
    source: Source
    why: str = ""


class PagePlaces:
    """Finds the places of words; PDFs are read by `workers`."""

    def __init__(self, workers: PageWorkers) -> None:
        self._workers = workers
        self._remembered: OrderedDict[str, PlacedText] = OrderedDict()

    def mark(self, address: PageAddress) -> str:
        """Names what a page's words and places are made of: it changes when one of these files does."""
        store, document, page = address.store, address.document, address.page
        files = (store.text(document, page), store.layout(document, page), store.pdf(document))
        return f"{store.subdomain}/{document.label}/{page} {' '.join(map(_stamp, files))}"

    async def get(self, address: PageAddress) -> PlacedText | None:
        """The page at `address`, or None where no text of it is kept.

        Raises:
            OverloadedError: too many are waiting.
        """
        key = self.mark(address)
        if key in self._remembered:
            self._remembered.move_to_end(key)
            return self._remembered[key]
        # What is kept does not wait for what is to be read from PDFs.
        made = await asyncio.to_thread(_kept, address)
        if isinstance(made, str):
            text = made
            try:
                made = await self._workers.once(f"words {key}", lambda call: _read(address, text, call))
            except OverloadedError:
                raise
            except ClerkError as error:
                return _nowhere(text, Source.TEXT_LAYER, f"its PDF {error.message}")
        if made is not None and len(made.boxes) <= MOST_WORDS_REMEMBERED:
            self._remembered[key] = made
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return made


def _kept(address: PageAddress) -> PlacedText | str | None:
    """The page, or only its text where its PDF is to be asked for the places; None where no text is kept."""
    store, document, page = address.store, address.document, address.page
    try:
        # As the database holds it, line ends and all: places count its characters.
        text = store.text(document, page).read_bytes().decode(errors="replace")
    except (OSError, ValueError):
        return None
    boxes = layout.read(text, store, document, page)
    if boxes is not None:
        return PlacedText(text, boxes, Source.OCR)
    record = store.read_record(document)
    entry = record.pages.get(page) if record else None
    if entry is not None and entry.source is Source.OCR:
        return _nowhere(text, Source.OCR, NO_LAYOUT)
    if len(text) > MOST_LETTERS:
        return _nowhere(text, Source.TEXT_LAYER, "is too long")
    return text


def _read(address: PageAddress, text: str, call: Call) -> PlacedText:
    """Runs in a thread of the workers."""
    path = address.store.pdf(address.document)
    check_file(path)
    found: tuple[WordBox, ...] = call(word_boxes, path, address.page, text)
    return PlacedText(text, found, Source.TEXT_LAYER)


def _nowhere(text: str, source: Source, why: str) -> PlacedText:
    return PlacedText(text, (NOWHERE,) * len(layout.words(text)), source, why)


def _stamp(path: Path) -> str:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return "-"
    return f"{stat.st_size}.{stat.st_mtime_ns}"
