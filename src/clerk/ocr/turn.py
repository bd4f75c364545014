"""Turns a gray image by quarter turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from clerk.ocr.engine import GrayImage

_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def to_pillow(image: GrayImage) -> Image.Image:
    """The image as Pillow's, mode L."""
    size = (image.width, image.height)
    return Image.frombuffer("L", size, image.samples, "raw", "L", image.stride, 1)


def middling(counts: Sequence[int]) -> int:
    """The middling colour of a histogram of 256 colours, white for one of no pixels."""
    half, seen = sum(counts) / 2, 0
    for colour, count in enumerate(counts):
        seen += count
        if seen >= half > 0:
            return colour
    return 255


def turned(image: GrayImage, clockwise: int) -> GrayImage:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    if clockwise == 0:
        return image
    result = to_pillow(image).transpose(_TURNS[clockwise])
    return replace(
        image, width=result.width, height=result.height, stride=result.width, samples=result.tobytes()
    )
