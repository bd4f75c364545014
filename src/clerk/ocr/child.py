"""The function that runs inside the child process: draws a page and has it recognised."""

from __future__ import annotations

from pathlib import Path

from clerk.errors import OcrUnavailableError
from clerk.isolation import engine_loading
from clerk.ocr.engine import GrayImage, OcrEngine, Recognition
from clerk.pdf.child import library
from clerk.plugins import guarded, plugin_manager

DPI = 150
# An A0 sheet at 150 dpi has 35 megapixels; what is larger is drawn smaller.
MAX_PIXELS = 25_000_000

_engines: dict[tuple[str, str, str], OcrEngine] = {}


def engine(backend: str, languages: str, plugins_dir: str) -> OcrEngine:
    """The engine of that name, loaded once a process.

    Raises:
        OcrUnavailableError: no plug-in offers it, or it cannot be loaded.
    """
    key = (backend, languages, plugins_dir)
    if key not in _engines:
        with engine_loading():
            manager = plugin_manager(plugins_dir or None)
            with guarded(f"The OCR backend {backend!r} cannot be loaded"):
                found = manager.hook.ocr_engine(name=backend, languages=languages)
        if found is None:
            raise OcrUnavailableError(
                f"There is no OCR backend named {backend!r}.",
                advice="Use tesseract or tesseract-cli, or install the plug-in that offers it.",
            )
        _engines[key] = found
    return _engines[key]


def describe(backend: str, languages: str, plugins_dir: str) -> tuple[str, str, str]:
    """Load the engine and return its name, version and languages."""
    found = engine(backend, languages, plugins_dir)
    return found.name, found.version, found.languages


def recognise(
    path: Path, page: int, backend: str, languages: str, plugins_dir: str
) -> tuple[Recognition, str, str, str]:
    """Recognise page `page`, from 1: the text, and the engine's name, version and languages."""
    found = engine(backend, languages, plugins_dir)
    mupdf = library()
    with mupdf.opened(path) as document:
        image = GrayImage(*document.render(page, DPI, MAX_PIXELS))
    result = found.recognise(image)
    # Made anew of plain values: a plug-in's own class may not be known to the parent.
    confidence = None if result.confidence is None else float(result.confidence)
    return Recognition(str(result.text), confidence), found.name, found.version, found.languages
