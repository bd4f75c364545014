"""The only module that imports pytesseract. Imported inside the child process."""

from __future__ import annotations

import re
from functools import lru_cache

import pytesseract

from clerk.ocr.engine import GrayImage, Recognition
from clerk.ocr.turn import to_pillow, turned

_DOUBTFUL = 70.0


class CommandTesseract:
    """One process of the command a page. See `clerk.ocr.engine.OcrEngine`."""

    name = "tesseract-cli"

    def __init__(self, program: str, languages: str, folder: str) -> None:
        self.languages = languages
        self.version = _version(program)
        self._program = program
        self._config = f'--tessdata-dir "{folder}" --oem 1 --psm 3 -c thresholding_method=2'

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page; one that reads badly is tried the other way round."""
        best = self._read(image)
        for clockwise in (90, 270, 180):
            if (best.confidence or 0.0) >= _DOUBTFUL or not any(map(str.isalnum, best.text)):
                break
            other = self._read(turned(image, clockwise))
            if (other.confidence or 0.0) > (best.confidence or 0.0):
                best = other
        return best

    def _read(self, image: GrayImage) -> Recognition:
        pytesseract.pytesseract.tesseract_cmd = self._program
        config = f"{self._config} --dpi {max(image.dpi, 70)}"
        table = pytesseract.image_to_data(
            to_pillow(image), lang=self.languages, config=config, output_type=pytesseract.Output.DICT
        )
        return Recognition(_text(table), _confidence(table))


def _text(table: dict[str, list[str | int | float]]) -> str:
    """Words joined as they stood: a line each, a blank line between paragraphs."""
    lines: dict[tuple[int, int, int], list[str]] = {}
    for block, paragraph, line, word in zip(
        table["block_num"], table["par_num"], table["line_num"], table["text"], strict=True
    ):
        if str(word).strip():
            lines.setdefault((int(block), int(paragraph), int(line)), []).append(str(word).strip())
    parts: list[str] = []
    last: tuple[int, int] | None = None
    for (block, paragraph, _), words in lines.items():
        if last not in (None, (block, paragraph)):
            parts.append("")
        parts.append(" ".join(words))
        last = (block, paragraph)
    return "\n".join(parts)


def _confidence(table: dict[str, list[str | int | float]]) -> float:
    values = [
        float(value) for value, word in zip(table["conf"], table["text"], strict=True) if str(word).strip()
    ]
    return round(sum(values) / len(values), 1) if values else 0.0


@lru_cache(maxsize=4)
def _version(program: str) -> str:
    pytesseract.pytesseract.tesseract_cmd = program
    number = re.match(r"[\d.]+", str(pytesseract.get_tesseract_version()))
    return f"tesseract {number.group() if number else 'of unknown version'}"
