"""The only module that imports tesserocr. Imported inside the child process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tesserocr

from clerk.ocr.engine import GrayImage, Recognition, Word

# Sauvola, since the background of scans is uneven; Otsu where it is not.
_SAUVOLA, _OTSU = "2", "0"
VERSION = " ".join(tesserocr.tesseract_version().split()[:2])


class InProcessTesseract:
    """Tesseract with one warm API object. See `clerk.ocr.engine.OcrEngine`.

    Args:
        languages: codes joined by "+".
        folder: where their `.traineddata` files are.
        osd_folder: where `osd.traineddata` is, "" where there is none.
    """

    name = "tesseract"
    ordered = True

    def __init__(self, languages: str, folder: str, osd_folder: str) -> None:
        self.version = VERSION
        self.languages = languages
        self._api: Any = tesserocr.PyTessBaseAPI(
            path=folder, lang=languages, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
        )
        self._osd_folder = osd_folder

    def recognise(self, image: GrayImage) -> Recognition:
        """Recognise a page as it stands."""
        self._api.SetVariable("thresholding_method", _OTSU if image.even else _SAUVOLA)
        with _shown(self._api, image):
            text = self._api.GetUTF8Text()
            if not text.strip():
                return Recognition("", 0.0)
            return Recognition(text, float(self._api.MeanTextConf()), tuple(_words(self._api)))

    def turns(self, image: GrayImage) -> tuple[int, ...]:
        """The quarter turn that orientation detection names; all where it can tell nothing."""
        if self._osd_folder:
            # Loaded for each of the few pages that ask: a tenth of a second, against 30 MB for all the time.
            with (
                tesserocr.PyTessBaseAPI(path=self._osd_folder, lang="osd", psm=tesserocr.PSM.OSD_ONLY) as osd,
                _shown(osd, image),
            ):
                found = osd.DetectOrientationScript()
            if found and found.get("orient_conf", 0) > 0:
                # It says how far the page is turned counter-clockwise from upright, in degrees.
                degrees = int(found["orient_deg"]) % 360
                return ((360 - degrees) % 360,) if degrees else ()
        return (90, 270, 180)


def _words(api: Any) -> Iterator[Word]:
    level = tesserocr.RIL.WORD
    for item in tesserocr.iterate_level(api.GetIterator(), level):
        box = item.BoundingBox(level)
        if box is not None:
            left, top, right, bottom = box
            yield Word(item.GetUTF8Text(level), left, top, right, bottom, item.Confidence(level))


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
