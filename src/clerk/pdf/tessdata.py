"""Finds the files of Tesseract's languages. Reads the environment when asked, never at import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_SYSTEM = (
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
)


def folders() -> Iterator[Path]:
    """Folders that may hold `.traineddata` files, the preferred first."""
    named = os.environ.get("TESSDATA_PREFIX")
    if named:
        yield from (Path(named), Path(named) / "tessdata")
    yield Path(sys.prefix) / "share" / "tessdata"
    yield from sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
    yield from map(Path, _SYSTEM)


def traineddata(language: str) -> Path | None:
    """The file of a language, or None where it is not installed."""
    candidates = (folder / f"{language}.traineddata" for folder in folders())
    return next((path for path in candidates if path.is_file()), None)


def traineddata_files(languages: str) -> tuple[tuple[str, str], ...]:
    """(code, path or "") of each of `languages`, which are joined by "+"."""
    return tuple((code, str(traineddata(code) or "")) for code in languages.split("+") if code)
