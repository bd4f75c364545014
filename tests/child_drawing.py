"""What tests let a child process draw."""

from __future__ import annotations

from pathlib import Path

from clerk.ocr import child
from clerk.ocr.looks import FIRST
from clerk.pdf import picture


def recognise_and_draw(path: str) -> bytes:
    """The image of the first page, made of what recognition drew: the document is gone by then."""
    child.look(Path(path), 1, FIRST, child.EngineOptions("tesseract", "eng", ""))
    Path(path).unlink()
    return picture.png(Path(path), 1)
