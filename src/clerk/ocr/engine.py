"""What an OCR engine is: the protocol that plug-ins implement, and the values that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GrayImage:
    """A page as 8-bit gray, upright as the PDF says.

    `stride` is bytes a row; `samples` has `stride * height` bytes.
    """

    width: int
    height: int
    stride: int
    samples: bytes
    dpi: int


@dataclass(frozen=True, slots=True)
class Recognition:
    """Recognised text, and the mean confidence of its words, 0 to 100 (None where the engine has none)."""

    text: str
    confidence: float | None


class OcrEngine(Protocol):
    """A loaded engine. `recognise` is called for one page after the other, always in the same process.

    `name` and `version` go into the record of each page: a changed version means that the text may change.
    `languages` are those in use, joined by "+".
    """

    name: str
    version: str
    languages: str

    def recognise(self, image: GrayImage) -> Recognition:
        """The text of a page. Equal images give equal texts."""
        ...
