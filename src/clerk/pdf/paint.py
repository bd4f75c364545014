"""Measures what covers a page, on a coarse grid: exact areas of many boxes are not worth their time."""

from __future__ import annotations

from collections.abc import Sequence

Box = tuple[float, float, float, float]
GRID = 32
_EMPTY: frozenset[int] = frozenset()


def cells(box: Box, frame: Box) -> frozenset[int]:
    """Cells of a grid of 32 by 32 over `frame` that `box` covers: at least one, if it touches the frame."""
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    if width <= 0 or height <= 0:
        return _EMPTY
    left, right = _steps(box[0] - frame[0], box[2] - frame[0], width)
    top, bottom = _steps(box[1] - frame[1], box[3] - frame[1], height)
    return frozenset(row * GRID + column for row in range(top, bottom) for column in range(left, right))


def cover(boxes: Sequence[Box], frame: Box) -> float:
    """Share (0 to 1) of `frame` under `boxes`."""
    return len(_EMPTY.union(*(cells(box, frame) for box in boxes))) / (GRID * GRID)


def covered(log: Sequence[tuple[str, Box]], frame: Box) -> int:
    """Count visible pieces of text that images painted later hide; `log` is in the order of painting."""
    hidden = 0
    later: set[int] = set()
    for kind, box in reversed(log):
        if kind == "fill-image":
            later |= cells(box, frame)
        elif later and kind in ("fill-text", "stroke-text"):
            own = cells(box, frame)
            hidden += bool(own) and own <= later
    return hidden


def _steps(start: float, end: float, size: float) -> tuple[int, int]:
    # Written so that a box of no number at all (NaN) covers nothing.
    if not (start < size and end > 0 and start <= end):
        return 0, 0
    first = min(GRID - 1, round(max(0.0, start) / size * GRID))
    last = round(min(size, end) / size * GRID)
    return first, max(last, first + 1)
