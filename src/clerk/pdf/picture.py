"""The image of a page as web sites show it: a gray PNG of 150 dpi. The functions run inside the child process."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from clerk.pdf.child import library

DPI = 150
# An A0 sheet at 150 dpi has 35 megapixels; what is larger is drawn smaller.
MAX_PIXELS = 25_000_000
# Hardly larger than with the slowest, and twice as fast.
COMPRESSION = 4

_last: dict[tuple[str, int], tuple[int, int, int, bytes]] = {}


def keep(path: Path, page: int, width: int, height: int, stride: int, samples: bytes) -> None:
    """Remember the page that was drawn last, so that its image is made of the pixels that were recognised."""
    _last.clear()
    _last[str(path), page] = (width, height, stride, samples)


def png(path: Path, page: int) -> bytes:
    """The image of page `page`, from 1, of the PDF at `path`; empty where it has no such page.

    Made of what `keep` holds where that is the page.

    Raises:
        DocumentError, PageError, ChildMemoryError: it cannot be drawn.
    """
    drawn = _last.pop((str(path), page), None)
    if drawn is None:
        with library().opened(path) as document:
            if page > document.look().pages:
                return b""
            drawn = document.render(page, DPI, MAX_PIXELS)[:4]
    width, height, stride, samples = drawn
    image = Image.frombuffer("L", (width, height), samples, "raw", "L", stride, 1)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=COMPRESSION, dpi=(DPI, DPI))
    return out.getvalue()
