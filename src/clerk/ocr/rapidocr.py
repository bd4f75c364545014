"""Built-in OCR engine `rapidocr`: neural networks, better on bad scans than Tesseract and five times as slow."""

from __future__ import annotations

import importlib

from clerk.errors import OcrUnavailableError
from clerk.hookspecs import hookimpl
from clerk.ocr.engine import OcrEngine

NAME = "rapidocr"


@hookimpl
def ocr_engine(name: str, languages: str) -> OcrEngine | None:
    """The engine.

    Raises:
        OcrUnavailableError: it is not installed.
    """
    if name != NAME:
        return None
    try:
        module = importlib.import_module("clerk.ocr._rapidocr")
    except ImportError as error:
        raise OcrUnavailableError(
            "The OCR backend rapidocr is not installed.",
            advice="Install it with `pip install rapidocr onnxruntime`.",
        ) from error
    engine: OcrEngine = module.NeuralEngine(languages)
    return engine
