"""The functions that run inside the child process: they draw a page and have it recognised."""

from __future__ import annotations

import importlib
import itertools
import os
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clerk import layout
from clerk.errors import OcrUnavailableError
from clerk.isolation import engine_loading
from clerk.ocr.engine import OcrEngine, Recognition
from clerk.ocr.looks import DPI, Look, Seen
from clerk.ocr.tongue import UNKNOWN, Tongue, led_by, tongue_of, worth_asking
from clerk.pdf.child import library
from clerk.pdf.normal import normalise
from clerk.pdf.tessdata import traineddata_files
from clerk.pdf.words import WordList, word_list
from clerk.plugins import guarded, plugin_manager

_engines: dict[tuple[str, str, str], OcrEngine] = {}
# The key of the engine whose first language is not the site's first.
_led: list[tuple[str, str, str]] = []
_loaded: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine: `backend` by name, `languages` joined by "+", and the folder of plug-ins.

    `tongue` is the language of the page where it is known from an earlier look.
    """

    backend: str
    languages: str
    plugins_dir: str
    tongue: Tongue = UNKNOWN


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
                advice="Use tesseract, tesseract-cli, vision or rapidocr, or install the plug-in that offers it.",
            )
        _engines[key] = found
    return _engines[key]


def describe(backend: str, languages: str, plugins_dir: str) -> tuple[str, str, str]:
    """Load the engine and return its name, version and languages."""
    found = engine(backend, languages, plugins_dir)
    return found.name, found.version, found.languages


def turns(path: Path, page: int, options: EngineOptions) -> tuple[int, ...]:
    """Quarter turns, in degrees clockwise, of which one may bring the page upright."""
    found = engine(options.backend, options.languages, options.plugins_dir)
    sight = _sight()
    result: tuple[int, ...] = sight.turns(found, sight.drawn(path, page, DPI))
    return result


def look(path: Path, page: int, wanted: Look, options: EngineOptions) -> Seen:
    """Look at page `page`, from 1, in the way of `wanted`."""
    found = engine(options.backend, options.languages, options.plugins_dir)
    words, sight = _dictionary(options.languages), _sight()
    began, cpu = time.monotonic(), _cpu()
    shown = sight.prepared(path, page, wanted, found)
    tongue = _tongue(found, shown.image, options, sight)
    loading, loading_cpu = time.monotonic(), _cpu()
    found = _leading(found, options, tongue)
    began, cpu = began + time.monotonic() - loading, cpu + _cpu() - loading_cpu
    seen = _seen(found.recognise(shown.image), shown, words, sight)
    return replace(
        seen,
        tongue=tongue,
        engine=found.name,
        version=found.version,
        languages=found.languages,
        cpu=_cpu() - cpu,
        seconds=time.monotonic() - began,
    )


def _tongue(found: OcrEngine, image: Any, options: EngineOptions, sight: Any) -> Tongue:
    """The language of the page, where the order of languages matters to the engine: asked of a few of its lines."""
    if not getattr(found, "ordered", False) or not worth_asking(options.languages):
        return UNKNOWN
    if options.tongue.language:
        return options.tongue
    strip = sight.band(image)
    return UNKNOWN if strip is None else tongue_of(str(found.recognise(strip).text), options.languages)


def _leading(found: OcrEngine, options: EngineOptions, tongue: Tongue) -> OcrEngine:
    """The engine that has the page's language first. One besides the site's is kept: pages of a document agree."""
    languages = led_by(options.languages, tongue.language)
    if languages == options.languages:
        return found
    key = (options.backend, languages, options.plugins_dir)
    if _led and _led[0] != key:
        _engines.pop(_led[0], None)
    _led[:] = [key]
    return engine(*key)


def _seen(result: Recognition, shown: Any, words: WordList, sight: Any) -> Seen:
    # Made anew of plain values: a plug-in's own class may not be known to the parent.
    text = normalise(str(result.text))
    boxes = [
        (normalise(str(word.text)).strip(), shown.back(word.left, word.top, word.right, word.bottom), word)
        for word in getattr(result, "words", ())
    ]
    placed = [(text, _box(box, word)) for text, box, word in boxes if text]
    count, known = words.share(text, limit=1_000_000)
    heights = [word.bottom - word.top for _, _, word in boxes]
    return Seen(
        text=text,
        layout=layout.encode(text, layout.placed(text, placed)) if placed else b"",
        confidence=_plain(result.confidence),
        engine="",
        version="",
        languages="",
        words=count,
        known=known if words.usable else None,
        height=statistics.median(heights) * DPI / shown.image.dpi if heights else 0.0,
        lost=sight.lost(shown.image, [(w.left, w.top, w.right, w.bottom) for *_, w in boxes])
        if boxes
        else 0.0,
        jumps=_jumps([(word.top, word.bottom) for *_, word in boxes]),
        rough=shown.condition.rough,
        uneven=shown.condition.uneven,
        skew=shown.skew,
        turn=shown.turn,
    )


def _jumps(rows: list[tuple[float, float]]) -> int:
    """How often a word ends above where the one before began."""
    return sum(bottom < top for (top, _), (_, bottom) in itertools.pairwise(rows))


def _box(box: tuple[float, float, float, float], word: Any) -> layout.WordBox:
    left, top, right, bottom = box
    return layout.WordBox(left, top, right, bottom, _plain(word.confidence))


def _plain(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)


def _dictionary(languages: str) -> WordList:
    with engine_loading():
        return word_list(traineddata_files(languages))


def _sight() -> Any:
    """The module that handles pixels, imported at the first use, with the PDF library."""
    if "sight" not in _loaded:
        library()
        with engine_loading():
            _loaded["sight"] = importlib.import_module("clerk.ocr.sight")
    return _loaded["sight"]


def _cpu() -> float:
    """CPU seconds of this process and of the commands that it has waited for."""
    return sum(os.times()[:4])
