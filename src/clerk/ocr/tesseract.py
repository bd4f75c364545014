"""Built-in OCR engine `tesseract`: Tesseract in this process, through tesserocr."""

from __future__ import annotations

import importlib

from clerk.hookspecs import hookimpl
from clerk.ocr import tesseract_cli
from clerk.ocr.engine import OcrEngine
from clerk.ocr.languages import gathered, resolve_languages
from clerk.pdf.tessdata import traineddata

NAME = "tesseract"


@hookimpl
def ocr_engine(name: str, languages: str) -> OcrEngine | None:
    """The engine, or the one of the `tesseract` command where tesserocr cannot be imported."""
    if name != NAME:
        return None
    try:
        module = importlib.import_module("clerk.ocr._tesserocr")
    except ImportError:
        # The record of each page names the engine that was really used.
        return tesseract_cli.load(languages)
    used, _ = resolve_languages(languages)
    osd = traineddata("osd")
    engine: OcrEngine = module.InProcessTesseract(used, str(gathered(used)), str(osd.parent) if osd else "")
    return engine
