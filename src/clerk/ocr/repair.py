"""Makes a scan easier to read, and leads boxes found on the repaired image back to the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from clerk.ocr.condition import SOUND, Condition
from clerk.ocr.engine import GrayImage
from clerk.ocr.turn import middling, to_pillow, turned

# Below this a page is left as it is: turning blurs it a little, and engines stand it.
LEAST_SKEW = 0.5
_BLUR = 0.7
_CELL, _WHITE, _ROWS = 16, 250, 128


@dataclass(frozen=True, slots=True)
class Repaired:
    """An image, and how it came from one of `width` by `height` pixels: quarter turns first, then `skew`.

    `condition` is that of the first image, where it was looked at.
    """

    image: GrayImage
    width: int
    height: int
    turn: int
    skew: float
    condition: Condition = SOUND

    def back(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """The box on the first image that holds a box of the repaired one, as shares (0 to 1) of its size."""
        points = [self._back(x, y) for x in (left, right) for y in (top, bottom)]
        xs, ys = [x / self.width for x, _ in points], [y / self.height for _, y in points]
        return _inside(min(xs)), _inside(min(ys)), _inside(max(xs)), _inside(max(ys))

    def _back(self, x: float, y: float) -> tuple[float, float]:
        upright = self.turn in (0, 180)
        width, height = (self.width, self.height) if upright else (self.height, self.width)
        cosine, sine = math.cos(math.radians(self.skew)), math.sin(math.radians(self.skew))
        x, y = x - self.image.width / 2, y - self.image.height / 2
        x, y = x * cosine - y * sine + width / 2, x * sine + y * cosine + height / 2
        match self.turn:
            case 90:
                return y, self.height - x
            case 180:
                return self.width - x, self.height - y
            case 270:
                return self.width - y, x
        return x, y


def repaired(
    image: GrayImage, *, turn: int = 0, skew: float = 0.0, smooth: bool = False, clean: bool = False
) -> Repaired:
    """The image turned clockwise by `turn` (0, 90, 180, 270), then counter-clockwise by `skew` degrees.

    `smooth` blurs specks and takes shadows and fading away; `clean` takes specks out before.
    """
    smooth = smooth or clean
    made = turned(image, turn)
    skew = skew if abs(skew) >= LEAST_SKEW else 0.0
    sheet = to_pillow(made)
    if clean:
        # The middle one of each three by three pixels.
        sheet = sheet.filter(ImageFilter.MedianFilter(3))
    if skew:
        sheet = sheet.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=_paper(sheet))
    if smooth:
        sheet = _even(sheet.filter(ImageFilter.GaussianBlur(_BLUR)))
    made = _like(made, sheet) if skew or smooth else made
    return Repaired(replace(made, even=smooth), image.width, image.height, turn, skew)


def _even(sheet: Image.Image) -> Image.Image:
    """The sheet with white paper all over: each pixel as a share of the paper's brightness around it."""
    paper = sheet.reduce(_CELL).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(3))
    around = np.asarray(paper.resize(sheet.size, Image.Resampling.BILINEAR))
    made = np.array(sheet)
    # Some rows at a time: a whole page of fractions would take 50 MB.
    for start in range(0, made.shape[0], _ROWS):
        rows = slice(start, start + _ROWS)
        shares = made[rows] / np.maximum(around[rows], np.float32(1))
        made[rows] = np.clip(shares * _WHITE, 0, 255)
    return Image.fromarray(made)


def _like(image: GrayImage, made: Image.Image) -> GrayImage:
    return replace(image, width=made.width, height=made.height, stride=made.width, samples=made.tobytes())


def _paper(sheet: Image.Image) -> int:
    """The colour of the paper: the middling one."""
    return middling(sheet.reduce(8).histogram())


def _inside(share: float) -> float:
    return min(1.0, max(0.0, share))
