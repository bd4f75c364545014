"""How a page lies on its scan: askew, or on its side. Imported inside the child process, with numpy.

Lines of text make a profile of the page, its ink a row, full of steep edges when the rows follow the lines. The page
is cut into upright strips whose profiles are made once; shifting them against each other stands for turning it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clerk.ocr.engine import GrayImage
from clerk.ocr.turn import middling, to_pillow

LIMIT = 7.0
_HEIGHT = 800
_STRIPS = 32
_COARSE, _FINE = 0.5, 0.1
# How much darker than the paper ink is, and the most that a pixel counts, so that black edges do not outweigh text.
_DARKER, _MOST = 20, 60
_MARGIN = 0.04
# Sharpness of the best angle against the middling one: lines of text have 15 and more. The margin, at which all lines
# of a page on its side begin, may have a few.
_SURE, _LINES, _TIMES = 12.0, 4.0, 2.0
_CELL, _INK = 4, 35


@dataclass(frozen=True, slots=True)
class Posture:
    """`skew` is what brings the lines level, in degrees counter-clockwise, 0 where no lines are seen.

    `sideways` is True where lines are seen only across the page.
    """

    skew: float
    sideways: bool


def posture(image: GrayImage) -> Posture:
    """Look how the page lies. Takes about 4 ms."""
    ink = _ink(image)
    if ink is None:
        return Posture(0.0, sideways=False)
    angle, sharpness = _level(ink)
    if sharpness < _SURE:
        _, across = _level(ink.T)
        if across >= _LINES and across > _TIMES * sharpness:
            # Its angle is found once it is upright.
            return Posture(0.0, sideways=True)
    return Posture(angle if sharpness >= _LINES else 0.0, sideways=False)


def _ink(image: GrayImage) -> Any:
    factor = max(1, round(max(image.width, image.height) / _HEIGHT))
    small = to_pillow(image).reduce(factor)
    top, side = int(small.height * _MARGIN), int(small.width * _MARGIN)
    small = small.crop((side, top, small.width - side, small.height - top))
    if min(small.size) < 2 * _STRIPS:
        return None
    paper = middling(small.histogram())
    return np.clip(paper - _DARKER - np.asarray(small, dtype=np.int16), 0, _MOST)


def _level(ink: Any) -> tuple[float, float]:
    height, width = ink.shape
    strip = width // _STRIPS
    profiles = np.ascontiguousarray(ink[:, : _STRIPS * strip].reshape(height, _STRIPS, strip).sum(axis=2).T)
    centres = (np.arange(_STRIPS) - (_STRIPS - 1) / 2) * strip
    coarse = np.arange(-LIMIT, LIMIT + _COARSE / 2, _COARSE)
    scores = _sharpness(profiles, centres, coarse)
    middling_score = float(np.median(scores))
    if middling_score <= 0:
        return 0.0, 0.0
    nearest = float(coarse[int(np.argmax(scores))])
    fine = np.arange(nearest - _COARSE, nearest + _COARSE + _FINE / 2, _FINE)
    scores = _sharpness(profiles, centres, fine)
    return round(float(fine[int(np.argmax(scores))]), 1), float(scores.max()) / middling_score


def _sharpness(profiles: Any, centres: Any, angles: Any) -> Any:
    """For each angle the sum of the squared steps of the profile of the page turned by it."""
    shifts = np.rint(np.outer(-np.tan(np.radians(angles)), centres)).astype(int)
    length = profiles.shape[1]
    totals = np.zeros((len(angles), length))
    for profile, shift in zip(profiles, shifts.T, strict=True):
        # Every shift of the profile around its ends is a window on two of them in a row.
        windows = np.lib.stride_tricks.sliding_window_view(np.concatenate((profile, profile)), length)
        totals += windows[-shift % length]
    steps = np.diff(totals, axis=1)
    return np.einsum("ij,ij->i", steps, steps)


def lost(image: GrayImage, boxes: Sequence[tuple[float, float, float, float]]) -> float:
    """Share (0 to 1) of the page's ink that lies outside of all `boxes` (left, top, right, bottom in pixels).

    Lines that an engine passed over show in no confidence; they show here, as do pictures and rules.
    """
    # A speck is less than a cell.
    small = to_pillow(image).reduce(_CELL)
    ink = np.asarray(small, dtype=np.int16) < middling(small.histogram()) - _INK
    total = int(ink.sum())
    if not total:
        return 0.0
    for left, top, right, bottom in boxes:
        rows = slice(max(0, int(top) // _CELL - 1), int(bottom) // _CELL + 2)
        ink[rows, max(0, int(left) // _CELL - 1) : int(right) // _CELL + 2] = False
    return float(ink.sum()) / total
