"""Where the words of a page stand on it: kept for a recognised page, asked of the PDF for one with a text layer."""

from __future__ import annotations

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
from clerk.serve.workers import Call, PageWorkers

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
        try:
            made: PlacedText | None = await self._workers.once(
                f"words {key}", lambda call: _made(address, call)
            )
        except _PdfError as error:
            return _nowhere(error.text, Source.TEXT_LAYER, error.message)
        if made is not None and len(made.boxes) <= MOST_WORDS_REMEMBERED:
            self._remembered[key] = made
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return made


class _PdfError(ClerkError):
    """The PDF of `text` cannot be read now. An error, so that it is not tried for every search."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(message)
        self.text = text


def _made(address: PageAddress, call: Call) -> PlacedText | None:
    """Runs in a thread of the workers."""
    store, document, page = address.store, address.document, address.page
    try:
        text = store.text(document, page).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    boxes = layout.read_for(text, store, document, page)
    if boxes is not None:
        return PlacedText(text, boxes, Source.OCR)
    record = store.read_record(document)
    entry = record.pages.get(page) if record else None
    if entry is not None and entry.source is Source.OCR:
        return _nowhere(text, Source.OCR, NO_LAYOUT)
    if len(text) > MOST_LETTERS:
        return _nowhere(text, Source.TEXT_LAYER, "is too long")
    try:
        check_file(store.pdf(document))
        found: tuple[WordBox, ...] = call(word_boxes, store.pdf(document), page, text)
    except ClerkError as error:
        raise _PdfError(text, f"its PDF {error.message}") from error
    return PlacedText(text, found, Source.TEXT_LAYER)


def _nowhere(text: str, source: Source, why: str) -> PlacedText:
    return PlacedText(text, (NOWHERE,) * len(layout.words(text)), source, why)


def _stamp(path: Path) -> str:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return "-"
    return f"{stat.st_size}.{stat.st_mtime_ns}"
