"""The only module that imports PyMuPDF. Imported inside the child process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf

from clerk.errors import ChildMemoryError, ClerkError, DocumentError, PageError
from clerk.pdf import paint
from clerk.pdf.facts import Opened, PageFacts
from clerk.pdf.order import read_in_order

_open: Any = pymupdf.open
_matrix: Any = pymupdf.Matrix
_rect: Any = pymupdf.Rect
# Damaged files bring thousands of warnings: kept for a look at them, not printed.
_TOOLS: Any = pymupdf.TOOLS
_TOOLS.mupdf_display_errors(False)
_TOOLS.mupdf_display_warnings(False)

_NO_MEMORY = "needed more memory than PAGE_MEMORY_MB allows"
_POINTS_PER_INCH = 72


class Pdf:
    """An open document. Page numbers count from 1."""

    def __init__(self, document: Any) -> None:
        self._document = document
        with _named(DocumentError, "is damaged"):
            self._pages: int = document.page_count
        self._damaged = bool(_first_error())

    def look(self) -> Opened:
        """Count its pages."""
        with _named(DocumentError, "is damaged"):
            kind, value = self._document.xref_get_key(self._document.pdf_catalog(), "Pages/Count")
            declared = int(value) if kind == "int" else 0
            return Opened(self._pages, declared, repaired=bool(self._document.is_repaired))

    def facts(self, number: int) -> PageFacts:
        """Look at a page.

        Raises:
            PageError: it cannot be read, or its content is lost.
            ChildMemoryError: there was not enough memory for it.
        """
        with _named(PageError, "cannot be read"):
            page = self._page(number)
            layer = page.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT)
            frame = tuple(page.rect)
            text = read_in_order(layer.extractWORDS()) or layer.extractText()
            log = page.get_bboxlog()
            error = _first_error()
            if not log and (error or self._missing(page)):
                why = error or "its content is missing"
                raise PageError(f"is damaged: nothing of it can be read ({why})")
            facts = _facts(text, log, frame, damaged=bool(error))
            return _looked_through(facts, page, log, frame) if facts.covered else facts

    def words(self, number: int) -> list[tuple[str, tuple[float, float, float, float]]]:
        """The words of a page's text layer, in the order of the file, with their boxes as shares of the page.

        Raises:
            PageError: it cannot be read.
        """
        with _named(PageError, "cannot be read"):
            page = self._page(number)
            # The library tells places on the page as it was before it was turned.
            places = [(word[4], _rect(word[:4]) * page.rotation_matrix) for word in page.get_text("words")]
            x, y, width, height = page.rect.x0, page.rect.y0, page.rect.width or 1.0, page.rect.height or 1.0
            return [
                (
                    word,
                    (
                        (box.x0 - x) / width,
                        (box.y0 - y) / height,
                        (box.x1 - x) / width,
                        (box.y1 - y) / height,
                    ),
                )
                for word, box in places
            ]

    def render(self, number: int, dpi: int, max_pixels: int) -> tuple[int, int, int, bytes, int]:
        """Draw a page in gray, upright: width, height, bytes a row, samples, and the dpi that it came to.

        Raises:
            PageError: it cannot be drawn, or nothing of it can.
            ChildMemoryError: there was not enough memory for it.
        """
        with _named(PageError, "cannot be drawn"):
            page = self._page(number)
            inches = (page.rect.width / _POINTS_PER_INCH) * (page.rect.height / _POINTS_PER_INCH)
            scale = min(float(dpi), (max_pixels / inches) ** 0.5 if inches > 0 else 1.0)
            zoom = scale / _POINTS_PER_INCH
            pixmap = page.get_pixmap(matrix=_matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False)
            error = _first_error()
            if error and pixmap.is_unicolor:
                raise PageError(f"is damaged: nothing of it can be drawn ({error})")
            return pixmap.width, pixmap.height, pixmap.stride, pixmap.samples, max(1, round(scale))

    def _page(self, number: int) -> Any:
        _TOOLS.reset_mupdf_warnings()
        return self._document[number - 1]

    def _missing(self, page: Any) -> bool:
        """True when a page of a damaged file has no content: the library takes a lost object for an empty one."""
        return self._damaged and not page.get_contents()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Pdf]:
    """The document at `path`.

    Raises:
        DocumentError: it cannot be opened.
        ChildMemoryError: there was not enough memory for it.
    """
    _TOOLS.reset_mupdf_warnings()
    with _named(DocumentError, "is damaged"):
        document = _open(path, filetype="pdf")
    try:
        if document.needs_pass:
            raise DocumentError("is encrypted with a password")
        yield Pdf(document)
    finally:
        document.close()
        # The library keeps up to 256 MB of decoded images for documents to come.
        _TOOLS.store_shrink(100)


def _facts(text: str, log: list[tuple[str, paint.Box]], frame: Any, *, damaged: bool) -> PageFacts:
    kinds = [kind for kind, _ in log]
    images = [box for kind, box in log if kind in ("fill-image", "fill-imgmask")]
    invisible = kinds.count("ignore-text")
    return PageFacts(
        text=text,
        image_cover=paint.cover(images, frame) if images else 0.0,
        images=len(images),
        paths=sum(kind.endswith("path") for kind in kinds),
        spans=invisible + kinds.count("fill-text") + kinds.count("stroke-text"),
        invisible=invisible,
        covered=paint.covered(log, frame) if images else 0,
        damaged=damaged,
    )


def _looked_through(facts: PageFacts, page: Any, log: list[tuple[str, paint.Box]], frame: Any) -> PageFacts:
    """The same without text that only images with a mask lie over: a logo or watermark lets it show through."""
    clear = {tuple(map(round, image["bbox"])) for image in page.get_image_info() if image.get("has-mask")}
    solid = [each for each in log if each[0] != "fill-image" or tuple(map(round, each[1])) not in clear]
    return replace(facts, covered=paint.covered(solid, frame)) if len(solid) < len(log) else facts


def _first_error() -> str:
    """The first error that the library went over since the last page was begun, or "".

    Raises:
        ChildMemoryError: one of them was a lack of memory: what it left out would be missing from the page.
    """
    lines = _TOOLS.mupdf_warnings().splitlines()
    if any("alloc" in line and "failed" in line for line in lines):
        raise ChildMemoryError(_NO_MEMORY)
    errors = (line for line in lines if "error" in line)
    return next(errors, "").encode("ascii", "replace").decode()[:120]


@contextlib.contextmanager
def _named(kind: type[ClerkError], what: str) -> Iterator[None]:
    """Turn what the library raises for a damaged file, of many classes, into one line of ours."""
    try:
        yield
    except ClerkError:
        raise
    except Exception as error:
        text = str(error).strip().partition("\n")[0]
        if isinstance(error, MemoryError) or "alloc" in text:
            raise ChildMemoryError(_NO_MEMORY) from error
        if text.startswith("Failed to open file"):
            raise kind(f"{what}: no PDF can be made out in it") from error
        # MuPDF writes "code=7: syntax error: ...": the number helps nobody.
        reason = text.partition(": ")[2] if text.startswith("code=") else text
        raise kind(f"{what}: {reason or type(error).__name__}") from error
