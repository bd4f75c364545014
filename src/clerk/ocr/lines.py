"""Makes a page of the lines that an engine found by itself, in no sure order: rows, words and paragraphs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from clerk.ocr.engine import Recognition, Word


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a line, its box in pixels from the left upper corner, and its confidence, 0 to 100."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def recognition(found: Iterable[Line]) -> Recognition:
    """The page: pieces of one height are one line, a larger gap between lines is a blank line."""
    lines = [line for line in found if line.text.strip()]
    if not lines:
        return Recognition("", 0.0)
    height = statistics.median(line.bottom - line.top for line in lines)
    rows = _rows(lines, height)
    parts: list[str] = []
    below = None
    for row in rows:
        top = min(line.top for line in row)
        if below is not None and top - below > height:
            parts.append("")
        parts.append(" ".join(line.text.strip() for line in row))
        below = max(line.bottom for line in row)
    ordered = [line for row in rows for line in row]
    letters = sum(len(line.text) for line in ordered)
    confidence = sum(line.confidence * len(line.text) for line in ordered) / letters
    words = tuple(word for line in ordered for word in _words(line))
    return Recognition("\n".join(parts), round(confidence, 1), words)


def _rows(lines: list[Line], height: float) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.middle):
        row = next((row for row in reversed(rows) if _belongs(line, row, height)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _belongs(line: Line, row: list[Line], height: float) -> bool:
    """True where `line` is level with the piece of `row` beside it, and above or below none of them.

    Only the piece beside it counts, since a line of a page that lies askew sinks from piece to piece.
    """
    gaps = [(max(line.left, piece.left) - min(line.right, piece.right), piece) for piece in row]
    beside = min(gaps, key=lambda each: each[0])[1]
    if abs(line.middle - beside.middle) >= height / 2:
        return False
    # Boxes of neighbours may overlap a little.
    return all(-gap <= min(line.right - line.left, piece.right - piece.left) / 2 for gap, piece in gaps)


def _words(line: Line) -> Iterable[Word]:
    """The words of a line, each with the share of its width that its letters have of the line's."""
    text = line.text.strip()
    step = (line.right - line.left) / len(text)
    start = 0
    for word in text.split():
        at = text.index(word, start)
        start = at + len(word)
        yield Word(
            word, line.left + at * step, line.top, line.left + start * step, line.bottom, line.confidence
        )
