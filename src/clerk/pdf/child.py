"""The functions that run inside the child process. Light to import; PyMuPDF comes with the first call."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clerk.errors import PageError
from clerk.isolation import engine_loading
from clerk.pdf.facts import Opened
from clerk.pdf.normal import normalise
from clerk.pdf.trust import Verdict, judge
from clerk.pdf.words import WordList, word_list

# What PyMuPDF imports where it is installed: a layout model with its runtime. It would take 0.7 CPU-seconds and 90 MB
# in each process, and leave files in the home and temporary folders.
_NEEDLESS = ("pymupdf.layout", "pymupdf4llm")

_loaded: dict[Any, Any] = {}


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page as the child read it: its normalised text and the verdict on it, or the error."""

    page: int
    text: str = ""
    verdict: Verdict | None = None
    error: str = ""


def look(path: Path) -> Opened:
    """Open the document and count its pages.

    Raises:
        DocumentError: it cannot be opened.
    """
    mupdf = library()
    with mupdf.opened(path) as document:
        result: Opened = document.look()
        return result


def read_pages(path: Path, pages: tuple[int, ...], files: tuple[tuple[str, str], ...]) -> list[PageRead]:
    """Read `pages` and judge their text by the dictionaries in `files`."""
    mupdf, words = library(), _words(files)
    with mupdf.opened(path) as document:
        return [_read(document, page, words) for page in pages]


def library() -> Any:
    """The module around PyMuPDF, imported at the first use."""
    if "mupdf" not in _loaded:
        with engine_loading():
            for name in _NEEDLESS:
                # None makes their import fail, with which PyMuPDF reckons.
                sys.modules.setdefault(name, None)  # type: ignore[arg-type]
            _loaded["mupdf"] = importlib.import_module("clerk.pdf._mupdf")
    return _loaded["mupdf"]


def _words(files: tuple[tuple[str, str], ...]) -> WordList:
    if files not in _loaded:
        with engine_loading():
            _loaded[files] = word_list(files)
    result: WordList = _loaded[files]
    return result


def _read(document: Any, page: int, words: WordList) -> PageRead:
    try:
        facts = document.facts(page)
    except PageError as error:
        # Memory is the whole process's affair: the caller goes on in a fresh one.
        if type(error) is not PageError:
            raise
        return PageRead(page, error=error.message)
    return PageRead(page, text=normalise(facts.text), verdict=judge(facts, words))
