"""The only module that imports pytesseract. Imported inside the child process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import pytesseract

from clerk.ocr.engine import GrayImage, Recognition, Word
from clerk.ocr.turn import to_pillow

Table = dict[str, list[str | int | float]]


class CommandTesseract:
    """One process of the command a page. See `clerk.ocr.engine.OcrEngine`."""

    name = "tesseract-cli"

    def __init__(self, program: str, languages: str, folder: str) -> None:
        self.languages = languages
        self.version = _version(program)
        self._program = program
        self._config = f'--tessdata-dir "{folder}" --oem 1 --psm 3'

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page as it stands."""
        pytesseract.pytesseract.tesseract_cmd = self._program
        threshold = 0 if image.even else 2
        config = f"{self._config} --dpi {max(image.dpi, 70)} -c thresholding_method={threshold}"
        table = pytesseract.image_to_data(
            to_pillow(image), lang=self.languages, config=config, output_type=pytesseract.Output.DICT
        )
        words = tuple(_words(table))
        return Recognition(_text(table), _confidence(words), words)


def _words(table: Table) -> Iterator[Word]:
    columns = (table[name] for name in ("text", "left", "top", "width", "height", "conf"))
    for text, left, top, width, height, confidence in zip(*columns, strict=True):
        if str(text).strip():
            x, y = float(left), float(top)
            yield Word(
                str(text).strip(), x, y, x + float(width), y + float(height), max(0.0, float(confidence))
            )


def _text(table: Table) -> str:
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


def _confidence(words: tuple[Word, ...]) -> float:
    values = [word.confidence or 0.0 for word in words]
    return round(sum(values) / len(values), 1) if values else 0.0


@lru_cache(maxsize=4)
def _version(program: str) -> str:
    pytesseract.pytesseract.tesseract_cmd = program
    number = re.match(r"[\d.]+", str(pytesseract.get_tesseract_version()))
    return f"tesseract {number.group() if number else 'of unknown version'}"
