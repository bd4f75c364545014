"""Draws a page and makes it ready for an engine. Imported inside the child process: it brings Pillow and numpy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from clerk.ocr.band import band
from clerk.ocr.condition import SOUND, condition
from clerk.ocr.engine import GrayImage, OcrEngine
from clerk.ocr.looks import DPI, FIRST, Look
from clerk.ocr.posture import lost, posture
from clerk.ocr.repair import Repaired, repaired
from clerk.ocr.turn import turned
from clerk.pdf import picture
from clerk.pdf.child import library

__all__ = ["band", "drawn", "lost", "prepared", "turns"]

# An A0 sheet at 150 dpi has 35 megapixels; what is larger is drawn smaller.
MAX_PIXELS = 25_000_000
_ALL_TURNS = (90, 270, 180)


def drawn(path: Path, page: int, dpi: int) -> GrayImage:
    """Page `page`, from 1, as the PDF shows it."""
    with library().opened(path) as document:
        return GrayImage(*document.render(page, dpi, MAX_PIXELS))


def turns(engine: OcrEngine, image: GrayImage) -> tuple[int, ...]:
    """Quarter turns, in degrees clockwise, of which one may bring the image upright."""
    ask = getattr(engine, "turns", None)
    return _ALL_TURNS if ask is None else tuple(int(turn) % 360 for turn in ask(image))


def prepared(path: Path, page: int, look: Look, engine: OcrEngine) -> Repaired:
    """The page as `look` wants it: upright, level, and cleaned where it says so."""
    image = drawn(path, page, look.dpi)
    turn = look.turn
    lies = posture(turned(image, turn))
    if look == FIRST:
        # So that the page's image, where one is kept, is made of the same pixels.
        picture.keep(path, page, image.width, image.height, image.stride, image.samples)
        if lies.sideways:
            # Reading it as it stands would be a second of garbage.
            named = turns(engine, image)
            turn = named[0] if len(named) == 1 else 0
            lies = posture(turned(image, turn)) if turn else lies
    state = condition(image) if look.dpi == DPI else SOUND
    made = repaired(image, turn=turn, skew=lies.skew, smooth=state.rough, clean=look.clean)
    return replace(made, condition=state)
