"""The only module that imports ocrmac. Imported inside the child process."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ocrmac import ocrmac

from clerk.ocr.engine import GrayImage, Recognition
from clerk.ocr.lines import Line, recognition
from clerk.ocr.turn import to_pillow

# What Vision calls the languages that Tesseract names by three letters. Those that only newer systems know are left
# out: asked for one that it does not know, Vision finds nothing at all.
_TAGS = {
    "eng": "en-US",
    "spa": "es-ES",
    "fra": "fr-FR",
    "deu": "de-DE",
    "ita": "it-IT",
    "por": "pt-BR",
    "chi_sim": "zh-Hans",
    "chi_tra": "zh-Hant",
}


class AppleVision:
    """Vision at its accurate level. See `clerk.ocr.engine.OcrEngine`.

    Args:
        languages: codes joined by "+", as Tesseract names them; those that Vision does not know are left out.
    """

    name = "vision"

    def __init__(self, languages: str) -> None:
        known = [code for code in languages.split("+") if code in _TAGS]
        self.languages = "+".join(known) or "eng"
        self.version = f"vision of macOS {platform.mac_ver()[0]}, ocrmac {_version()}"
        self._tags = [_TAGS[code] for code in known] or [_TAGS["eng"]]

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page. Vision finds lines; words get their share of the line."""
        found = ocrmac.OCR(
            to_pillow(image), recognition_level="accurate", language_preference=list(self._tags)
        ).recognize()
        return recognition(_lines(found, image.width, image.height))


def _lines(found: list[tuple[str, float, list[float]]], width: int, height: int) -> Iterator[Line]:
    # Boxes are shares of the image, counted from its left lower corner: x, y, width, height.
    for text, confidence, (x, y, wide, high) in found:
        yield Line(
            text,
            x * width,
            (1 - y - high) * height,
            (x + wide) * width,
            (1 - y) * height,
            confidence * 100,
        )


def _version() -> str:
    try:
        return version("ocrmac")
    except PackageNotFoundError:
        return "of unknown version"
