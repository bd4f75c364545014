"""What is wrong with a scan, seen from its pixels alone. Imported inside the child process, with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ImageFilter

from clerk.ocr.engine import GrayImage
from clerk.ocr.turn import to_pillow

# Bands of rows that stand for the page, and their height in pixels.
_BANDS, _BAND = 12, 48
_DARKER = 60
# Specks in a million pixels: good scans have under 500, a fax has thousands.
ROUGH_FROM = 1200
# Difference between the brightest and the darkest paper, of 256: good scans have up to 25.
UNEVEN_FROM = 40
_CELL = 16


@dataclass(frozen=True, slots=True)
class Condition:
    """`rough`: full of specks, as a fax is. `uneven`: the paper is darker in places."""

    rough: bool
    uneven: bool


SOUND = Condition(rough=False, uneven=False)


def condition(image: GrayImage) -> Condition:
    """Look at a page of about 150 dpi. Takes about 6 ms."""
    return Condition(specks(image) >= ROUGH_FROM, shading(image) >= UNEVEN_FROM)


def specks(image: GrayImage) -> float:
    """Dark pixels around which, two pixels off, nothing is dark, in a million."""
    page = np.frombuffer(image.samples, np.uint8).reshape(image.height, image.stride)[:, : image.width]
    step = max(1, image.height // _BANDS)
    found = seen = 0
    for start in range(0, image.height - _BAND, step):
        band = page[start : start + _BAND]
        dark = band < max(0, int(np.median(band[::4, ::4])) - _DARKER)
        wide, high = _within(dark), _within(dark.T).T
        ring = wide[:-4, 2:-2] | wide[4:, 2:-2] | high[2:-2, :-4] | high[2:-2, 4:]
        found += int(np.count_nonzero(dark[2:-2, 2:-2] & ~ring))
        seen += ring.size
    return 1e6 * found / seen if seen else 0.0


def _within(dark: Any) -> Any:
    """True where one of the five pixels around in a row is dark."""
    near = dark.copy()
    for shift in (1, 2):
        near[:, shift:] |= dark[:, :-shift]
        near[:, :-shift] |= dark[:, shift:]
    return near


def shading(image: GrayImage) -> int:
    """How much darker the darkest paper is than the brightest, 0 to 255, but for the margins."""
    small = (
        to_pillow(image).reduce(_CELL).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MedianFilter(3))
    )
    paper: Any = np.asarray(small, dtype=np.int16)
    height, width = paper.shape
    paper = paper[height // 12 : height - height // 12, width // 12 : width - width // 12]
    return int(np.percentile(paper, 98) - np.percentile(paper, 2)) if paper.size else 0
