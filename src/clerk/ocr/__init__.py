"""Recognises the text of scanned pages. Engines are plug-ins, loaded in the child process only."""

from __future__ import annotations

from clerk.ocr.languages import resolve_languages
from clerk.ocr.recognise import OcrOptions, PageText, check_backend, recognise_page

__all__ = [
    "OcrOptions",
    "PageText",
    "check_backend",
    "recognise_page",
    "resolve_languages",
]
