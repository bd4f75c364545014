"""What an OCR engine is: the protocol that plug-ins implement, and the values that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GrayImage:
    """A page as 8-bit gray.

    `stride` is bytes a row; `samples` has `stride * height` bytes. `even` says that the paper is equally white all
    over, so that one threshold suits the whole page.
    """

    width: int
    height: int
    stride: int
    samples: bytes
    dpi: int
    even: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in the text, its box in pixels of the image from the left upper corner, and its confidence.

    `confidence` is 0 to 100, None where the engine has none.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """Recognised text, the mean confidence of its words (0 to 100, None where the engine has none), and the words.

    `words` are in the order of the text; an engine that knows no boxes leaves them empty.
    """

    text: str
    confidence: float | None
    words: tuple[Word, ...] = ()


class OcrEngine(Protocol):
    """A loaded engine. `recognise` is called for one page after the other, always in the same process.

    `name` and `version` go into the record of each page: a changed version means that the text may change.
    `languages` are those in use, joined by "+".

    An engine may have `ordered`, True where it makes a difference which of its languages comes first: then it is loaded
    with the language of the page before the others, where that can be told.

    An engine may also have `turns(image)`: the quarter turns, in degrees clockwise, of which one may bring the page
    upright; without it all three are tried where a page reads badly.
    """

    name: str
    version: str
    languages: str

    def recognise(self, image: GrayImage) -> Recognition:
        """The text of a page. Equal images give equal texts."""
        ...
