"""The only module that imports rapidocr. Imported inside the child process.

Its models come inside of its package; nothing is downloaded. They read English, Spanish, other languages in Latin
letters, and Chinese, all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
from rapidocr import RapidOCR

from clerk.ocr.engine import GrayImage, Recognition
from clerk.ocr.lines import Line, recognition
from clerk.ocr.turn import to_pillow

_THREADS = 1


class NeuralEngine:
    """See `clerk.ocr.engine.OcrEngine`.

    Args:
        languages: for the record; the models know no choice of languages.
    """

    name = "rapidocr"

    def __init__(self, languages: str) -> None:
        self.languages = languages
        self.version = f"rapidocr {version('rapidocr')}"
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
                "EngineConfig.onnxruntime.inter_op_num_threads": _THREADS,
            }
        )

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page. Lines are found; words get their share of the line."""
        found = self._engine(np.asarray(to_pillow(image).convert("RGB")))
        return recognition(_lines(found))


def _lines(found: Any) -> Iterator[Line]:
    if found.txts is None:
        return
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        yield Line(str(text), min(xs), min(ys), max(xs), max(ys), float(score) * 100)
