"""Built-in OCR engine `vision`: Apple's Vision framework, through ocrmac. On macOS only."""

from __future__ import annotations

import importlib
import sys

from clerk.errors import OcrUnavailableError
from clerk.hookspecs import hookimpl
from clerk.ocr.engine import OcrEngine

NAME = "vision"


@hookimpl
def ocr_engine(name: str, languages: str) -> OcrEngine | None:
    """The engine.

    Raises:
        OcrUnavailableError: this is no Mac, or ocrmac is not installed.
    """
    if name != NAME:
        return None
    if sys.platform != "darwin":
        raise OcrUnavailableError(
            "The OCR backend vision needs macOS.", advice="Use tesseract or rapidocr on this machine."
        )
    try:
        module = importlib.import_module("clerk.ocr._vision")
    except ImportError as error:
        raise OcrUnavailableError(
            "The OCR backend vision needs the package ocrmac.", advice="Install it with `pip install ocrmac`."
        ) from error
    engine: OcrEngine = module.AppleVision(languages)
    return engine
