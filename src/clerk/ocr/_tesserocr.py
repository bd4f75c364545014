"""The only module that imports tesserocr. Imported inside the child process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tesserocr

from clerk.ocr.engine import GrayImage, Recognition
from clerk.ocr.turn import turned

# Sauvola: the background of scans is uneven.
_THRESHOLDING = "2"
# A page that stands on its side or its head reads as garbage with about 45; good pages have 90 and more.
DOUBTFUL = 70.0
VERSION = " ".join(tesserocr.tesseract_version().split()[:2])


class InProcessTesseract:
    """Tesseract with one warm API object. See `clerk.ocr.engine.OcrEngine`.

    Args:
        languages: codes joined by "+".
        folder: where their `.traineddata` files are.
        osd_folder: where `osd.traineddata` is, "" where there is none.
    """

    name = "tesseract"

    def __init__(self, languages: str, folder: str, osd_folder: str) -> None:
        self.version = VERSION
        self.languages = languages
        self._api: Any = tesserocr.PyTessBaseAPI(
            path=folder, lang=languages, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
        )
        self._api.SetVariable("thresholding_method", _THRESHOLDING)
        self._osd: Any = None
        if osd_folder:
            self._osd = tesserocr.PyTessBaseAPI(path=osd_folder, lang="osd", psm=tesserocr.PSM.OSD_ONLY)

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page; one that reads badly is tried the other way round."""
        best = self._read(image)
        if (best.confidence or 0.0) >= DOUBTFUL or not any(map(str.isalnum, best.text)):
            return best
        for clockwise in self._turns(image):
            other = self._read(turned(image, clockwise))
            if (other.confidence or 0.0) > (best.confidence or 0.0):
                best = other
            if (best.confidence or 0.0) >= DOUBTFUL:
                break
        return best

    def _read(self, image: GrayImage) -> Recognition:
        with _shown(self._api, image):
            text = self._api.GetUTF8Text()
            confidence = float(self._api.MeanTextConf()) if text.strip() else 0.0
        return Recognition(text, confidence)

    def _turns(self, image: GrayImage) -> tuple[int, ...]:
        """Quarter turns worth a try: the one that orientation detection names, else all."""
        if self._osd is not None:
            with _shown(self._osd, image):
                found = self._osd.DetectOrientationScript()
            if found and found.get("orient_conf", 0) > 0:
                # It says how far the page is turned counter-clockwise from upright, in degrees.
                degrees = int(found["orient_deg"]) % 360
                return ((360 - degrees) % 360,) if degrees else ()
        return (90, 270, 180)


@contextlib.contextmanager
def _shown(api: Any, image: GrayImage) -> Iterator[None]:
    api.SetImageBytes(image.samples, image.width, image.height, 1, image.stride)
    api.SetSourceResolution(max(image.dpi, 70))
    try:
        yield
    finally:
        # Frees the page and forgets what was adapted to it: equal images give equal texts.
        api.Clear()
        api.ClearAdaptiveClassifier()
